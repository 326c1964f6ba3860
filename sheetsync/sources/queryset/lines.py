"""The lines of orders: found by the reverse relation, read for many orders at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model

from sheetsync.sources.queryset.config import QuerysetConfig, bad, hint
from sheetsync.sources.queryset.ids import Ids
from sheetsync.sources.queryset.places import Record, Selection, exposed
from sheetsync.sources.queryset.reading import rows_of


class Lines:
    """The lines that `config` names. `target`: the lookup of an order's value to which its lines refer."""

    def __init__(self, config: QuerysetConfig, orders: type[Model]) -> None:
        relation = _relation(config.lines or "", orders)
        model = relation.related_model
        self._lines = model._default_manager.order_by("pk")
        self._owner = relation.field.attname
        self.target = relation.field.target_field.attname
        self._ids = Ids("line_id_field", config.line_id_field, model, unique=False)
        fields = exposed("line_fields", config.line_fields, model)
        self._selection = Selection(fields, ["pk", self._owner, self._ids.lookup])

    def of(self, owners: Sequence[Any], alias: str) -> dict[Any, list[tuple[str, Record]]]:
        """{order: its lines with their ids}, by one query, in the order of their primary keys."""
        found: dict[Any, list[tuple[str, Record]]] = {}
        lines = self._lines.using(alias).filter(**{f"{self._owner}__in": owners})
        for row in rows_of(lines, self._selection, alias):
            line_id = self._ids.text(self._selection.value(row, self._ids.lookup), self._selection.value(row, "pk"))
            owner = self._selection.value(row, self._owner)
            found.setdefault(owner, []).append((line_id, self._selection.record(row)))
        return found


def _relation(name: str, orders: type[Model]) -> Any:
    relations = {each.get_accessor_name(): each for each in _reverse(orders)}
    if name not in relations:
        remedy = hint(name, (each for each in relations if each), "related names with many rows are")
        raise bad("lines", name, f"{orders._meta.label} has no such lines: {remedy}")
    return relations[name]


def _reverse(orders: type[Model]) -> Iterator[Any]:
    """Foreign keys of other models to this one; those over several columns left out."""
    for each in orders._meta.related_objects:
        if each.one_to_many and len(each.field.foreign_related_fields) == 1 and each.get_accessor_name():
            yield each
