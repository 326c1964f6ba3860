"""`manage.py prune`: forget what is past its time, finished runs first. The scheduler does it too, little by little."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from sheetsync import linking
from sheetsync.conf import settings as conf
from sheetsync.models import retention


class Command(BaseCommand):
    """In small transactions, so that it may run beside workers, and be stopped at any time."""

    help = (
        "Delete runs that finished longer ago than SHEETSYNC['KEEP_COMPLETED_DAYS'] and ['KEEP_FAILED_DAYS'], audit "
        "entries older than ['KEEP_AUDIT_DAYS'], and install codes, API tokens, idempotency keys, webhook deliveries "
        "and attempts to link that ended. Grants of unlinked Google accounts that could not be ended are tried again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Look first."""
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, **options: Any) -> None:
        """Prints what was done."""
        forgotten = self._count() if options["dry_run"] else self._forget()
        verb = "would be" if options["dry_run"] else "were"
        kept = f"completed ones stay {conf.KEEP_COMPLETED_DAYS} days, failed ones {conf.KEEP_FAILED_DAYS}"
        self.stdout.write(f"{forgotten.pop('runs', 0)} runs {verb} forgotten: {kept}")
        if forgotten:
            rest = ", ".join(f"{number} {kind}" for kind, number in forgotten.items())
            self.stdout.write(f"and beside them {rest}")

    def _count(self) -> Counter[str]:
        runs = sum(retention.outlived(status).count() for status in retention.kept_for())
        return +Counter({"runs": runs, **{kind: rows.count() for kind, rows in retention.ended().items()}})

    def _forget(self) -> Counter[str]:
        forgotten: Counter[str] = Counter()
        while found := retention.forget():
            forgotten.update(found)
        forgotten["grants of unlinked accounts"] = linking.end_left_over_grants()
        return +forgotten
