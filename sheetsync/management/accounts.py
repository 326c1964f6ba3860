"""A client for an account that somebody names on the command line: a linked one, or a key file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import Error

from sheetsync.conf import settings as conf
from sheetsync.execute.opening import pacer_of
from sheetsync.management.verdicts import unasked
from sheetsync.models import GoogleAccount
from sheetsync.models.account import oauth_client
from sheetsync.sheets.client import Gateway, SheetsClient
from sheetsync.sheets.credentials import credentials_from
from sheetsync.sheets.pacing import Kind, LocalPacer, Pacer, Rate, Unpaced

PATIENCE = 120.0
"""Seconds that a person in front of a command waits for a quota which workers use as well."""

SHOWN = 10


def client_for(name: str) -> tuple[SheetsClient, str]:
    """A client, and the e-mail of its account. `name`: a linked account's id or e-mail, or a key file's path.

    A key file needs no database. A linked account shares its quota with the workers that use it.
    Raises CommandError, CannotDecrypt, GrantRevoked.
    """
    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        key = _key(path)
        return _client(key, _own_pacer()), str(key.get("client_email", name))
    account = _linked(name)
    secrets = account.secrets()
    project = str(secrets.get("project_id") or secrets.get("client_id") or "")
    return _client(secrets, replace(pacer_of(account.subject, project), longest=PATIENCE)), account.email


def _key(path: Path) -> dict[str, Any]:
    try:
        key = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise unasked(f"--account {path}: cannot be read as a service account's key file: {error}") from error
    if not isinstance(key, dict) or key.get("type") != "service_account":
        raise unasked(
            f"--account {path}: is not a service account's key file: make one in the Google Cloud console, under the "
            'service account, "Keys", as JSON'
        )
    return key


def _linked(name: str) -> GoogleAccount:
    wanted = {"pk": int(name)} if name.isdecimal() else {"email__iexact": name}
    try:
        found = list(GoogleAccount.objects.filter(**wanted).order_by("pk")[:SHOWN])
        known = ", ".join(f"{each.pk} {each.email}" for each in GoogleAccount.objects.order_by("-pk")[:SHOWN])
    except (Error, OverflowError) as error:
        raise unasked(f"--account {name}: cannot be looked up: {error}; give a key file's path instead") from error
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(f"{each.pk} of {each.tenant}" for each in found)
        raise unasked(f"--account {name}: several tenants linked it, give the id of one link: {several}")
    raise unasked(
        f"--account {name}: no such account is linked; the newest are: {known or 'none at all'}. "
        "Give one of these by id or e-mail, or the path of a service account's key file"
    )


def _client(secrets: Mapping[str, Any], pacer: Pacer) -> SheetsClient:
    gateway = Gateway(credentials_from(secrets, oauth_client()), base_url=conf.SHEETS_URL)
    gateway.set_timeout((conf.CONNECT_TIMEOUT, conf.READ_TIMEOUT))
    return SheetsClient(gateway, pacer)


def _own_pacer() -> Pacer:
    wanted: tuple[tuple[Kind, float | None], ...] = (
        ("read", conf.READS_PER_MINUTE),
        ("write", conf.WRITES_PER_MINUTE),
    )
    rates = {kind: Rate(per_minute=rate, burst=conf.BURST) for kind, rate in wanted if rate is not None}
    return LocalPacer(rates) if rates else Unpaced()
