"""Ids as text, and back: `007` is not order 7, and an id that the field cannot hold names no order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import (
    BinaryField,
    BooleanField,
    DateField,
    DecimalField,
    DurationField,
    FloatField,
    IntegerField,
    JSONField,
    Model,
    TimeField,
    UniqueConstraint,
)

from sheetsync.errors import BadRecord
from sheetsync.sources.queryset.config import bad
from sheetsync.sources.queryset.places import AnyField, Place, place

_NO_IDS = (BinaryField, BooleanField, DateField, DecimalField, DurationField, FloatField, JSONField, TimeField)
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Ids:
    """The ids that one field gives. Raises BadSource where it can give none."""

    def __init__(self, option: str, path: str, model: type[Model], *, unique: bool) -> None:
        self.place = place(option, path, model)
        if "." in path or isinstance(_target(self.place), _NO_IDS):
            raise bad(option, path, f"name a text, whole number or UUID of {model._meta.label} itself")
        if unique and not _is_unique(self.place, model):
            fields = ", ".join(unique_names(model))
            raise bad(option, path, f"two orders may have the same: name a unique field, one of {fields}")
        self.lookup = self.place.lookup
        self._model = model

    def text(self, value: Any, pk: Any) -> str:
        """The id as text; `pk` names the row. Raises BadRecord where it is missing."""
        if value is None or value == "":
            raise BadRecord(
                f"{self._model._meta.label} {pk}: {self.place.path} is empty, so nothing identifies its row: "
                "fill it in, or leave such rows out by a filter"
            )
        return str(value)

    def values(self, texts: Iterable[str], alias: str) -> Iterator[Any]:
        """The values of the field for these texts; one that it cannot hold gives nothing.

        What they find has to be compared with the texts: 007 finds order 7.
        """
        field = _target(self.place)
        least, most = None, None
        if isinstance(field, IntegerField):
            least, most = connections[alias].ops.integer_field_range(field.get_internal_type())
        for text in texts:
            value = _value(field, text)
            if value is None or (least is not None and value < least) or (most is not None and value > most):
                continue
            yield value


def _value(field: AnyField, text: str) -> Any:
    """What the field takes `text` for, or None where it cannot hold it. Whether it was meant, the id found tells."""
    if not text or _UNFIT.search(text):
        return None
    try:
        return field.to_python(text)
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return None


def _target(found: Place) -> AnyField:
    """The field that holds the value: behind a foreign key it is the other model's."""
    field: Any = found.field
    while field.is_relation:
        field = field.target_field
    return field  # type: ignore[no-any-return]


def _is_unique(found: Place, model: type[Model]) -> bool:
    return found.field is not None and found.field.name in unique_names(model)


def unique_names(model: type[Model]) -> list[str]:
    """The fields of which no two rows have the same value."""
    constraints = [each for each in model._meta.total_unique_constraints if isinstance(each, UniqueConstraint)]
    alone = {each.fields[0] for each in constraints if len(each.fields) == 1}
    fields = model._meta.concrete_fields
    return [field.name for field in fields if field.unique or field.name in alone]
