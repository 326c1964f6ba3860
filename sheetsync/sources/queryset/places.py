"""Dotted paths of the configuration as fields of models, and rows of a query as the objects that columns read."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from sheetsync.sources.queryset.config import bad, hint

Record = dict[str, Any]
AnyField: TypeAlias = "Field[Any, Any]"


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a row: the path that columns use, the lookup of the ORM, and the field; None for an annotation."""

    path: str
    lookup: str
    field: AnyField | None
    nullable: bool


class Selection:
    """What a query reads: the `exposed` values, which become an object, and hidden ones, which the source needs."""

    def __init__(self, exposed: Sequence[Place], hidden: Iterable[str]) -> None:
        self.lookups = tuple(dict.fromkeys([*hidden, *(place.lookup for place in exposed)]))
        self._at = {lookup: at for at, lookup in enumerate(self.lookups)}
        self._exposed = tuple((*_split(place.path), self._at[place.lookup]) for place in exposed)

    def value(self, row: Sequence[Any], lookup: str) -> Any:
        """One of the values of a row."""
        return row[self._at[lookup]]

    def record(self, row: Sequence[Any]) -> Record:
        """The exposed values of a row, nested as their paths say."""
        record: Record = {}
        for hops, name, at in self._exposed:
            inner = record
            for hop in hops:
                inner = inner.setdefault(hop, {})
            value = row[at]
            plain = _PLAIN.get(type(value))
            inner[name] = value if plain is None else plain(value)
        return record


def exposed(option: str, paths: Sequence[str] | None, model: type[Model], extra: Container[str] = ()) -> list[Place]:
    """The fields that these paths name; without paths the model's own, relations left out. Raises BadSource."""
    if paths is None:
        paths = [field.name for field in model._meta.concrete_fields if not field.is_relation]
    return [place(option, path, model, extra) for path in paths]


def place(option: str, path: str, model: type[Model], extra: Container[str] = ()) -> Place:
    """The field at the end of `path`, over relations that lead to one row each; `extra`: names of annotations.

    Raises BadSource for a path that leads to no value, or to many.
    """
    hops, last = _split(path)
    lookup = path.replace(".", "__")
    if not hops and last in extra:
        return Place(path, lookup, None, nullable=True)
    nullable = False
    for hop in hops:
        link = _step(option, path, model, hop, extra)
        if not link.is_relation or link.one_to_many or link.many_to_many or link.related_model is None:
            raise bad(option, path, f"{hop} does not lead to one other row: only such relations can be followed")
        nullable = nullable or link.null
        model = link.related_model
    field = _step(option, path, model, last, extra)
    # A relation to many calls itself concrete and has an attname, its name.
    if not field.concrete or field.many_to_many or (field.is_relation and last not in ("pk", field.attname)):
        raise bad(option, path, f"{last} is a relation: {_instead(field, path)}")
    return Place(path, lookup, field, nullable=nullable or field.null)


def names_in(model: type[Model], extra: Iterable[str] = ()) -> Iterator[str]:
    """The names with which a path can go on from a model."""
    yield from ("pk", *extra)
    for field in model._meta.get_fields():
        if not field.one_to_many and not field.many_to_many:
            yield field.name


def _split(path: str) -> tuple[list[str], str]:
    *hops, last = path.split(".")
    return hops, last


def _step(option: str, path: str, model: type[Model], name: str, extra: Any) -> Any:
    if name == "pk":
        return model._meta.pk
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        near = hint(name.replace("__", "."), names_in(model, extra), f"{model._meta.label} has")
        raise bad(option, path, f"{model._meta.label} has no field {name!r}: {near}") from None


def _instead(field: Any, path: str) -> str:
    if field.one_to_many or field.many_to_many:
        return "it leads to many rows, which only the option lines can give"
    if field.related_model is None:
        return "it leads to rows of any model, which cannot be followed"
    own = getattr(field, "attname", None)
    inside = f"a field of it such as {path}.{next(each.name for each in field.related_model._meta.concrete_fields)}"
    return f"name {path.rpartition('.')[0]}{'.' if '.' in path else ''}{own}, or {inside}" if own else f"name {inside}"


def _clock(value: timedelta) -> str:
    """A duration as hours, minutes and seconds: Python would call minus ten seconds "-1 day, 23:59:50"."""
    seconds, fraction = divmod(abs(value), timedelta(seconds=1))
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    text += f".{fraction.microseconds:06}" if fraction else ""
    return f"-{text}" if value < timedelta(0) else text


_PLAIN: dict[type, Callable[[Any], str]] = {
    timedelta: _clock,
    # What some drivers give for bytes; its text is another one each time.
    memoryview: lambda value: bytes(value).hex(),
    bytes: bytes.hex,
}
"""How values become text that the pipeline would not know how to write. All others go on as they are."""
