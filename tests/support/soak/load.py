"""The load, as a process: `python -m tests.support.soak.load plan.json`. It ends by itself, and fails loudly."""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from random import Random

from tests.support.soak.housekeeping import keep_house
from tests.support.soak.people import look_around, press_buttons, send_webhooks
from tests.support.soak.plan import Journal, Plan
from tests.support.soak.shops import Shop


def main(path: str) -> None:
    plan = Plan.load(path)
    shops = [Shop(automation, orders) for automation, orders in plan.orders.items()]
    people = [send_webhooks] * plan.clients + [look_around] * 2 + [press_buttons]
    journals = [Journal() for _ in range(len(people) + 1)]
    until = time.monotonic() + plan.seconds
    with ThreadPoolExecutor(len(journals)) as pool:
        work: list[Future[None]] = [
            pool.submit(person, plan, shops, journal, site, until, Random(plan.seed * 100 + number))
            for number, (person, journal, site) in enumerate(zip(people, journals, cycle(plan.sites), strict=False))
        ]
        work.append(pool.submit(keep_house, plan, journals[-1], until, Random(plan.seed)))
    Journal.save(journals, plan.journal)
    for each in work:
        each.result()


if __name__ == "__main__":
    main(sys.argv[1])
