"""A day of three shops, for pictures: real runs, some of which meet a Google that is away, or a book that is gone.

They are executed within seconds; afterwards their times are spread over the day that they stand for.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.utils import timezone

from sheetsync.emulator import Latency
from sheetsync.execute import execute_next
from sheetsync.models import Automation, Hour, SyncRun
from sheetsync.trigger import replay
from tests.support.processes import until
from tests.support.runs import World, run_of, set_orders

HOURS = 24
FOR_EVER = 1_000_000
CITIES = ("Berlin", "Lyon", "Porto", "Gdańsk", "Turku", "Graz")
PEOPLE = ("Ada Winter", "Bruno Costa", "Chloé Martin", "Dariusz Nowak", "Elif Kaya", "Frida Holm")
TRIGGERS = (SyncRun.Trigger.SCHEDULE, SyncRun.Trigger.SCHEDULE, SyncRun.Trigger.WEBHOOK, SyncRun.Trigger.MANUAL)


class Story:
    """Tells itself once. What came of it can be asked for by name."""

    def __init__(self, world: World) -> None:
        self.world, self.random = world, Random(8)
        world.emulator.latency = Latency(call=0.02, jitter=0.8)
        self.cactus = self._shop("Cactus & Co", "Paid orders", 160, time_zone="Europe/Berlin")
        self.books = self._shop("Lantern Books", "Orders for the press", 60, time_zone="Europe/Lisbon")
        self.nordlicht = self._shop("Nordlicht", "All orders", 90, time_zone="Europe/Helsinki")

    def tell(self) -> Story:
        for hour in reversed(range(1, HOURS)):
            for automation in (self.cactus, self.nordlicht) if hour % 3 else (self.cactus, self.books):
                self._an_hour_of(automation, hour)
        while Hour.objects.sum_up(timezone.now()):
            pass  # a few hours at a time, as the scheduler does
        set_orders(self.books, self._orders(140))
        self.recovered = self._away(self.books, answers=4)
        set_orders(self.nordlicht, self._orders(120))
        self.dead = self._away(self.nordlicht, answers=FOR_EVER)
        self.replayed = self._executed(replay(self.dead))
        self.died_again = self._away(self.nordlicht, answers=FOR_EVER)
        self.refused = self._gone()
        return self

    def _shop(self, tenant: str, name: str, orders: int, **values) -> Automation:
        automation = self.world.automation(self.world.tenant(tenant, **values), name=name)
        automation.cron, automation.schedule_enabled = "5 * * * *", True
        automation.plan_next_run()
        automation.save()
        set_orders(automation, self._orders(orders))
        return automation

    def _orders(self, count: int) -> list[dict]:
        lots = self.random
        return [
            {"id": f"{10_000 + n}", "customer": lots.choice(PEOPLE), "city": lots.choice(CITIES),
             "total": f"{lots.randint(900, 19_000) / 100:.2f}"}
            for n in range(count)
        ]  # fmt: skip

    def _an_hour_of(self, automation: Automation, hour: int) -> None:
        """The shop has lived; a run writes it down; it was so many hours ago."""
        set_orders(automation, self._orders(self.random.randint(50, 180)))
        run = self._executed(run_of(automation, trigger=self.random.choice(TRIGGERS)))
        self._was(run, timedelta(hours=hour, minutes=self.random.uniform(-25, 25)))

    def _away(self, automation: Automation, answers: int) -> SyncRun:
        """Google answers so many calls by 503."""
        path = f"/v4/spreadsheets/{automation.spreadsheet_id}"
        fault = self.world.emulator.faults.add("status", path, times=answers, status=503)
        run = self._executed(run_of(automation))
        self.world.emulator.faults.remove(fault.id)
        return run

    def _gone(self) -> SyncRun:
        """Somebody has deleted the spreadsheet."""
        automation = self._shop("Old Mill Bakery", "Breakfast orders", 20, time_zone="Europe/Vienna")
        Automation.objects.filter(pk=automation.pk).update(spreadsheet_id="1Nobody-Has-A-Spreadsheet-With-This-Id")
        return self._executed(run_of(automation, trigger=SyncRun.Trigger.SCHEDULE))

    def _executed(self, run: SyncRun) -> SyncRun:
        def over() -> bool:
            execute_next()
            run.refresh_from_db()
            return not run.is_active

        until(over, f"the end of run {run.pk}", every=0.05)
        return run

    def _was(self, run: SyncRun, ago: timedelta) -> None:
        for row in (run, *run.attempt_log.all()):
            times = [name for name in ("created_at", "started_at", "finished_at") if getattr(row, name, None)]
            for name in times:
                setattr(row, name, getattr(row, name) - ago)
            row.save(update_fields=times)
