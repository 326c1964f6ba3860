"""`manage.py seed_shop`: fill the demo shop with made-up orders."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.shop.models import Order
from project.shop.seeding import SEED, seed


class Command(BaseCommand):
    """Top the shop up to a number of orders; those that exist are left alone."""

    help = "Top the demo shop up to N made-up orders, the same ones each time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large the shop is to be."""
        parser.add_argument("--orders", type=int, default=2_000, metavar="N", help="how many orders there shall be")
        parser.add_argument("--seed", type=int, default=SEED, help="another number makes another shop")

    def handle(self, **options: Any) -> None:
        """Seed. Raises CommandError for a negative number."""
        if options["orders"] < 0:
            raise CommandError(f"--orders {options['orders']}: write how many orders the shop shall have, 0 or more")
        added = seed(options["orders"], seed=options["seed"])
        self.stdout.write(f"{added:,} orders added; the shop has {Order.objects.count():,}")
