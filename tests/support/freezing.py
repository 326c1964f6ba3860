"""Workers that freeze at a chosen moment of their run, miss all that follows, and wake up in another world."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from django.db import OperationalError, connection, connections

from project.shop.models import Order
from sheetsync.emulator import Request
from sheetsync.models import Automation, Incident, Source, SyncAttempt, SyncRun, Tenant
from tests.support.processes import Child, until
from tests.support.runs import COLUMNS, World, expected, orders_of, run_of, set_orders

MOMENTS = ("claimed", "reading", "writing", "anywhere")
"""After the claim, before its first call; halfway through the source; in a write that is not applied yet; at random."""

COMMITS = range(1, 6)
"""The writes of a fresh run that its tab numbers: it is made, and four batches. The one before them changes nothing."""

STALE = "run {}: another worker has taken this run over"
SHOP_PATHS = ("number", "customer_name", "total")


@dataclass(frozen=True)
class Lab:
    """Where trials are made. `gate`: the folder of `tests.support.gated`; `workers`: those that freeze, by pid."""

    world: World
    tenant: Tenant
    gate: Path
    workers: Mapping[int, Child]


@dataclass
class Trial:
    """One run and the worker that freezes in it. `changed`: whether its source changes while it cannot see."""

    lab: Lab
    name: str
    moment: str
    changed: bool
    random: Random
    frozen: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orders = orders_of(12, customer=f"before {self.name}")
        self.automation = self._of_the_shop() if self.moment == "reading" else self._of_a_file()
        self._reached = self._arranged()
        self.run = run_of(self.automation, correlation_id=self.name)

    def freeze(self) -> None:
        """Wait for the moment, and stop whoever has the run."""
        until(self._reached, f"{self.name} to reach its moment")
        worker = self.lab.workers[self._pid()]
        freeze_without_locks(worker)
        self.frozen.append(worker)
        self.run.refresh_from_db()
        assert self.run.status == "running", f"{self.name} was over before its worker was frozen"

    def change(self) -> None:
        """What the frozen worker holds in its hands is stale from now on."""
        self.orders = [{**order, "customer": f"after {self.name}"} for order in self.orders[1:]]
        if self.moment == "reading":
            Order.objects.filter(number=self._key("00001")).delete()
            Order.objects.filter(note=self.name).update(customer_name=f"after {self.name}")
        else:
            set_orders(self.automation, self.orders)

    def wake(self) -> None:
        """Let it go on, and its call too, in either order; and wait until it has understood."""
        (worker,) = self.frozen
        acts = [worker.thaw, lambda: self.lab.world.emulator.faults.release(self.name)]
        self.random.shuffle(acts)
        for act in acts:
            act()
        worker.says(STALE.format(self.run.pk))

    def expected(self) -> dict[str, list]:
        """The rows that the tab has to show, by order."""
        return {self._key(key): [self._key(key), *row[1:]] for key, row in expected(self.orders).items()}

    def picture(self) -> dict[str, Any]:
        """All that a stale worker might touch: the rows of its run, and the spreadsheet to the last mark."""
        run = {"run": self.run.pk}
        whole = Request(
            method="GET",
            path=f"/v4/spreadsheets/{self.automation.spreadsheet_id}",
            query=[("includeGridData", "true")],
            headers={"Authorization": "Bearer of a spectator"},
        )
        return {
            "run": SyncRun.objects.filter(pk=self.run.pk).values().get(),
            "attempts": list(SyncAttempt.objects.filter(**run).values()),
            "incidents": list(Incident.objects.filter(**run).order_by("pk").values()),
            "automation": Automation.objects.filter(pk=self.automation.pk).values().get(),
            "sheet": self.lab.world.emulator.perform(whole).json(),
        }

    def _key(self, order_id: str) -> str:
        return f"{self.name}-{order_id}" if self.moment == "reading" else order_id

    def _of_a_file(self) -> Automation:
        return self.lab.world.automation(self.lab.tenant, name=self.name, orders=self.orders)

    def _of_the_shop(self) -> Automation:
        automation = self._of_a_file()
        automation.set_columns({**column, "path": path} for column, path in zip(COLUMNS, SHOP_PATHS, strict=True))
        config = {"model": "tests.support.gated.orders", "id_field": "number", "chunk": 3}
        config["filters"] = {"note": self.name}
        Source.objects.filter(pk=automation.source_id).update(kind="queryset", config=config)
        for order in self.orders:
            values = {"customer_name": order["customer"], "total": order["total"], "note": self.name}
            Order.objects.create(number=self._key(order["id"]), **values)
        return automation

    def _arranged(self) -> Callable[[], bool]:
        """Prepare the moment. -> whether it is there."""
        hold = self.lab.world.emulator.faults.add
        match self.moment:
            case "claimed":
                return hold("hold", self._is_ours, name=self.name).reached.is_set
            case "writing":
                after = self.random.choice(COMMITS)
                return hold("hold", self._is_our_write, after=after, name=self.name).reached.is_set
            case "reading":
                return lambda: (self.lab.gate / str(self._pid())).exists()
        held = hold("hold", self._is_ours, after=self.random.randrange(6), name=self.name)
        hold("slow", lambda request: not self.frozen and self._is_ours(request), times=100, seconds=0.3)
        return lambda: held.reached.is_set() and self._set_off()

    def _set_off(self) -> bool:
        """Let it go from where it was held, and for a random while."""
        self.lab.world.emulator.faults.release(self.name)
        time.sleep(self.random.uniform(0, 0.6))
        return True

    def _is_ours(self, request: Request) -> bool:
        return request.header("X-Correlation-ID") == self.name

    def _is_our_write(self, request: Request) -> bool:
        return self._is_ours(request) and request.path.endswith(":batchUpdate")

    def _pid(self) -> int:
        """Of the worker that has the run, or 0."""
        self.run.refresh_from_db()
        return int(self.run.lease_worker.rpartition(":")[2] or 0)


def freeze_without_locks(worker: Child) -> None:
    """Freeze it outside of its transactions, which are a few milliseconds long: locks are another question."""
    worker.freeze()
    while _locks_are_held():
        worker.thaw()
        time.sleep(0.005)
        worker.freeze()


def _locks_are_held() -> bool:
    return _somebody_is_in_a_transaction() if connection.vendor == "postgresql" else not _can_be_written()


def _somebody_is_in_a_transaction() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        return bool(cursor.fetchone()[0])


def _can_be_written() -> bool:
    """Whether SQLite's one lock is free, or soon."""
    other = connections.create_connection("default")
    patience = {"OPTIONS": connection.settings_dict["OPTIONS"] | {"timeout": 1}}
    other.settings_dict = connection.settings_dict | patience
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    except OperationalError:
        return False
    finally:
        other.close()
    return True
