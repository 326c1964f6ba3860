"""What the shop's people have set up: a tenant, its Google account, its orders as a source, and tabs to fill."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from project.demonstration.emulator import Json, RunningEmulator
from sheetsync import trigger
from sheetsync.errors import AccessDenied, SpreadsheetGone
from sheetsync.models import Automation, GoogleAccount, Source, Tenant
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.reading import read_book

TENANT = "Cactus shop"
TIME_ZONE = "Europe/Berlin"
"""The shop's, and its spreadsheet's: times in the database are UTC."""

ORDER_COLUMNS = [
    {"header": "Order", "path": "number"},
    {"header": "Placed", "path": "placed_at", "type": "datetime"},
    {"header": "Customer", "path": "customer_name"},
    {"header": "Zip", "path": "zip_code"},
    {"header": "Country", "path": "country"},
    {"header": "Articles", "path": "lines[*].sku"},
    {"header": "Total", "path": "total", "type": "currency"},
    {"header": "Paid", "path": "paid", "type": "boolean"},
    {"header": "Payment", "path": "payment_id"},
    {"header": "Page", "template": "https://cactus.example/orders/{number}", "type": "link"},
    {"header": "Note", "path": "note"},
]
LINE_COLUMNS = [
    {"header": "Order", "path": "number"},
    {"header": "Day", "path": "placed_at", "type": "date"},
    {"header": "Customer", "path": "customer_name"},
    {"header": "SKU", "path": "line.sku"},
    {"header": "Product", "path": "line.title"},
    {"header": "Quantity", "path": "line.quantity", "type": "integer"},
    {"header": "Price", "path": "line.price", "type": "currency"},
    {"header": "Paid", "path": "paid", "type": "boolean"},
]
COLUMNS = {"order": ORDER_COLUMNS, "line": LINE_COLUMNS}
SOURCE: Json = {
    "model": "shop.Order",
    "id_field": "number",
    "fields": [
        "number", "placed_at", "customer_name", "zip_code", "country", "payment_id", "paid", "total", "note",
    ],
    "lines": "lines",
    "line_fields": ["sku", "title", "quantity", "price"],
    "line_id_field": "position",
    "updated": "updated_at",
}  # fmt: skip


def tenant_with_account(emulator: RunningEmulator) -> Tenant:
    """The shop as a tenant, its account linked with the key that the emulator takes now."""
    named = {"name": TENANT, "time_zone": TIME_ZONE}
    tenant, _ = Tenant.objects.get_or_create(platform="demo", external_id="cactus", defaults=named)
    GoogleAccount.link_service_account(tenant, emulator.key)
    return tenant


def new_spreadsheet(client: SheetsClient) -> str:
    """An empty one of the account's own. -> its id"""
    properties = {"title": TENANT, "timeZone": TIME_ZONE}
    reply = client.gateway.request("post", "/v4/spreadsheets", data=json.dumps({"properties": properties}).encode())
    reply.raise_for_status()
    return str(reply.json()["spreadsheetId"])


def known_spreadsheet(client: SheetsClient, tenant: Tenant) -> str | None:
    """The one that the tenant's automations fill already, where the emulator still has it."""
    automation = tenant.automations.first()
    if automation is None:
        return None
    try:
        read_book(client, automation.spreadsheet_id)
    except (SpreadsheetGone, AccessDenied):
        return None
    return automation.spreadsheet_id


@transaction.atomic
def automations(tenant: Tenant, spreadsheet_id: str, **values: Any) -> tuple[Automation, Automation]:
    """One row per order in one tab, one row per line in another; both active. `values` are for those made now."""
    return (
        automation(tenant, spreadsheet_id, "orders", rows_per="order", **values),
        automation(tenant, spreadsheet_id, "order-lines", rows_per="line", **values),
    )


@transaction.atomic
def automation(tenant: Tenant, spreadsheet_id: str, name: str, **values: Any) -> Automation:
    """The automation of this name, made where there is none; one that is there stays as people have changed it."""
    source, _ = Source.objects.get_or_create(
        tenant=tenant, name="shop orders", defaults={"kind": "queryset", "config": SOURCE}
    )
    source.clean()
    values |= {"source": source, "spreadsheet_id": spreadsheet_id, "tab_title": name.replace("-", " ").capitalize()}
    found, fresh = Automation.objects.get_or_create(tenant=tenant, name=name, defaults=values)
    if fresh:
        found.set_columns(COLUMNS[found.rows_per])
        found.full_clean()
        trigger.activate(found)
    elif found.spreadsheet_id != spreadsheet_id:
        move(found, spreadsheet_id)
    return found


def move(found: Automation, spreadsheet_id: str) -> None:
    """Let it write elsewhere, as the admin does: it gives its old tab up, and takes the new one at its next run."""
    found.spreadsheet_id, found.sheet_id = spreadsheet_id, None
    found.save(update_fields=["spreadsheet_id", "sheet_id"])
