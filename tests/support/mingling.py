"""Everybody who can touch a run, each in a thread of their own, as often as they can: whatever they raise is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.db.models.functions import Now

from sheetsync import trigger
from sheetsync.errors import RunRefused
from sheetsync.execute import execute_next
from sheetsync.models import Automation, SyncRun, Tenant, retention
from sheetsync.scheduler import tick
from tests.support.soak.shops import Shop

REFUSALS = (RunRefused, SyncRun.DoesNotExist)
"""What people are told: somebody else was faster."""


@dataclass
class Crowd:
    """`refused`: shops of which a change was not taken down; `odd`: what should never have been raised."""

    shops: list[Shop]
    tenants: list[Tenant]
    until: float
    refused: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def keep(self, act: Callable[[Random], object], seed: int, pause: float) -> None:
        """Do it again and again, with a pause of that length on average."""
        random, times = Random(seed), 0
        while time.monotonic() < self.until:
            try:
                act(random)
            except REFUSALS:
                pass
            except Exception as error:
                self.odd.append(f"{act.__name__}: {type(error).__name__}: {error}")
            times += 1
            time.sleep(random.uniform(0, 2 * pause))
        self.done[act.__name__] = self.done.get(act.__name__, 0) + times

    def customers(self, random: Random) -> None:
        """Orders change, and the shop tells of it."""
        shop = random.choice(self.shops)
        changed = shop.change(random)
        try:
            trigger.request_run(Automation(pk=int(shop.automation)), trigger=SyncRun.Trigger.WEBHOOK, order_ids=changed)
        except RunRefused:
            self.refused.add(shop.automation)

    def operator(self, random: Random) -> None:
        """Presses any button of any automation or run."""
        automation = Automation.objects.get(pk=int(random.choice(self.shops).automation))
        run = SyncRun.objects.order_by("?").first()
        manual = SyncRun.Trigger.MANUAL
        acts: list[Callable[[], object]] = [lambda: trigger.request_run(automation, trigger=manual)]
        acts += [lambda: trigger.activate(automation)] * 3 + [lambda: trigger.pause(automation)]
        if run is not None:
            acts += [lambda: trigger.cancel(run), lambda: trigger.retry(run), lambda: trigger.replay(run)]
        random.choice(acts)()

    def owner(self, random: Random) -> None:
        """Closes the shop and opens it again."""
        tenant = random.choice(self.tenants)
        trigger.pause_tenant(tenant)
        time.sleep(random.uniform(0, 0.1))
        Tenant.objects.filter(pk=tenant.pk).update(active=True)

    def clock(self, random: Random) -> None:
        """Makes somebody's time come, and looks."""
        Automation.objects.filter(pk=int(random.choice(self.shops).automation)).update(next_run_at=Now())
        tick()

    def time_passes(self, random: Random) -> None:
        """What is finished grows old, and is forgotten."""
        finished = SyncRun.objects.exclude(finished_at=None).order_by("?").values_list("pk", flat=True)[:3]
        SyncRun.objects.filter(pk__in=list(finished)).update(finished_at=Now() - timedelta(days=100))
        retention.prune()

    def worker(self, random: Random) -> None:
        """Does what is ready."""
        execute_next()
