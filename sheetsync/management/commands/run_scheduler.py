"""`manage.py run_scheduler`: the clock. Starts what is due, takes back what was lost, rings for what waits."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connections

from sheetsync.alerts import Courier, go_round
from sheetsync.conf import settings as conf
from sheetsync.health import Watch
from sheetsync.management.beside import Beside
from sheetsync.management.stopping import Stopping
from sheetsync.scheduler import tick
from sheetsync.scheduler.idle import freshen

log = logging.getLogger(__name__)

FRESHEN_EVERY = 600.0
"""Seconds between two looks for credentials that nobody uses."""


class Command(BaseCommand):
    """Look every few seconds until told to stop. Any number may run; one is enough."""

    help = "Start due automations, rescue runs of lost workers and ring for runs that wait, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often to look."""
        parser.add_argument("--once", action="store_true", help="look once, and end")

    def handle(self, **options: Any) -> None:
        """Look again and again; a database that is away for a while does not end it."""
        stopping = Stopping()
        watch = Watch()
        self.stdout.write("scheduler ready")
        self.stdout.flush()
        with ExitStack() as beside:
            if not options["once"]:
                beside.enter_context(Courier())
                beside.enter_context(Beside(freshen, FRESHEN_EVERY))
            while not stopping():
                more = self._look(stopping)
                watch()
                if more:
                    continue
                if options["once"]:
                    break
                stopping.wait(conf.SCHEDULER_SECONDS)
        if options["once"]:
            go_round()
            freshen()
        self.stdout.write("scheduler stopped")

    def _look(self, stopping: Stopping) -> bool:
        """-> whether the next look should follow at once."""
        try:
            found = tick(stop=stopping)
        except Error:
            again = conf.SCHEDULER_SECONDS
            log.exception("the database did not answer; trying again in %s s", again, extra={"action": "database_away"})
            connections.close_all()
            return False
        if found:
            self.stdout.write(
                f"started {found.started}, rescued {found.reaped}, swept {found.swept}, rang for {found.rung}, "
                f"forgot {found.pruned}"
            )
            self.stdout.flush()
        return found.more
