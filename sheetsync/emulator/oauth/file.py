"""The ledger as one small file beside the journal, replaced whole after every change.

Not in the journal: that replays requests as a function of a seed, which must never make a secret, and it is
cleared with the files, while clients and consents outlive them. The file is written aside and moved into place,
so a kill leaves the old one or the new one, and before the reply goes out, so no token that was given out is lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sheetsync.emulator.oauth.accounts import Person, ServiceAccount
from sheetsync.emulator.oauth.clients import OAuthClient
from sheetsync.emulator.oauth.ledger import AccessToken, Code, Grant, Ledger, RefreshToken

Json = dict[str, Any]
NAME = "oauth.json"
VERSION = 1


def load(path: Path) -> Ledger:
    """The ledger of this file, an empty one when there is none. Raises ValueError for a file that is no ledger."""
    if not path.exists():
        return Ledger()
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"version is {data['version']!r}, not {VERSION}")
        return _from_json(data)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} does not hold the emulator's OAuth accounts ({error}): move it away") from error


def save(path: Path, ledger: Ledger, durable: bool) -> None:
    """Replace the file; only its owner may read it. `durable` waits for the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(_to_json(ledger), file)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    os.replace(aside, path)


def _to_json(ledger: Ledger) -> Json:
    tables = ("clients", "persons", "services", "grants", "codes", "refresh", "access")
    rows = {name: [asdict(each) for each in getattr(ledger, name).values()] for name in tables}
    return {"version": VERSION, "signing_key": ledger.signing_key, "dead": ledger.dead, **rows}


def _from_json(data: Json) -> Ledger:
    clients = [{**row, "redirect_uris": tuple(row["redirect_uris"])} for row in data["clients"]]
    return Ledger(
        clients=_table(OAuthClient, clients, lambda each: each.client_id),
        persons=_table(Person, data["persons"], lambda each: each.email),
        services=_table(ServiceAccount, data["services"], lambda each: each.email),
        grants=_table(Grant, data["grants"], lambda each: (each.email, each.client_id)),
        codes=_table(Code, data["codes"], lambda each: each.value),
        refresh=_table(RefreshToken, data["refresh"], lambda each: each.value),
        access=_table(AccessToken, data["access"], lambda each: each.value),
        dead=dict(data["dead"]),
        signing_key=data["signing_key"],
    )


def _table(kind: Callable[..., Any], rows: list[Json], key: Callable[[Any], Any]) -> dict[Any, Any]:
    items = [kind(**row) for row in rows]
    return {key(item): item for item in items}
