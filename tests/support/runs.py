"""A small world for runs: a tenant with an account, a file of orders, an automation, and a spreadsheet to fill."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sheetsync.emulator import Emulator
from sheetsync.models import Automation, GoogleAccount, Source, SyncRun, Tenant
from sheetsync.trigger import request_run

COLUMNS = [
    {"header": "Order", "path": "id"},
    {"header": "Customer", "path": "customer"},
    {"header": "Total", "path": "total", "type": "decimal"},
]


@dataclass
class World:
    """What a test asks for runs with. `url`: the emulator's address."""

    emulator: Emulator
    url: str
    folder: Path
    key: dict = field(default_factory=dict)

    def tenant(self, name="Cactus shop", **values) -> Tenant:
        tenant = Tenant.objects.create(name=name, **values)
        GoogleAccount.link_service_account(tenant, self.key)
        return tenant

    def automation(self, tenant=None, *, name="orders", orders=(), **values) -> Automation:
        """An active automation of a source that is a file with these orders."""
        tenant = tenant or self.tenant()
        path = self.folder / f"{tenant.pk}-{name}.jsonl"
        write_orders(path, orders)
        source = Source.objects.create(tenant=tenant, name=name, kind="file", config={"path": str(path)})
        values.setdefault("spreadsheet_id", self.emulator.create_spreadsheet(name))
        values.setdefault("status", Automation.Status.ACTIVE)
        automation = Automation.objects.create(tenant=tenant, name=name, source=source, **values)
        automation.set_columns(COLUMNS)
        return automation

    def rows(self, automation):
        """{order id: its cells} as the tab shows them."""
        sheet = self.emulator.spreadsheet(automation.spreadsheet_id).sheet(title=automation.tab_title)
        found = {}
        for row in sheet.values()[1:]:
            if row and len(row) > 2 and "." in str(row[1] or ""):
                assert row[2] not in found, f"{row[2]} stands in the tab twice"
                found[row[2]] = row[2:]
        return found


def write_orders(path, orders):
    """A file of orders, replaced whole."""
    Path(path).write_text("".join(json.dumps(order) + "\n" for order in orders))


def set_orders(automation, orders):
    """What the automation's shop has from now on."""
    write_orders(automation.source.config["path"], orders)


def orders_of(count, **values):
    return [
        {"id": f"{number:05}", "customer": f"c{number}", "total": "1.50", **values} for number in range(1, count + 1)
    ]


def expected(orders):
    return {order["id"]: [order["id"], order["customer"], float(order["total"])] for order in orders}


def run_of(automation, **values) -> SyncRun:
    """A fresh run, asked for by hand."""
    values.setdefault("trigger", SyncRun.Trigger.MANUAL)
    return request_run(automation, **values).run


LEASE = timedelta(seconds=20)
