"""A net under the API: in debug mode a query that could reach another tenant's rows raises before anybody sees one.

Two checks, while an endpoint of a tenant works. Every statement on our tables is limited to the tenant, to an id, or to
what belongs to a row in hand. And no row of another tenant becomes an object: an id may have been a stranger's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.models.signals import post_init

from sheetsync.conf import settings as conf
from sheetsync.models.fields import alias
from sheetsync.models.run import SyncRun

_tenant: ContextVar[int | None] = ContextVar("sheetsync_watched_tenant", default=None)

_TABLE = re.compile(r'^\s*(?:SELECT\b.*?\bFROM|UPDATE|DELETE\s+FROM)\s+"(\w+)"', re.DOTALL)
_LIMITED = re.compile(r'"(?:id|\w+_id)"\s*(?:=|IN\b)')
FOR_ALL = {"sheetsync_quotabucket", "sheetsync_pulse"}
"""Tables whose rows are nobody's."""


class UnscopedQuery(AssertionError):
    """A mistake of ours: a query of the API that is not limited to one tenant."""


@contextmanager
def watched(tenant_id: int) -> Iterator[None]:
    """Raises UnscopedQuery from whatever touches others' rows meanwhile; does nothing unless SHEETSYNC says so."""
    if not conf.WATCH_ISOLATION:
        yield
        return
    token = _tenant.set(tenant_id)
    post_init.connect(_look_at_row, dispatch_uid="sheetsync-isolation")
    try:
        with connections[alias(SyncRun)].execute_wrapper(_look_at_statement):
            yield
    finally:
        _tenant.reset(token)


@contextmanager
def lifted() -> Iterator[None]:
    """For a verb of ours that has to look at all tenants, and shows nothing of them."""
    token = _tenant.set(None)
    try:
        yield
    finally:
        _tenant.reset(token)


def _look_at_statement(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    found = None if _tenant.get() is None else _TABLE.match(sql)
    if found and found[1] in _tables() - FOR_ALL:
        _, where, condition = sql.partition(" WHERE ")
        if not where or not _LIMITED.search(condition):
            raise UnscopedQuery(f"not limited to a tenant: {sql[:500]}")
    return execute(sql, *rest)


def _look_at_row(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    watched_for, owner = _tenant.get(), instance.__dict__.get("tenant_id")
    if watched_for is None or owner is None or sender._meta.app_label != "sheetsync":
        return
    if owner != watched_for:
        raise UnscopedQuery(f"{sender.__name__} {instance.pk} belongs to tenant {owner}, not to {watched_for}")


@cache
def _tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_app_config("sheetsync").get_models())
