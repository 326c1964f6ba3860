"""Rows to claim, with no spreadsheet behind them."""

from __future__ import annotations

from itertools import count

from sheetsync.models import Automation, GoogleAccount, Source, Tenant

_numbers = count(1)


class Maker:
    """Tenants and automations that can be asked for runs."""

    def tenant(self, **values):
        number = next(_numbers)
        tenant = Tenant.objects.create(name=f"tenant {number}", **values)
        GoogleAccount.objects.create(
            tenant=tenant, kind="oauth", subject=str(number), email=f"{number}@example.com", is_default=True
        )
        return tenant

    def automation(self, tenant=None, **values):
        tenant = tenant or self.tenant()
        number = next(_numbers)
        source = Source.objects.create(tenant=tenant, name=f"{number}", kind="file", config={"path": "orders.jsonl"})
        values.setdefault("status", Automation.Status.ACTIVE)
        automation = Automation.objects.create(
            tenant=tenant, name=f"automation {number}", source=source, spreadsheet_id=f"s{number}", **values
        )
        automation.set_columns([{"header": "Order", "path": "id"}])
        return automation
