"""`manage.py prune`: forget finished runs whose time is over. The scheduler does it too, a little at each look."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sheetsync.conf import settings as conf
from sheetsync.models import retention


class Command(BaseCommand):
    """In small transactions, so that it may run beside workers, and be stopped at any time."""

    help = "Delete runs that finished longer ago than SHEETSYNC['KEEP_COMPLETED_DAYS'] and ['KEEP_FAILED_DAYS']."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Look first."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, **options: Any) -> None:
        """Prints what was done."""
        kept = f"completed ones stay {conf.KEEP_COMPLETED_DAYS} days, failed ones {conf.KEEP_FAILED_DAYS}"
        if options["dry_run"]:
            found = sum(retention.outlived(status).count() for status in retention.kept_for())
            self.stdout.write(f"{found} runs would be forgotten: {kept}")
            return
        forgotten = 0
        while found := retention.prune():
            forgotten += found
        self.stdout.write(f"{forgotten} runs were forgotten: {kept}")
