"""Many tenants with accounts of one project, and as many automations of them as a test wants, made in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sheetsync.emulator import Emulator
from sheetsync.emulator.oauth.accounts import ServiceAccount
from sheetsync.models import Automation, Column, GoogleAccount, Source, SyncRun, Tenant
from tests.support.runs import COLUMNS, orders_of, write_orders

PROJECT = "shops"
RATES = ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")
DEFAULTS = {**dict(zip(RATES, (54, 54, 270, 270), strict=True)), "BURST": 6, "PROJECT_BURST": 25}
AT_ONCE = 1_000


@dataclass
class Crowd:
    """`emulator` asks for rights, so that each account is metered as what it is; `url` is its address."""

    emulator: Emulator
    url: str
    folder: Path
    orders: dict[int, list[dict]] = field(default_factory=dict)

    def account(self, name: str) -> dict:
        """A service account's key file. They share a key: to make one takes long."""
        services = self.emulator.oauth.ledger.services
        robot = self.emulator.oauth.service_account()
        email = f"{name}@{PROJECT}.iam.gserviceaccount.com"
        services.setdefault(email, ServiceAccount(email, robot.private))
        return self.emulator.accounts.account(self.url, email)

    def tenant(self, name: str, account: str = "", **values) -> Tenant:
        """With an account of its own, or with the one of this name, and a source of a few orders."""
        tenant = Tenant.objects.create(name=name, **values)
        GoogleAccount.link_service_account(tenant, self.account(account or name))
        path = self.folder / f"{name}.jsonl"
        Source.objects.create(tenant=tenant, name=name, kind="file", config={"path": str(path)})
        self.set_orders(tenant, orders_of(3, customer=name))
        return tenant

    def set_orders(self, tenant: Tenant, orders: list[dict]) -> None:
        self.orders[tenant.pk] = orders
        write_orders(tenant.sources.get().config["path"], orders)

    def automations(self, tenants: Iterable[Tenant], number: int, **values) -> list[Automation]:
        """So many, the tenants in turn, each with a spreadsheet of its own."""
        tenants = list(tenants)
        sources = {tenant.pk: tenant.sources.get() for tenant in tenants}
        made = Automation.objects.bulk_create(
            (
                Automation(
                    tenant=tenant,
                    source=sources[tenant.pk],
                    name=f"{tenant.name} {n}",
                    spreadsheet_id=self._spreadsheet(tenant, f"{n}"),
                    status=Automation.Status.ACTIVE,
                    **values,
                )
                for n, tenant in ((n, tenants[n % len(tenants)]) for n in range(number))
            ),
            batch_size=AT_ONCE,
        )
        self._columns(made)
        return made

    def _spreadsheet(self, tenant: Tenant, title: str) -> str:
        found = self.emulator.create_spreadsheet(title, rows=5, columns=3)
        self.emulator.share(found, tenant.accounts.get().email)
        return found

    def _columns(self, automations: list[Automation]) -> None:
        automations[0].set_columns(COLUMNS)
        definitions = list(automations[0].columns.values("position", "uid", "header", "path", "type"))
        Column.objects.bulk_create(
            (Column(automation=each, **values) for each in automations[1:] for values in definitions),
            batch_size=AT_ONCE,
        )

    def ask_for_runs(self, automations: list[Automation], **values) -> None:
        """A full run of each, ready now."""
        values = {"trigger": SyncRun.Trigger.MANUAL, "max_attempts": 5} | values
        SyncRun.objects.bulk_create(
            (SyncRun(tenant_id=each.tenant_id, automation=each, **values) for each in automations), batch_size=AT_ONCE
        )

    def make_due(self) -> datetime:
        """All automations, for one instant that has just passed."""
        now = datetime.now(UTC).replace(microsecond=0)
        Automation.objects.update(
            cron="0 0 1 1 *", schedule_enabled=True, exact=True, next_slot_at=now, next_run_at=now
        )
        return now

    def wrong(self, automations: Iterable[Automation]) -> list[str]:
        """What is not in the tabs of these automations as it is in their shops; empty where all is."""
        return [message for each in automations if (message := self._judge(each))]

    def _judge(self, automation: Automation) -> str:
        book = self.emulator.spreadsheet(automation.spreadsheet_id)
        tabs = [sheet for sheet in book.sheets if sheet.title == automation.tab_title]
        rows = [row[2:] for sheet in tabs for row in sheet.values()]
        wanted = [
            [order["id"], order["customer"], float(order["total"])] for order in self.orders[automation.tenant_id]
        ]
        right = [[column["header"] for column in COLUMNS], *wanted]
        return "" if rows == right else f"{automation.name}: {rows} instead of {right}"
