"""The emulator as its neighbours see it: its address, its service account, and the switches behind `/_emulator/`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from google.oauth2 import service_account

from project.demonstration.processes import Processes
from sheetsync.sheets.client import SCOPES, Gateway, SheetsClient

READY = re.compile(r"Sheets emulator at (\S+)\nservice account file: (.+)\n")
SECONDS = 30
Json = dict[str, Any]


@dataclass(frozen=True)
class RunningEmulator:
    """One that answers."""

    url: str
    key: Json

    @classmethod
    def started(cls, processes: Processes, data: Path, port: int) -> RunningEmulator:
        """Start it and wait for its first words. Whoever is started from then on talks to it."""
        data.mkdir(parents=True, exist_ok=True)
        arguments = ("--port", str(port), "--data", str(data), "--strict-auth")
        process = processes.start("emulator", "sheets_emulator", *arguments, log=data / "emulator.log")
        ready = processes.says(process, READY)
        processes.environment["SHEETSYNC_SHEETS_URL"] = ready[1]
        return cls(ready[1], json.loads(Path(ready[2]).read_text()))

    def client(self) -> SheetsClient:
        """A client of the public API, signed in as the service account."""
        credentials = service_account.Credentials.from_service_account_info(self.key, scopes=SCOPES)
        return SheetsClient(Gateway(credentials, base_url=self.url))

    def page(self, spreadsheet_id: str) -> str:
        """Where people see a spreadsheet."""
        return f"{self.url}/spreadsheets/d/{spreadsheet_id}/edit"

    @contextmanager
    def misbehaving(self, kind: str, **options: Any) -> Iterator[None]:
        """Meet calls in this way; afterwards all is well again, and calls that were held are let go."""
        self._ask("POST", "faults", {"kind": kind, **options})
        try:
            yield
        finally:
            self._make_well("DELETE", "faults")

    @contextmanager
    def revoked(self) -> Iterator[None]:
        """No grant is good for anything meanwhile."""
        self._ask("POST", "revoke", {"revoked": True})
        try:
            yield
        finally:
            self._make_well("POST", "revoke", {"revoked": False})

    def held(self) -> list[str]:
        """The calls that have arrived and are being held."""
        return list(self._ask("GET", "held")["held"])

    def release(self, name: str) -> None:
        """Let a held call go on."""
        self._ask("POST", "release", {"name": name})

    def calls(self) -> list[Json]:
        """All that were answered, in that order."""
        return list(self._ask("GET", "calls")["calls"])

    def _make_well(self, method: str, name: str, body: Json | None = None) -> None:
        with suppress(requests.ConnectionError):  # it has ended: that is what has to be told then, by whoever sees it
            self._ask(method, name, body)

    def _ask(self, method: str, name: str, body: Json | None = None) -> Json:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of this machine's user is for other addresses
            reply = session.request(method, f"{self.url}/_emulator/{name}", json=body, timeout=SECONDS)
        reply.raise_for_status()
        return dict(reply.json())
