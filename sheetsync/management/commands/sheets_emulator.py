"""`manage.py sheets_emulator`: serve the Google Sheets emulator until it is told to stop."""

from __future__ import annotations

import json
import signal
import threading
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sheetsync.emulator import Emulator
from sheetsync.emulator.disk.codec import DataError
from sheetsync.emulator.disk.directory import COMPACT_AT, MEGABYTE
from sheetsync.emulator.misbehaviour.latency import latency_from
from sheetsync.emulator.misbehaviour.quotas import quotas_from
from sheetsync.emulator.oauth import ACCOUNT_FILE, CLIENT_FILE, OAuthClient
from sheetsync.emulator.options import pairs


class Command(BaseCommand):
    help = "Serve a Google Sheets emulator with its own service account."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8765)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--data", type=Path, help="directory of all that is kept; without it nothing is")
        often = "megabytes of calls in the journal that make a snapshot due; 0 for never"
        parser.add_argument("--compact-at", type=int, default=COMPACT_AT // MEGABYTE, metavar="MB", help=often)
        parser.add_argument("--strict-auth", action="store_true", help="accept only tokens issued here")
        redirect = "a redirect URI of an OAuth client, as often as needed; that client is made, or found again"
        parser.add_argument("--oauth-redirect", action="append", default=[], metavar="URI", help=redirect)
        testing = "that client's consent screen is in Testing: its refresh tokens live a week"
        parser.add_argument("--oauth-testing", action="store_true", help=testing)

        _add_misbehaviour(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        compact_at = options["compact_at"] * MEGABYTE or None
        try:
            emulator = Emulator(options["data"], strict_auth=options["strict_auth"], compact_at=compact_at)
            _misbehave(emulator, **options)
            client = _oauth_client(emulator, options["oauth_redirect"], options["oauth_testing"])
        except (DataError, ValueError) as error:
            raise CommandError(str(error)) from error
        with ExitStack() as stack:
            server = stack.enter_context(emulator.serve(options["port"], options["host"]))
            folder = options["data"] or Path(stack.enter_context(TemporaryDirectory(prefix="sheets-emulator-")))
            account = emulator.accounts.write_account(folder / ACCOUNT_FILE, server.url)
            self.stdout.write(f"Sheets emulator at {server.url}")
            self.stdout.write(f"service account file: {account}")
            if client is not None:
                self.stdout.write(f"OAuth client file: {_write_client(client, folder / CLIENT_FILE, server.url)}")
            self.stdout.flush()
            stopped.wait()
        emulator.close()
        self.stdout.write("stopped")


def _oauth_client(emulator: Emulator, redirects: list[str], testing: bool) -> OAuthClient | None:
    """The web application with these redirect URIs; None when there are none. Raises ValueError."""
    if not redirects:
        return None
    return emulator.oauth.registered(redirects, testing) or emulator.oauth.client(redirects, testing=testing)


def _write_client(client: OAuthClient, path: Path, url: str) -> Path:
    """Write its client_secret.json, readable by its owner only."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(client.secrets(url), indent=2) + "\n")
    return path


def _add_misbehaviour(parser: ArgumentParser) -> None:
    """What Google, networks and people do; all of it can also be set while it runs."""
    group = parser.add_argument_group("misbehaviour", "The same calls meet the same faults with the same seed.")
    group.add_argument("--seed", type=int, default=0, help="of the weather and of the jitter")
    rates = "faults and people by chance, such as 503=0.02,lose_reply=0.01; without a value a storm"
    group.add_argument("--weather", nargs="?", const="", metavar="NAME=RATE,…", help=rates)
    delays = "how long calls take, such as call=0.2,byte_out=1e-7,jitter=0.3"
    group.add_argument("--latency", metavar="NAME=SECONDS,…", help=delays)
    limits = "calls per minute, such as user_writes=10,project_reads=none; without a value Google's"
    group.add_argument("--quotas", nargs="?", const="", metavar="NAME=CALLS,…", help=limits)


def _misbehave(
    emulator: Emulator, *, seed: int, weather: str | None, latency: str | None, quotas: str | None, **rest: Any
) -> None:
    """Raises ValueError."""
    if weather is not None:
        emulator.weather(seed, pairs(weather, "--weather") or None)
    if latency is not None:
        emulator.latency = latency_from(pairs(latency, "--latency"), seed)
    if quotas is not None:
        emulator.meter.quotas = quotas_from(pairs(quotas, "--quotas"))
