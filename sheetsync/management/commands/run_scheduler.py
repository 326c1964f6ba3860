"""`manage.py run_scheduler`: the clock. Starts what is due, takes back what was lost, rings for what waits."""

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connections

from sheetsync import health
from sheetsync.conf import settings as conf
from sheetsync.management.stopping import Stopping
from sheetsync.scheduler import tick

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Look every few seconds until told to stop. Any number may run; one is enough."""

    help = "Start due automations, rescue runs of lost workers and ring for runs that wait, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How often to look."""
        parser.add_argument("--once", action="store_true", help="look once, and end")

    def handle(self, **options: Any) -> None:
        """Look again and again; a database that is away for a while does not end it."""
        stopping = Stopping()
        complaining = Complaining()
        self.stdout.write("scheduler ready")
        self.stdout.flush()
        while not stopping():
            more = self._look(stopping)
            complaining()
            if more:
                continue
            if options["once"]:
                break
            stopping.wait(conf.SCHEDULER_SECONDS)
        self.stdout.write("scheduler stopped")

    def _look(self, stopping: Stopping) -> bool:
        """-> whether the next look should follow at once."""
        try:
            found = tick(stop=stopping)
        except Error:
            log.exception("the database did not answer; trying again in %s s", conf.SCHEDULER_SECONDS)
            connections.close_all()
            return False
        if found:
            self.stdout.write(
                f"started {found.started}, rescued {found.reaped}, swept {found.swept}, rang for {found.rung}, "
                f"forgot {found.pruned}"
            )
            self.stdout.flush()
        return found.more


class Complaining:
    """Writes to the log what is not well, a while after the start and then not again before that while is over."""

    def __init__(self) -> None:
        self._again = time.monotonic() + health.WORKER_SILENCE

    def __call__(self) -> None:
        if time.monotonic() < self._again:
            return
        self._again = time.monotonic() + health.WORKER_SILENCE
        for finding in health.look():
            if not finding.ok:
                log.error("%s: %s", finding.name, finding.detail, extra={"action": "not_ready"})
