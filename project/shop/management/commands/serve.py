"""`manage.py serve`: the whole site on this machine, with demo data: web, workers, scheduler and the emulator."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from project.demonstration import exports
from project.demonstration.emulator import RunningEmulator
from project.demonstration.processes import Interrupted, Processes
from project.shop.models import Order
from project.shop.seeding import seed
from sheetsync import trigger
from sheetsync.models import SyncRun

HOST = "127.0.0.1"
USER = "demo"
EVERY_QUARTER = {"cron": "*/15 * * * *", "schedule_enabled": True}


class Command(BaseCommand):
    """Until Ctrl-C, or until one of them ends: then all are stopped."""

    help = "Run the site, a worker cluster, the scheduler and the emulator with demo data, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where they listen, and how large the shop is."""
        parser.add_argument("--port", type=int, default=8000, help="the site's")
        parser.add_argument("--emulator-port", type=int, default=8765)
        data = settings.VAR_DIR / "emulator"
        parser.add_argument("--data", type=Path, default=data, help="the emulator's spreadsheets and key")
        parser.add_argument("--orders", type=int, default=2_000, help="for a shop that has none yet")

    def handle(self, **options: Any) -> None:
        """Raises CommandError where one of them ends by itself."""
        if not settings.DEBUG:
            raise CommandError("serve makes a superuser and prints its password: it needs DJANGO_DEBUG=1, on a desk")
        for port in (options["port"], options["emulator_port"]):
            if _answers(port):
                raise CommandError(f"port {port} of {HOST} is in use: stop what uses it, or choose another port")
        logging.getLogger("django-q").setLevel(logging.WARNING)  # it would tell of every bell
        with Processes({**os.environ, "SHEETSYNC_PACING": "off"}) as processes:
            try:
                self._set_up(processes, options)
                while True:
                    processes.pause(1)
            except Interrupted:
                self.stdout.write("\nstopping the site, the scheduler, the workers and the emulator")
            except CommandError as ended:
                raise CommandError(f"{ended}\nThe others were stopped.") from None
        self.stdout.write("all stopped; nothing was left running")

    def _set_up(self, processes: Processes, options: dict[str, Any]) -> None:
        """What is there already stays as it is, but for the key of the account and the password of the user."""
        call_command("migrate", verbosity=0)
        if not Order.objects.exists():
            seed(options["orders"])
        emulator = RunningEmulator.started(processes, options["data"], options["emulator_port"])
        processes.cluster()
        processes.start("scheduler", "run_scheduler")
        processes.start("site", "runserver", "--noreload", f"{HOST}:{options['port']}")
        spreadsheet_id = _exports(emulator)
        while not _answers(options["port"]):
            processes.pause()
        self._tell(emulator, spreadsheet_id, f"http://{HOST}:{options['port']}")

    def _tell(self, emulator: RunningEmulator, spreadsheet_id: str, site: str) -> None:
        """In one piece: the others are talking too."""
        lines = (
            f"site         {site}/",
            f"admin        {site}/admin/   user {USER}   password {_fresh_password()}",
            f"spreadsheet  {emulator.page(spreadsheet_id)}",
            f"emulator     {emulator.url}/",
            "a run        by Run now on an automation's page, or in another terminal:",
            f"             SHEETSYNC_SHEETS_URL={emulator.url} {sys.executable} manage.py sync_now orders",
            "Ctrl-C stops all of them.",
        )
        self.stdout.write("\n" + "\n".join(f"  {line}" for line in lines) + "\n\n")
        self.stdout.flush()


def _exports(emulator: RunningEmulator) -> str:
    """The tenant's automations, set going where they have never run. -> the id of their spreadsheet"""
    client = emulator.client()
    tenant = exports.tenant_with_account(emulator)
    spreadsheet_id = exports.known_spreadsheet(client, tenant) or exports.new_spreadsheet(client)
    for automation in exports.automations(tenant, spreadsheet_id, **EVERY_QUARTER):
        if not automation.runs.exists():
            trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    return spreadsheet_id


def _fresh_password() -> str:
    password = secrets.token_urlsafe(9)
    user, _ = get_user_model().objects.get_or_create(username=USER)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    return password


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
