"""A walk through all orders in a fixed order: each query begins behind the last order of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import connections
from django.db.models import BinaryField, DateTimeField, DecimalField, JSONField, Max, Q, QuerySet

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import Cursor
from sheetsync.sources.queryset.config import QuerysetConfig, bad
from sheetsync.sources.queryset.places import AnyField, place


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a walk: behind the order with this value and primary key, and up to `until`. None: no such end.

    `since`: the least value, where the walk has just begun. `changed`: when the last change before the walk was, as
    text, for those that follow it.
    """

    value: Any = None
    pk: Any = None
    until: Any = None
    since: Any = None
    changed: str | None = None


class Walk:
    """One way to go: by a field and then, so that no two orders have one place, by the primary key.

    `bounded`: only up to the highest value of the beginning, for an order that is changed meanwhile moves to the end.
    Raises BadSource for a field that cannot lead.
    """

    def __init__(self, option: str, config: QuerysetConfig, orders: QuerySet[Any], *, bounded: bool = False) -> None:
        path = getattr(config, option)
        self._down = not bounded and path.startswith("-")
        self._option, self._path, self._bounded = option, path, bounded
        self._annotated = option == "updated" and path in orders.query.annotations
        self._pk: AnyField = orders.model._meta.pk
        self._field, self.lookup = _leading(option, path[self._down :], orders)
        self.by_pk = self._field is self._pk
        self._digest = _digest(config, path)

    def start(self, orders: QuerySet[Any], since: Any = None, changed: str | None = None) -> Mark | None:
        """Where the walk begins; None where there is nothing to walk to."""
        if not self._bounded:
            return Mark(changed=changed)
        until = self.last(orders)
        if self._annotated and orders.filter(**{f"{self.lookup}__isnull": True}).exists():
            remedy = "an order without it would never be met: wrap it in Coalesce, with a time that each order has"
            raise bad(self._option, self._path, remedy)
        return None if until is None else Mark(until=until, since=since, changed=self.spelt(until))

    def last(self, orders: QuerySet[Any]) -> Any:
        """The highest value there is; None without orders."""
        return orders.aggregate(last=Max(self.lookup))["last"]

    def onward(self, orders: QuerySet[Any], mark: Mark) -> QuerySet[Any]:
        """The orders behind `mark`, in the order of the walk."""
        sign = "-" if self._down else ""
        found = orders.order_by(f"{sign}pk") if self.by_pk else orders.order_by(f"{sign}{self.lookup}", f"{sign}pk")
        if mark.pk is not None:
            found = found.filter(self._behind(mark))
        elif mark.since is not None:
            found = found.filter(**{f"{self.lookup}__gte": mark.since})
        return found if mark.until is None else found.filter(**{f"{self.lookup}__lte": mark.until})

    def _behind(self, mark: Mark) -> Q:
        """`(value, pk) > (mark.value, mark.pk)`, with a bound on the value alone, or no index is entered at it."""
        behind = "lt" if self._down else "gt"
        pk = Q(**{f"pk__{behind}": mark.pk})
        if self.by_pk:
            return pk
        from_here = Q(**{f"{self.lookup}__{behind}e": mark.value})
        return from_here & (Q(**{f"{self.lookup}__{behind}": mark.value}) | pk)

    def next(self, mark: Mark, reached: Mark) -> Mark:
        """`reached`, unless it is where the walk was before. Raises BadSource."""
        if reached == mark:
            remedy = (
                "the database does not compare its values as it shows them, so the walk goes round: name another field"
            )
            raise bad(self._option, self._path, remedy)
        return reached

    def cursor(self, mark: Mark) -> Cursor:
        """The mark as text. Raises BadSource where it would not come back to the last digit."""
        kept = {"walk": self._digest, "pk": self._spelt(self._pk, mark.pk)}
        if not self.by_pk:
            kept["value"] = self._spelt(self._field, mark.value)
        if mark.until is not None:
            kept["until"] = self._spelt(self._field, mark.until)
        if mark.changed is not None:
            kept["changed"] = mark.changed
        return json.dumps(kept)

    def resumed(self, cursor: Cursor) -> Mark:
        """The mark of a cursor. Raises BadSource for one that was made by another walk."""
        try:
            kept = json.loads(cursor)
            if kept["walk"] != self._digest:
                raise ValueError
            pk = self._pk.to_python(kept["pk"])
            value = pk if self.by_pk else self._field.to_python(kept["value"])
            until = self._field.to_python(kept["until"]) if self._bounded else None
            return Mark(value, pk, until, changed=kept.get("changed"))
        except (KeyError, TypeError, ValueError, ValidationError):
            raise BadSource(
                "model, filters or ordering are not those that the checkpoint was made with: delete the checkpoint and "
                "start over; orders that are in the tab already are recognised"
            ) from None

    def spelt(self, value: Any) -> str:
        """A value as text. Raises BadSource where it would not come back to the last digit."""
        return self._spelt(self._field, value)

    def _spelt(self, field: AnyField, value: Any) -> str:
        text = str(value)
        try:
            returns = field.to_python(text) == value
        except (TypeError, ValueError, ValidationError):
            returns = False
        if not returns:
            raise bad(
                self._option,
                self._path,
                f"a {type(value).__name__} cannot be kept in a checkpoint: walk by a time or pk",
            )
        return text


def _leading(option: str, path: str, orders: QuerySet[Any]) -> tuple[AnyField, str]:
    """The field that leads a walk, and its lookup."""
    if option == "updated" and path in orders.query.annotations:
        return _annotated(option, path, orders), path
    found = place(option, path, orders.model)
    field = found.field
    if field is None or found.nullable:
        raise bad(option, path, "rows without a value would never be met: name a field that is never null, such as pk")
    if field is orders.model._meta.pk and "." not in path:
        return field, "pk"
    if option == "updated" and not isinstance(field, DateTimeField):
        raise bad(option, path, "it holds no time: name a DateTimeField")
    if isinstance(field, DecimalField) and connections[orders.db].vendor == "sqlite":
        # What was stored as 0.3333 is read as 0.33, and the next query would pass over others that were.
        raise bad(option, path, "SQLite compares decimals by digits that it does not show: name a time, a number or pk")
    if field.is_relation or isinstance(field, (BinaryField, JSONField)):
        raise bad(option, path, "its values have no order that every database keeps: name a time, a number or pk")
    return field, found.lookup


def _annotated(option: str, path: str, orders: QuerySet[Any]) -> AnyField:
    """The field of an annotation, for hosts whose orders have no time of their own last change."""
    try:
        field = orders.query.annotations[path].output_field
    except FieldError as error:
        raise bad(option, path, f"say which kind of value it is, by output_field=DateTimeField() ({error})") from None
    if not isinstance(field, DateTimeField):
        raise bad(option, path, "it holds no time: annotate a DateTimeField")
    return field


def _digest(config: QuerysetConfig, path: str) -> str:
    whole = json.dumps([config.model, config.filters, path], sort_keys=True, default=str)
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
