"""A small shop that changes, and its automation's tab, with notes of a person."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random

from django.db.models.functions import Now

from sheetsync.models import Automation, SyncRun, Tenant
from sheetsync.pipeline.records import row_key
from tests.support.onlooker import MARK, Onlooker
from tests.support.runs import World, run_of
from tests.support.wiring import a_client, a_tab

COLUMNS = [
    {"header": "Order", "path": "id"},
    {"header": "SKU", "path": "line.sku"},
    {"header": "Quantity", "path": "line.qty", "type": "integer"},
]
YEARLY = {"cron": "0 0 1 1 *", "schedule_enabled": True}


class Stall:
    """`orders`: what its shop has now, {id: lines}. `has_tab`: it is there, empty: nobody may write first."""

    def __init__(self, world: World, tenant: Tenant, name: str, random: Random) -> None:
        self.world, self.name, self.random = world, name, random
        self.orders = {f"o{number}": self._lines() for number in range(random.randint(3, 9))}
        removed = random.choice(["clear", "clear", "mark", "delete"])
        # Often the file's only tab: then people are always where we are.
        self.has_tab = random.random() < 0.7
        book = world.emulator.create_spreadsheet(name, tab="Orders" if self.has_tab else "Other")
        place = {"spreadsheet_id": book, "rows_per": "line", "removed": removed}
        self.automation = world.automation(tenant, name=name, **place, **YEARLY)
        self.automation.set_columns(COLUMNS)
        self.automation.plan_next_run()
        self.automation.save()
        self._write()

    @property
    def book(self) -> str:
        return self.automation.spreadsheet_id

    def change(self, random: Random) -> list[str]:
        """-> the ids of the orders that are new, gone or different."""
        changed = random.sample(sorted(self.orders), random.randint(1, min(6, len(self.orders))))
        for order in changed:
            if random.random() < 0.3 and len(self.orders) > 1:
                del self.orders[order]
            else:
                self.orders[order] = self._lines()
        for number in random.sample(range(1_000), random.randint(0, 2)):
            changed.append(f"n{number}")
            self.orders[changed[-1]] = self._lines()
        self._write()
        return changed

    def annotate(self) -> None:
        """A person adds a column of their own, and writes notes beside some rows."""
        emulator = self.world.emulator
        with emulator.lock:
            sheet = self._sheet()
            if sheet is None:
                return
            emulator.person.insert_column(sheet, sheet.column_count)
            at = sheet.column_count - 1
            for row, values in enumerate(sheet.values()[1:], start=1):
                if values and values[0] and self.random.random() < 0.7:
                    emulator.person.type_text(sheet, row, at, f"{MARK}{len(emulator.person.acts)} of {values[0]}")

    def repair(self) -> None:
        """A full run that compares every cell."""
        Automation.objects.filter(pk=self.automation.pk).update(hand_edits="repair")
        run_of(self.automation)

    def last_full_run(self) -> SyncRun:
        run = SyncRun.objects.filter(automation=self.automation, mode="full").order_by("pk").last()
        assert run is not None
        return run

    def judge(self, when: str, onlooker: Onlooker) -> None:
        """The tab equals the shop, and every note is where its person left it."""
        assert not (wrong := self._differences()), f"{self.name}, {when}: {wrong}"
        # Who moves a column in the very moment of a commit, whose worker then dies or is cut off before it has put back
        # what it hit, may lose notes; and a deleted row takes its notes with it.
        if self.automation.removed != "delete" and self.book not in onlooker.moved:
            assert not (lost := onlooker.missing(self.book)), f"{self.name}, {when}: lost {lost}"
        numbers = sorted(self._commits())
        assert numbers == list(range(len(numbers))), f"{self.name}, {when}: commits {numbers}"
        automation = Automation.objects.get(pk=self.automation.pk)
        late = Automation.objects.filter(pk=automation.pk, next_run_at__lte=Now())
        assert not late.exists(), f"{self.name}, {when}: its time has passed"

    def told(self) -> str:
        runs = SyncRun.objects.filter(automation=self.automation).order_by("pk")
        lines = [
            f"  {run.pk} {run.trigger} {run.mode} {run.status} {run.error_type} "
            f"{list(run.attempt_log.values_list('worker', 'outcome', 'error_type'))} "
            f"{list(run.incidents.values_list('kind', 'count'))}"
            for run in runs
        ]
        return "\n".join([f"{self.name}, {self.automation.removed}: {self.orders}", *lines])

    def _lines(self) -> list[dict]:
        return [
            {"sku": f"sku-{self.random.randrange(9)}", "qty": self.random.randint(1, 9)}
            for _ in range(self.random.randint(1, 3))
        ]

    def _write(self) -> None:
        """Replaced whole: who reads the old file reads it to its end."""
        path = Path(self.automation.source.config["path"])
        new = path.with_suffix(".new")
        new.write_text("".join(json.dumps({"id": key, "lines": lines}) + "\n" for key, lines in self.orders.items()))
        os.replace(new, path)

    def _differences(self) -> list[str]:
        rows, expected = self._rows(), self._expected()
        keys = [key for key in {*rows, *expected} if rows.get(key) != expected.get(key)]
        return [f"{key} is {rows.get(key)} and should be {expected.get(key)}" for key in sorted(keys)]

    def _expected(self) -> dict[str, list]:
        return {
            row_key(order, str(number)): [order, line["sku"], line["qty"]]
            for order, lines in self.orders.items()
            for number, line in enumerate(lines, start=1)
        }

    def _sheet(self):
        automation = Automation.objects.get(pk=self.automation.pk)
        sheets = self.world.emulator.spreadsheet(self.book).sheets
        return next((sheet for sheet in sheets if sheet.id == automation.sheet_id), None)

    def _rows(self) -> dict[str, list]:
        """{key: cells} by the columns' metadata, wherever people put them."""
        automation, sheet = Automation.objects.get(pk=self.automation.pk), self._sheet()
        client = a_client(self.world.emulator, quietly=True)
        columns = automation.pipeline_columns()
        tab = a_tab(client, self.book, columns=columns, sheet_id=automation.sheet_id, run="a look").open()
        found: dict[str, list] = {}
        for row in sheet.values()[1:]:
            cells = [*row, *[None] * (sheet.column_count - len(row))]
            key = cells[tab.layout.key_at]
            if key and "." in str(cells[tab.layout.print_at] or ""):
                assert key not in found, f"{self.name}: two live rows for {key}"
                found[key] = [cells[at] for at in tab.layout.columns]
        return found

    def _commits(self) -> list[int]:
        marks = self.world.emulator.spreadsheet(self.book).metadata.values()
        return [int(str(mark.value).split()[0]) for mark in marks if mark.key == "sheetsync.commit"]
