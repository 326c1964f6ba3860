"""`manage.py demo`: the main job from end to end on this machine, against the bundled emulator, every cell checked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from google.oauth2 import service_account

from sheetsync.management.demonstration.check import compare
from sheetsync.management.demonstration.people import Person
from sheetsync.management.demonstration.shop import COLUMNS, Shop
from sheetsync.sheets.client import SCOPES, Gateway, SheetsClient

TAB = "Orders"
READY = re.compile(r"Sheets emulator at (\S+)\nservice account file: (.+)\n")
SHOWN_ROWS = 8
NOTED_ROWS = 40


class Command(BaseCommand):
    """Seed a shop, export it, let it and its people change, export again, and compare every cell."""

    help = "Show the main job on made-up orders and an emulated spreadsheet; ends by itself."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large the shop is."""
        parser.add_argument("--orders", type=int, default=2_000)

    def handle(self, **options: Any) -> None:
        """Run the demo. Raises CommandError where a single cell differs."""
        started = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="sheetsync-demo-"))
        try:
            with self._emulator(folder) as (url, key_file):
                self._tour(folder, url, key_file, options["orders"])
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._say(f"done in {time.monotonic() - started:.0f} s; nothing was left behind")

    def _tour(self, folder: Path, url: str, key_file: str, count: int) -> None:
        client = _client(url, key_file)
        spreadsheet_id = _new_spreadsheet(client)
        person = Person(client, spreadsheet_id, TAB)
        shop = Shop.opened(count)
        self._say(f"a shop with {count:,} orders, and an empty spreadsheet: {url}/spreadsheets/d/{spreadsheet_id}/edit")
        self._sync(shop, folder, url, key_file, spreadsheet_id)
        self._verify(shop, person)

        column = person.add_notes_column("Our notes")
        notes = person.write_notes(column, NOTED_ROWS)
        person.sort("Customer")
        self._say(
            f"somebody inserts a column of their own, writes {len(notes)} notes into it and sorts the tab by customer"
        )
        day = shop.live_a_day()
        self._say("the shop lives a day: " + ", ".join(f"{number} {what}" for what, number in day.items()))
        self._sync(shop, folder, url, key_file, spreadsheet_id)
        self._verify(shop, person)
        if person.notes(column) != notes:
            raise CommandError("notes were lost or are on other rows")
        self._say(f"all {len(notes)} notes are still on the rows they were written on")

        self._say("once more, with nothing changed")
        self._sync(shop, folder, url, key_file, spreadsheet_id)
        self._show(person.table("FORMATTED_VALUE"))

    def _sync(self, shop: Shop, folder: Path, url: str, key_file: str, spreadsheet_id: str) -> None:
        """Export by the command that users run, in a process of its own."""
        shop.save(folder / "orders.jsonl")
        (folder / "columns.json").write_text(json.dumps(COLUMNS))
        arguments = ["--source", "file:orders.jsonl", "--spreadsheet", spreadsheet_id, "--tab", TAB]
        arguments += ["--rows", "line", "--columns", "columns.json"]
        self.stdout.write(self.style.MIGRATE_LABEL(f"\n$ manage.py sync_now {' '.join(arguments)}"))
        self.stdout.flush()
        environment = os.environ | {
            "SHEETSYNC_SHEETS_URL": url,
            "SHEETSYNC_CREDENTIALS_FILE": key_file,
            "SHEETSYNC_PACING": "off",
        }
        ended = subprocess.run([*_manage(), "sync_now", *arguments], cwd=folder, env=environment, check=False)  # noqa: S603
        if ended.returncode:
            raise CommandError("the export failed; its own message is above")

    def _verify(self, shop: Shop, person: Person) -> None:
        verdict = compare(shop.orders, person.table())
        if verdict.differences:
            raise CommandError("the tab differs from the source: " + "; ".join(verdict.differences[:5]))
        self._say(f"every cell equals the source: {verdict.rows:,} rows, {verdict.cells:,} cells compared")

    def _show(self, table: list[list[Any]]) -> None:
        """The first rows as people see them, and one that a careless export would have turned into a formula."""
        tricky = next(row for row in table if any(str(cell).startswith("=IMPORTXML") for cell in row))
        rows = [[str(cell)[:24] for cell in row[2:]] for row in [*table[:SHOWN_ROWS], tricky]]
        widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(len(rows[0]))]
        self.stdout.write("")
        for row in rows:
            self.stdout.write("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)))

    def _say(self, text: str) -> None:
        self.stdout.write(f"\n* {text}")
        self.stdout.flush()

    @contextmanager
    def _emulator(self, folder: Path) -> Iterator[tuple[str, str]]:
        """A running emulator: (its address, its service account's key file)."""
        command = [*_manage(), "sheets_emulator", "--port", "0", "--data", str(folder / "emulator")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - asked for just above
            ready = READY.match(process.stdout.readline() + process.stdout.readline())
            if ready is None:
                raise CommandError("the emulator did not start; its own message is above")
            yield ready[1], ready[2]
        finally:
            process.terminate()
            process.wait(20)


def _manage() -> list[str]:
    """This very site's manage.py, wherever it was started from."""
    return [sys.executable, str(Path(sys.argv[0]).resolve())]


def _client(url: str, key_file: str) -> SheetsClient:
    credentials = service_account.Credentials.from_service_account_file(key_file, scopes=SCOPES)
    return SheetsClient(Gateway(credentials, base_url=url))


def _new_spreadsheet(client: SheetsClient) -> str:
    reply = client.gateway.request("post", "/v4/spreadsheets", data=b'{"properties":{"title":"Cactus shop"}}')
    reply.raise_for_status()
    return str(reply.json()["spreadsheetId"])
