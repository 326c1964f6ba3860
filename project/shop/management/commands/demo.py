"""`manage.py demo`: the main job from end to end on this machine, by real processes, every cell checked."""

from __future__ import annotations

import logging
import os
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from project.demonstration import exports, scratch
from project.demonstration.emulator import RunningEmulator
from project.demonstration.failures import failures
from project.demonstration.processes import Interrupted, Processes
from project.demonstration.showing import aligned, run_rows
from project.demonstration.stage import Stage
from project.demonstration.tour import tour
from project.demonstration.voice import Voice
from project.shop.seeding import seed

ORDERS, FEW_ORDERS = 2_000, 300
INTERRUPTED = 130


class Command(BaseCommand):
    """On a database of its own, which is gone afterwards."""

    help = "Show the main job, and what becomes of failures, on made-up orders and an emulated spreadsheet."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large the shop is, and which part of the story."""
        parser.add_argument("--orders", type=int, help=f"how many the shop has: {ORDERS}, with --failures {FEW_ORDERS}")
        parser.add_argument("--failures", action="store_true", help="only what goes wrong, and how it is mended")

    def handle(self, **options: Any) -> None:
        """Raises CommandError where anything is not as it should be."""
        orders = options["orders"] or (FEW_ORDERS if options["failures"] else ORDERS)
        if orders < scratch.FEWEST_ORDERS:
            raise CommandError(f"--orders {orders}: the demo needs {scratch.FEWEST_ORDERS} or more")
        folder = scratch.folder() or scratch.start_again(orders)
        started = time.monotonic()
        logging.getLogger("django-q").setLevel(logging.WARNING)  # it would tell of every bell
        try:
            with Processes(os.environ, logs=folder) as processes:
                stage = self._stage(processes, folder, orders)
                if not options["failures"]:
                    tour(stage)
                stage.show(aligned(run_rows(failures(stage))))
        except Interrupted:
            raise CommandError("interrupted; nothing was left running", returncode=INTERRUPTED) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.stdout.write(f"* done in {time.monotonic() - started:.0f} s; nothing was left behind")

    def _stage(self, processes: Processes, folder: Path, orders: int) -> Stage:
        """A database, a shop, the emulator, a cluster of workers and the scheduler; and what is to be exported."""
        voice = Voice(self)
        voice.typed("manage.py migrate")
        call_command("migrate", verbosity=0)
        voice.typed(f"manage.py seed_shop --orders {orders}")
        seed(orders)
        voice.typed("manage.py sheets_emulator")
        emulator = RunningEmulator.started(processes, folder / "emulator", port=0)
        voice.typed("Q_CLUSTER_NAME=sheetsync manage.py qcluster")
        processes.cluster()
        voice.typed("manage.py run_scheduler")
        processes.start("scheduler", "run_scheduler")
        spreadsheet_id = exports.new_spreadsheet(emulator.client())
        tenant = exports.tenant_with_account(emulator)
        voice.say(f"a shop with {orders:,} orders, and an empty spreadsheet: {emulator.page(spreadsheet_id)}")
        return Stage(voice, processes, emulator, exports.automations(tenant, spreadsheet_id))
