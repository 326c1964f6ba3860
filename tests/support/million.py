"""As many rows as a big site has after a week: one shop's rows, multiplied by the database itself.

Each table is one INSERT … SELECT: the columns that make rows differ are given here, the rest is as in the shop's row,
so that a new column needs no word here. Both databases understand it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from sheetsync.models import Hour
from tests.admin import conftest

WEEK = 7 * 86_400
ERRORS = ("TabRefused", "UpstreamRefused", "QuotaExhausted", "GrantRevoked")


@dataclass(frozen=True)
class Size:
    tenants: int = 1_000
    automations: int = 10_000
    runs: int = 1_000_000


SMALL = Size(tenants=30, automations=150, runs=400)


def first_shop() -> SimpleNamespace:
    """One row of each model, as the tests of the admin have it; where no fixtures are, too."""
    fixtures: Any = conftest
    key = fixtures.key.__wrapped__(fixtures.private_key.__wrapped__())
    made: SimpleNamespace = fixtures.shop.__wrapped__(None, key)
    return made


def seed(shop: SimpleNamespace, size: Size) -> None:
    """Takes about two minutes for a million runs."""
    shop.run.counters = {"orders": 120, "rows": 300, "inserted": 7, "calls": 9, "seconds": 21.5}
    shop.run.save()
    for row, number, columns in _tables(shop, size):
        _multiply(row, number, columns)
    _settle()
    while Hour.objects.sum_up(timezone.now(), most=24):
        pass  # as the scheduler does it, little by little


def _tables(shop, size):
    tenant, automation, run = (f"{row.pk} + 1 + " for row in (shop.tenant, shop.automation, shop.run))
    of = f"i % {size.tenants}"
    source, of_run = f"{shop.source.pk} + 1 + {of}", f"i % {size.automations} % {size.tenants}"
    mine, few = {"tenant_id": tenant + of}, max(size.runs // 10, 10)
    digest, later = {"digest": "'d' || i"}, {"expires_at": _ago("-i")}
    return [
        (shop.tenant, size.tenants, {"name": "'Shop no. ' || i", "external_id": "'shop-' || i"}),
        (shop.account, size.tenants, {"tenant_id": tenant + "i - 1", "email": "'robot' || i || '@shop.example'"}),
        (shop.source, size.tenants, {"tenant_id": tenant + "i - 1", "name": "'shop ' || i", "public_id": _uuid()}),
        (shop.restriction, size.tenants, {"tenant_id": tenant + "i - 1", "user_key": "'u' || (i % 50)"}),
        (shop.token, 2 * size.tenants, mine | digest | {"name": "'job ' || i"}),
        (shop.code, size.tenants, mine | digest | {"token_id": "NULL", "used_at": "NULL"} | later),
        (shop.automation, size.automations, mine | {
            "source_id": source, "name": "'orders ' || i", "spreadsheet_id": "'sheet-' || i", "account_id": "NULL",
            "problem": "CASE WHEN i % 200 = 0 THEN 'the tab is not ours' ELSE '' END",
            "status": "CASE WHEN i % 20 = 0 THEN 'paused' ELSE 'active' END",
        }),
        (shop.column, 5 * size.automations, {
            "automation_id": f"{automation}i % {size.automations}", "uid": "'u' || i", "header": "'Header ' || i",
        }),
        (shop.run, size.runs, _run(size, tenant + of_run, automation)),
        (shop.attempt, size.runs, _attempt(size, run)),
        (shop.incident, size.runs // 50, {
            "run_id": f"{run}i * 50 - 1", "seen_at": _ago(_step("i", size.runs // 50)),
        }),
        (shop.order, size.runs // 20, {
            "automation_id": f"{automation}i % {size.automations}", "order_id": "'order-' || i",
        }),
        (shop.delivery, few, {
            "source_id": source, "key": "'w' || i", "run_id": f"{run}i", "verdict": "'accepted'",
        } | later),
        (shop.entry, few, mine | {
            "at": _ago(_step("i", few)), "action": "'run.retried'", "object_type": "'syncrun'",
            "object_id": "'' || i", "object_label": "'run ' || i",
        }),
        (shop.request_key, few, mine | {"key": "'k' || i"} | later),
        (shop.link, few // 10, mine | digest | {"account_id": "NULL"} | later),
        (shop.install, few // 10, mine | digest | {"source_id": "NULL"} | later),
        (shop.privacy, few // 10, {"source_id": source, "about": "'a' || i", "customer_id": "'c' || i"}),
    ]  # fmt: skip


def _run(size, tenant, automation):
    """Of the newest runs, at most one of an automation, some wait and a few are running."""
    seconds, luck = _step(f"({size.runs} - i)", size.runs), _luck(size)
    last = f"i > {size.runs} - {size.automations} AND "
    running, waiting = f"({last}i % 250 = 0)", f"({last}i % 50 = 1)"
    ended = f"CASE WHEN {running} OR {waiting} THEN NULL ELSE {{}} END"
    failed = f"{luck} >= 90 AND {luck} < 98 AND NOT {running} AND NOT {waiting}"
    errors = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(ERRORS))
    return {
        "tenant_id": tenant,
        "automation_id": f"{automation}i % {size.automations}",
        "correlation_id": "'c' || i",
        "trigger": "CASE i % 4 WHEN 0 THEN 'manual' WHEN 1 THEN 'webhook' ELSE 'schedule' END",
        "status": f"CASE WHEN {running} THEN 'running' WHEN {waiting} THEN 'pending' "
        f"WHEN {luck} < 90 THEN 'completed' "
        f"WHEN {luck} < 95 THEN 'failed' WHEN {luck} < 98 THEN 'dead' ELSE 'canceled' END",
        "error_type": f"CASE WHEN {failed} THEN CASE i % {len(ERRORS)} {errors} END ELSE '' END",
        "error": f"CASE WHEN {failed} THEN 'row ' || i || ' was refused' ELSE '' END",
        "created_at": _ago(seconds),
        "next_attempt_at": _ago(seconds),
        "started_at": _ago(f"{seconds} - 5"),
        "finished_at": ended.format(_ago(f"{seconds} - 5 - i % 300")),
        "lease_token": f"CASE WHEN {running} THEN 't' || i ELSE NULL END",
        "lease_expires_at": f"CASE WHEN {running} THEN {_ago('-20')} ELSE NULL END",
        "replay_of_id": "NULL",
    }


def _luck(size) -> str:
    """From 0 to 99; another one for each run of an automation."""
    return f"((i + i / {size.automations}) % 100)"


def _attempt(size, run):
    seconds, bad = _step(f"({size.runs} - i)", size.runs), f"{_luck(size)} >= 90"
    return {
        "run_id": f"{run}i - 1",
        "number": "1",
        "worker": "'w' || (i % 8)",
        "started_at": _ago(f"{seconds} - 5"),
        "finished_at": _ago(f"{seconds} - 5 - i % 300"),
        "outcome": f"CASE WHEN {bad} THEN 'failed' ELSE 'succeeded' END",
        "error_type": f"CASE WHEN {bad} THEN 'TabRefused' ELSE '' END",
        "traceback": f"CASE WHEN {bad} THEN 'Traceback' ELSE '' END",
    }


def _multiply(row: models.Model, number: int, columns: dict[str, str]) -> None:
    """So many more like this one; `i` counts from 1, and their ids go on from the last."""
    names: list[Any] = [field.column for field in row._meta.concrete_fields]
    last = type(row)._base_manager.aggregate(last=models.Max("pk"))["last"]
    given = {"id": f"{last} + i"} | columns
    assert given.keys() <= set(names), f"{row._meta.label} has no {given.keys() - set(names)}"
    quoted = [connection.ops.quote_name(name) for name in names]
    values = [given.get(name, f"one.{own}") for name, own in zip(names, quoted, strict=True)]
    table = connection.ops.quote_name(row._meta.db_table)
    counted = "WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < %s)"
    sql = f"INSERT INTO {table} ({', '.join(quoted)}) {counted} SELECT {', '.join(values)} FROM counted, {table} one"  # noqa: S608 - nothing of it comes from elsewhere
    with connection.cursor() as cursor:
        cursor.execute(f"{sql.replace(' % ', ' %% ')} WHERE one.id = %s", [number, row.pk])
        for statement in connection.ops.sequence_reset_sql(no_style(), [type(row)]):
            cursor.execute(statement)


def _step(number: str, of: int) -> str:
    """So far back in the week, in seconds."""
    return f"({number} * {WEEK / of:.6f})"


def _ago(seconds: str) -> str:
    if connection.vendor == "postgresql":
        return f"(now() - ({seconds}) * interval '1 second')"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', (-({seconds})) || ' seconds')"


def _uuid() -> str:
    return "md5('' || i)::uuid" if connection.vendor == "postgresql" else "printf('%%032x', i)"


def _settle() -> None:
    """What the database would have done by itself, given time."""
    inside = connection.in_atomic_block or connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if inside else "VACUUM ANALYZE")
