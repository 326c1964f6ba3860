"""A race for runs: many rows to claim, what each racer does, and a referee inside the database."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection

from sheetsync.models import Automation, Source, SyncRun, Tenant, ending
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Completed
from tests.support.judging import Look

LEASE = timedelta(seconds=60)
LONGEST_HOLD = 0.02
PAUSE = 0.01


def line_up(limits: tuple[int, ...], runs: int, priorities: tuple[int, ...], seed: int = 1) -> dict[int, int]:
    """Tenants with these limits, and ready runs of theirs, shuffled, each of an automation of its own. -> limits"""
    random = Random(seed)
    tenants = [Tenant.objects.create(name=f"at most {limit}", max_concurrent_runs=limit) for limit in limits]
    sources = [Source.objects.create(tenant=each, name="s", kind="file", config={"path": "x"}) for each in tenants]
    owners = [number % len(tenants) for number in range(runs)]
    random.shuffle(owners)
    automations = Automation.objects.bulk_create(
        Automation(tenant=tenants[owner], source=sources[owner], name=f"{n}", spreadsheet_id=f"s{n}", status="active")
        for n, owner in enumerate(owners)
    )
    SyncRun.objects.bulk_create(
        SyncRun(
            tenant=each.tenant,
            automation=each,
            trigger="manual",
            max_attempts=5,
            priority=random.choice(priorities),
        )
        for each in automations
    )
    return {tenant.pk: tenant.max_concurrent_runs for tenant in tenants}


def race(start: str, journal: str, seed: int) -> None:
    """What one racer does, from the starting signal until no run is left; then it writes down what it did."""
    racer = Racer(Random(seed))
    SyncRun.objects.exists()  # connected before the start
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.01)
    with connection.execute_wrapper(racer.watch):
        while SyncRun.objects.active().exists():
            racer.run()
    Path(journal).write_text("".join(json.dumps(look.row()) + "\n" for look in racer.looks))


class Racer:
    """Claims, holds for a moment or not at all, settles, and remembers when it looked and what it got."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.name = f"racer {os.getpid()}"
        self.looks: list[Look] = []
        self._asked: list[tuple[float, float]] = []

    def watch(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Notes when the best run is asked for: a claim passes over a tenant without room and asks again."""
        began = time.monotonic()
        found = execute(sql, *rest)
        if 'FROM "sheetsync_syncrun"' in sql and "ORDER BY" in sql:
            self._asked.append((began, time.monotonic()))
        return found

    def run(self) -> None:
        self._asked.clear()
        call = time.monotonic()
        run = SyncRun.objects.claim(self.name, LEASE)
        ends = [*(began for began, _ in self._asked[1:]), time.monotonic()]
        looks = [Look(self.name, call, *asked, end) for asked, end in zip(self._asked, ends, strict=True)]
        if run is None:
            time.sleep(PAUSE)
        else:
            looks[-1] = self._settled(looks[-1], run)
        self.looks += looks

    def _settled(self, look: Look, run: SyncRun) -> Look:
        alongside = SyncRun.objects.running().filter(tenant=run.tenant_id).count()
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(0, LONGEST_HOLD))
        settling = time.monotonic()
        ending.settle(run, Completed(), Snapshot())
        look = replace(look, run=run.pk, tenant=run.tenant_id, priority=run.priority, alongside=alongside)
        return replace(look, settling=settling, settled=time.monotonic())


POSTGRESQL = (
    """CREATE FUNCTION race_referee() RETURNS trigger AS $$ BEGIN
        UPDATE race_referee SET running = running + (CASE NEW.status WHEN 'running' THEN 1 ELSE -1 END)
            WHERE tenant_id = NEW.tenant_id;
        UPDATE race_referee SET peak = running WHERE tenant_id = NEW.tenant_id AND peak < running;
        RETURN NULL; END $$ LANGUAGE plpgsql""",
    """CREATE TRIGGER race_referee AFTER UPDATE OF status ON sheetsync_syncrun FOR EACH ROW
        WHEN (NEW.status IS DISTINCT FROM OLD.status AND 'running' IN (NEW.status, OLD.status))
        EXECUTE FUNCTION race_referee()""",
)
SQLITE = (
    """CREATE TRIGGER race_referee AFTER UPDATE OF status ON sheetsync_syncrun
        WHEN NEW.status <> OLD.status AND 'running' IN (NEW.status, OLD.status) BEGIN
        UPDATE race_referee SET running = running + (CASE NEW.status WHEN 'running' THEN 1 ELSE -1 END)
            WHERE tenant_id = NEW.tenant_id;
        UPDATE race_referee SET peak = running WHERE tenant_id = NEW.tenant_id AND peak < running; END""",
)
TABLE = """CREATE TABLE race_referee (tenant_id bigint PRIMARY KEY, allowed integer NOT NULL,
    running integer NOT NULL DEFAULT 0, peak integer NOT NULL DEFAULT 0,
    CONSTRAINT never_more_than_allowed CHECK (running BETWEEN 0 AND allowed))"""


@contextmanager
def referee(limits: dict[int, int]) -> Iterator[dict[int, int]]:
    """Counts, inside the database, each tenant's running runs; -> the highest number of each, filled in at the end.

    The counter's row is locked from the write until the commit, so its values follow one another exactly as the runs'
    states become true, and its constraint refuses the very commit that would make a tenant run too much.
    """
    peaks: dict[int, int] = {}
    with connection.cursor() as cursor:
        for statement in (TABLE, *(SQLITE if connection.vendor == "sqlite" else POSTGRESQL)):
            cursor.execute(statement)
        cursor.executemany("INSERT INTO race_referee (tenant_id, allowed) VALUES (%s, %s)", list(limits.items()))
        try:
            yield peaks
            cursor.execute("SELECT tenant_id, peak FROM race_referee")
            peaks.update(cursor.fetchall())
        finally:
            cursor.execute("DROP TRIGGER race_referee" + (" ON sheetsync_syncrun" * (connection.vendor != "sqlite")))
            if connection.vendor != "sqlite":
                cursor.execute("DROP FUNCTION race_referee")
            cursor.execute("DROP TABLE race_referee")
