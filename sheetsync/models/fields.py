"""What several models share: choices that the database enforces, secrets that are sealed, one alias for all tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections, models, router, transaction
from django.utils.translation import gettext_lazy as _

from sheetsync import crypto
from sheetsync.cron import check as check_schedule
from sheetsync.errors import BadSchedule


def choices_of(values: type[StrEnum]) -> list[tuple[str, str]]:
    """A pipeline enum as Django's choices."""
    return [(value.value, value.value) for value in values]


def one_of(field: str, values: Iterable[str], name: str) -> models.CheckConstraint:
    """The constraint that Django's `choices` are not: the database refuses any other value."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": [str(value) for value in values]}), name=name)


def alias(model: type[models.Model]) -> str:
    """The database that the host's routers send this model's rows to."""
    return router.db_for_write(model)


def database_time(model: type[models.Model]) -> datetime:
    """What time it is, in UTC, by the clock that all processes share."""
    connection = connections[alias(model)]
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        # SQLite has no type for it, and its CURRENT_TIMESTAMP no fractions.
        cursor.execute("SELECT STRFTIME('%Y-%m-%d %H:%M:%f', 'now')" if sqlite else "SELECT STATEMENT_TIMESTAMP()")
        (now,) = cursor.fetchone()
    return datetime.fromisoformat(now).replace(tzinfo=UTC) if sqlite else now


def atomic(model: type[models.Model]) -> transaction.Atomic:
    """A transaction where this model's rows live."""
    return transaction.atomic(using=alias(model))


def save_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of many rows, a statement for each row, all sent at once.

    bulk_update makes one statement with a CASE of all values of a field, which takes Django ten times as long to build.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[alias(model)]
    quoted = connection.ops.quote_name
    columns = {field.name: field for field in model._meta.concrete_fields}
    *changed, key = fields = [*(columns[name] for name in names), columns["id"]]
    assigned = ", ".join(f"{quoted(str(field.column))} = %s" for field in changed)
    statement = f"UPDATE {quoted(model._meta.db_table)} SET {assigned} WHERE {quoted(str(key.column))} = %s"  # noqa: S608
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def valid_time_zone(name: str) -> None:
    """Raises ValidationError for anything but an IANA time zone."""
    try:
        check_schedule("0 0 * * *", name)
    except BadSchedule as error:
        raise ValidationError(str(error)) from error


class Sealed(models.Model):
    """A row with secrets: a JSON object, encrypted together with the tenant's id, opened only when asked for."""

    sealed = models.TextField(_("secrets"), blank=True, default="", editable=False)

    tenant_id: int

    class Meta:
        abstract = True

    def secrets(self) -> dict[str, Any]:
        """What was sealed, or an empty dict. Raises CannotDecrypt, with the remedy."""
        if not self.sealed:
            return {}
        opened: dict[str, Any] = json.loads(crypto.decrypt(self.tenant_id, self.sealed))
        return opened

    def seal(self, secrets: Mapping[str, Any]) -> None:
        """Put these secrets in the place of the old ones; saving is the caller's."""
        self.sealed = crypto.encrypt(self.tenant_id, json.dumps(dict(secrets))) if secrets else ""
