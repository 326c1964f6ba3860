"""`manage.py check_sheets`: ask Google itself whether every assumption of the sheet contract holds.

What documents and third parties say cannot be tested against an emulator, which says what it was taught. Whoever has a
real account runs this once, on any spreadsheet: it works in tabs of its own and takes them away again.
"""

from __future__ import annotations

import json
import re
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import google.auth.exceptions
from django.core.management.base import BaseCommand, CommandError

from sheetsync.conf import settings as conf
from sheetsync.errors import SheetsyncError
from sheetsync.management import verdicts
from sheetsync.management.accounts import client_for
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.layout import MAX_CELLS
from sheetsync.sheets.probes import PROBES, LeftBehind, Outcome, Probe, ScratchTabs, Verdict, check
from sheetsync.sheets.probes.scratch import TITLE
from sheetsync.sheets.reading import Book, read_book

ROOM = 50_000
"""Cells that a check may need, all tabs kept."""


class Command(BaseCommand):
    """Exit code 0 only if all that was asked holds; 1 if something is broken, 2 if something got no answer."""

    help = "Ask the Sheets API, in tabs made and removed for it, whether it does what sheetsync relies on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom to ask, with whose account, and what."""
        parser.add_argument("--account", help="id or e-mail of a linked account, or a service account's key file")
        parser.add_argument("--spreadsheet", help="its id or address; any one that the account may write to")
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="ask this (may be repeated)")
        parser.add_argument("--list", action="store_true", help="show what would be asked, and ask nothing")
        parser.add_argument("--keep", action="store_true", help="leave the tabs in the spreadsheet, to look at them")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")

    def handle(self, **options: Any) -> None:
        """Every error of sheetsync becomes a CommandError with its remedy."""
        probes = _chosen(options["only"])
        if options["list"]:
            self.stdout.write(verdicts.listing(probes))
            return
        missing = [name for name in ("account", "spreadsheet") if not options[name]]
        if missing:
            raise verdicts.unasked(f"give --{' and --'.join(missing)}")
        spreadsheet_id, email = _spreadsheet_id(options["spreadsheet"]), options["account"]
        try:
            client, email = client_for(options["account"])
            self._check(client, email, spreadsheet_id, probes, options)
        except SheetsyncError as error:
            raise verdicts.unasked(f"{type(error).__name__}: {error} (account {email})") from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise verdicts.unasked(f"cannot use the credentials of {email}: {error}") from error

    def _check(
        self, client: SheetsClient, email: str, spreadsheet_id: str, probes: Sequence[Probe], options: dict[str, Any]
    ) -> None:
        started, self.quiet = time.monotonic(), options["json"]
        book = read_book(client, spreadsheet_id)
        _check_room(book, spreadsheet_id)
        tabs = ScratchTabs(client, spreadsheet_id, keep=options["keep"])
        self._introduce(book, email, probes, tabs)
        outcomes: list[Outcome] = []
        with interruptible():
            left = self._asked(tabs, probes, outcomes)
        seconds = time.monotonic() - started
        if self.quiet:
            about = {"spreadsheet": spreadsheet_id, "account": email, "api": client.gateway.base_url}
            spent = {"calls": dict(client.traffic.calls), "seconds": round(seconds, 1), "left_behind": left}
            found = [verdicts.outcome_json(outcome) for outcome in outcomes]
            self.stdout.write(json.dumps({**about, **spent, "probes": found}, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(verdicts.summary(outcomes, client.traffic, seconds))
        self._conclude(outcomes, len(probes), left)

    def _introduce(self, book: Book, email: str, probes: Sequence[Probe], tabs: ScratchTabs) -> None:
        calls = verdicts.expected_calls(probes)
        rates = {"read": conf.READS_PER_MINUTE, "write": conf.WRITES_PER_MINUTE}
        seconds = verdicts.least_seconds(calls, rates, conf.BURST)
        self._say(f"{conf.SHEETS_URL}, spreadsheet {book.title!r}, as {email}")
        self._say(
            f"{len(probes)} assumptions, about {calls['read']} reads and {calls['write']} writes: at the pace of the "
            f"settings at least {seconds:.0f} s"
        )
        self._say(f'nothing is touched but new tabs titled "{tabs.prefix} …"{", which stay" if tabs.keep else ""}')
        for sheet in book.sheets:
            if sheet.title.startswith(TITLE):
                self._say(f"tab {sheet.title!r} is left of an earlier check: delete it by hand, nobody needs it")

    def _asked(self, tabs: ScratchTabs, probes: Sequence[Probe], outcomes: list[Outcome]) -> str:
        """Ask, and clean up whatever happens. -> what to do by hand, where that failed"""
        left = ""
        try:
            for outcome in check(tabs, probes):
                outcomes.append(outcome)
                self._say(verdicts.outcome_text(outcome))
        except KeyboardInterrupt:
            self._say("interrupted: taking the tabs away")
        finally:
            if not tabs.keep:
                left = self._removed(tabs)
        return left

    def _removed(self, tabs: ScratchTabs) -> str:
        try:
            tabs.remove()
        except LeftBehind as error:
            left = str(error)
        except KeyboardInterrupt:
            left = f"{tabs.by_hand()} (interrupted)"
        else:
            if tabs.doubt:
                self.stderr.write(tabs.doubt)
            return ""
        self.stderr.write(f"tabs of this check could not be removed: {left}")
        return left

    def _conclude(self, outcomes: Sequence[Outcome], wanted: int, left: str) -> None:
        found = {outcome.verdict for outcome in outcomes}
        if len(outcomes) < wanted:
            raise CommandError(f"interrupted after {len(outcomes)} of {wanted}", returncode=verdicts.INTERRUPTED)
        if Verdict.BROKEN in found:
            broken = ", ".join(each.probe.name for each in outcomes if each.verdict is Verdict.BROKEN)
            raise CommandError(f"not as sheetsync assumes: {broken}", returncode=verdicts.BROKEN)
        if Verdict.NOT_ASKED in found or left:
            raise verdicts.unasked("not everything could be asked and tidied up: try again later")

    def _say(self, text: str) -> None:
        if not self.quiet:
            self.stdout.write(text)
            self.stdout.flush()


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM are exceptions here, also where a shell that started us in the background ignores Ctrl-C."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _chosen(names: Sequence[str]) -> list[Probe]:
    known = {probe.name: probe for probe in PROBES}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "--list shows all"
            raise verdicts.unasked(f"--only {name}: there is no such assumption; {hint}")
    return [probe for probe in PROBES if probe.name in names] if names else list(PROBES)


def _check_room(book: Book, spreadsheet_id: str) -> None:
    if book.cells() > MAX_CELLS - ROOM:
        raise verdicts.unasked(
            f"--spreadsheet {spreadsheet_id}: has {book.cells():,} cells and Google allows {MAX_CELLS:,}, so every new "
            "tab would be refused: choose a smaller spreadsheet"
        )


def _spreadsheet_id(text: str) -> str:
    """The id in an address of the spreadsheet, or the text itself."""
    found = re.search(r"/d/([\w-]+)", text) or re.fullmatch(r"([\w-]+)", text)
    if found is None:
        raise verdicts.unasked(
            f"--spreadsheet {text}: is neither an id nor an address such as https://docs.google.com/spreadsheets/d/…/edit"
        )
    return found[1]
