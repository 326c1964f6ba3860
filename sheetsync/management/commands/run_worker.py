"""`manage.py run_worker`: a plain worker that looks for ready runs itself. No queue, no fork, one run at a time."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connections

from sheetsync.conf import settings as conf
from sheetsync.execute import execute_next
from sheetsync.management.stopping import Stopping
from sheetsync.models.pulse import Beat, PulseName

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Execute runs until told to stop; what is being worked on is put back within ten seconds."""

    help = "Execute ready runs, one at a time, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When to stop by itself."""
        parser.add_argument("--once", action="store_true", help="stop as soon as nothing is ready")

    def handle(self, **options: Any) -> None:
        """Look, work, look again; wait a little where nothing was ready."""
        stopping = Stopping()
        self.stdout.write("worker ready")
        self.stdout.flush()
        beat = Beat(PulseName.WORKERS)
        while not stopping():
            beat()
            if self._worked(stopping, beat):
                continue
            if options["once"]:
                break
            stopping.wait(conf.POLL_SECONDS)
        self.stdout.write("worker stopped")

    def _worked(self, stopping: Stopping, beat: Beat) -> bool:
        try:
            return execute_next(stopping, alive=beat) is not None
        except Error:
            # The run's lease ends, and it is taken up again: by whoever reaches the database first.
            log.exception("the database did not answer; looking again in %s s", conf.POLL_SECONDS)
            connections.close_all()
            return False
