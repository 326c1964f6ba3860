"""`manage.py sheets_emulator`: serve the Google Sheets emulator until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand

from sheetsync.emulator import Emulator
from sheetsync.emulator.oauth import ACCOUNT_FILE


class Command(BaseCommand):
    help = "Serve a Google Sheets emulator with its own service account."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8765)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--data", type=Path, help="directory of the journal; without it nothing is kept")
        parser.add_argument("--strict-auth", action="store_true", help="accept only tokens issued here")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        emulator = Emulator(options["data"], strict_auth=options["strict_auth"])
        with ExitStack() as stack:
            server = stack.enter_context(emulator.serve(options["port"], options["host"]))
            folder = options["data"] or Path(stack.enter_context(TemporaryDirectory(prefix="sheets-emulator-")))
            account = emulator.accounts.write_account(folder / ACCOUNT_FILE, server.url)
            self.stdout.write(f"Sheets emulator at {server.url}")
            self.stdout.write(f"service account file: {account}")
            self.stdout.flush()
            stopped.wait()
        emulator.close()
        self.stdout.write("stopped")
