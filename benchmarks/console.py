"""How long the pages of the console take on a big site, and how many questions they ask: all pages, the slowest first.

DJANGO_DATABASE=postgresql python -m benchmarks.console [runs]
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from statistics import median

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import (
    CaptureQueriesContext,
    override_settings,
    setup_test_environment,
    teardown_test_environment,
)

from benchmarks import service  # sets Django up, so it comes first
from tests.admin.routes import pages
from tests.admin.visits import Visit, visits
from tests.support.million import Size, first_shop, seed

TIMES = 5
SLOW = 300
"""Milliseconds. Of what takes longer, the slowest question is explained."""
PLAN = 4


@dataclass(frozen=True)
class Measured:
    """One page."""

    visit: Visit
    status: int
    milliseconds: float
    queries: list[tuple[float, str]]


def measure(client: Client, visit: Visit) -> Measured:
    """The median of some visits, after one that counts its questions."""
    with CaptureQueriesContext(connection) as made:
        status = client.get(visit.address).status_code
    queries = [(float(query["time"]) * 1_000, query["sql"]) for query in made.captured_queries]
    times = []
    for _ in range(TIMES):
        started = time.perf_counter()
        client.get(visit.address)
        times.append(time.perf_counter() - started)
    return Measured(visit, status, median(times) * 1_000, queries)


def explain(sql: str) -> list[str]:
    """How the database goes about it: the first steps of its plan that read something."""
    prefix = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{prefix} {sql}")  # a question that the console has just asked
        lines = [str(row[-1]).strip() for row in cursor.fetchall()]
    return [line for line in lines if "Scan" in line or "Sort" in line or "SCAN" in line or "TEMP" in line][:PLAN]


def show(found: list[Measured]) -> None:
    """As a table."""
    print(f"{'page':64} {'queries':>7} {'ms':>7}")
    for each in sorted(found, key=lambda page: -page.milliseconds):
        print(f"{each.visit.what[:64]:64} {len(each.queries):7} {each.milliseconds:7.0f}")
        if each.milliseconds > SLOW and each.queries:
            slowest, sql = max(each.queries)
            print(f"    {slowest:.0f} ms in the database: {sql[:160]}")
            print("".join(f"      {line}\n" for line in explain(sql)), end="")
    over = sum(each.milliseconds > SLOW for each in found)
    most = max(len(each.queries) for each in found)
    print(f"{len(found)} pages, {over} over {SLOW} ms; at most {most} queries; the median of {TIMES} visits each")


def main(runs: int) -> None:
    """Fill a database and visit everything."""
    with service.running(), override_settings(ALLOWED_HOSTS=["*"]):
        size = Size(tenants=max(runs // 1_000, 1), automations=max(runs // 100, 1), runs=runs)
        print(f"{service.describe_database()}: {size.runs:,} runs, {size.automations:,} automations")
        seed(first_shop(), size)
        client = Client()
        client.force_login(get_user_model().objects.create_superuser("operator"))
        setup_test_environment(debug=False)  # what is shown on the lists says where they lead to
        found = visits(client, {model: model._base_manager.order_by("pk").first() for model in pages()})
        teardown_test_environment()
        show([each for each in (measure(client, visit) for visit in found) if each.status == 200])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
