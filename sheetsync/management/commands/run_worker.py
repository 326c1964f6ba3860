"""`manage.py run_worker`: a plain worker that looks for ready runs itself. No queue, no fork, one run at a time."""

from __future__ import annotations

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connections

from sheetsync.conf import settings as conf
from sheetsync.execute import execute_next
from sheetsync.management.stopping import Stopping
from sheetsync.models import Pulse

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Execute runs until told to stop; what is being worked on is put back at its next batch."""

    help = "Execute ready runs, one at a time, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When to stop by itself."""
        parser.add_argument("--once", action="store_true", help="stop as soon as nothing is ready")

    def handle(self, **options: Any) -> None:
        """Look, work, look again; wait a little where nothing was ready."""
        stopping = Stopping()
        self.stdout.write("worker ready")
        self.stdout.flush()
        beat = Beat()
        while not stopping():
            beat()
            if self._worked(stopping):
                continue
            if options["once"]:
                break
            stopping.wait(conf.POLL_SECONDS)
        self.stdout.write("worker stopped")

    def _worked(self, stopping: Stopping) -> bool:
        try:
            return execute_next(stopping) is not None
        except Error:
            # The run's lease ends, and it is taken up again: by whoever reaches the database first.
            log.exception("the database did not answer; looking again in %s s", conf.POLL_SECONDS)
            connections.close_all()
            return False


class Beat:
    """Shows now and then that this worker is alive."""

    EVERY = 10.0

    def __init__(self) -> None:
        self._again = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._again:
            return
        self._again = time.monotonic() + self.EVERY
        try:
            Pulse.objects.beat(Pulse.Name.WORKERS)
        except Error:
            log.warning("the database did not answer: nobody can see that this worker is alive")
            connections.close_all()
