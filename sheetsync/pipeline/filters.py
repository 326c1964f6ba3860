"""Which orders an export takes: conditions that all must hold, compiled once and asked for every row.

Two values are compared as numbers where at least one of them is a number and the other is or spells one; as
instants where both spell a date or time; else as text. Order (gt, gte, lt, lte) also takes two texts that
spell numbers: shops write money as text. Equality does not: 01234 is no 1234.
"""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sheetsync.errors import BadColumn, BadFilter
from sheetsync.pipeline.dates import moment, zone
from sheetsync.pipeline.numbers import exact
from sheetsync.pipeline.paths import compile_path
from sheetsync.pipeline.records import SourceRow
from sheetsync.pipeline.text import Odd, text_of

Predicate = Callable[[SourceRow], bool]
Test = Callable[[Any], bool]

MAX_FILTERS = 50
MAX_LIST = 1_000
MAX_TEXT = 1_000
MAX_DAYS = 36_500

_FIELDS = ("path", "operator", "value")


class Operator(StrEnum):
    """How a filter compares.

    A list holds as soon as one of its elements does; a missing value only for `ne`, `not_in` and `missing`.
    `within_days` takes times of the last so many days: a window that moves on with the clock.
    """

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    WITHIN_DAYS = "within_days"
    EXISTS = "exists"
    MISSING = "missing"


_LISTS = {Operator.IN, Operator.NOT_IN}
_BARE = {Operator.EXISTS, Operator.MISSING}
_NEGATIVE = {Operator.NE, Operator.NOT_IN, Operator.MISSING}
_ORDERS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition. `value`: a scalar; a tuple for `in` and `not_in`; None for `exists` and `missing`."""

    path: str
    operator: Operator
    value: Any = None


def filters_from(definitions: Sequence[Mapping[str, Any]]) -> tuple[Filter, ...]:
    """The filters of an automation, checked. Raises BadFilter naming the field, the value and the remedy."""
    if len(definitions) > MAX_FILTERS:
        raise BadFilter(f"{len(definitions)} filters are too many: define at most {MAX_FILTERS}")
    return tuple(_filter(number, definition) for number, definition in enumerate(definitions, 1))


def compile_filters(filters: Sequence[Filter], time_zone: str = "UTC", now: datetime | None = None) -> Predicate:
    """The predicate that holds where all of `filters` do; times without an offset are `time_zone`'s.

    `now` (aware) is what windows of days end at; without any it may be left out.
    """
    clock = zone(time_zone) if time_zone != "UTC" else UTC
    tests = tuple(_compiled(_settled(each, now), clock) for each in filters)
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _settled(condition: Filter, now: datetime | None) -> Filter:
    """A window of days as the instant at which it begins now."""
    if condition.operator is not Operator.WITHIN_DAYS:
        return condition
    if now is None:
        raise ValueError("a window of days needs to know what time it is")
    begin = now.astimezone(UTC) - timedelta(days=condition.value)
    return replace(condition, operator=Operator.GTE, value=begin)


def _filter(number: int, definition: Mapping[str, Any]) -> Filter:
    if not isinstance(definition, Mapping):
        raise _bad(number, "definition", definition, 'write {"path": "status", "operator": "eq", "value": "paid"}')
    for name in definition:
        if name not in _FIELDS:
            raise _bad(number, "field", name, f"the fields are {', '.join(_FIELDS)}")
    path = definition.get("path")
    try:
        compile_path(path if isinstance(path, str) else "")
    except BadColumn as error:
        raise BadFilter(f"filter {number}, path: {error}") from None
    how = _operator(number, definition)
    return Filter(path=str(path), operator=how, value=_value(number, how, definition))


def _operator(number: int, definition: Mapping[str, Any]) -> Operator:
    value = definition.get("operator")
    try:
        return Operator(str(value))
    except ValueError:
        near = difflib.get_close_matches(str(value), list(Operator), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _bad(number, "operator", value, f"{hint}operators are {', '.join(Operator)}") from None


def _value(number: int, how: Operator, definition: Mapping[str, Any]) -> Any:
    value = definition.get("value")
    if how in _BARE:
        if value is not None:
            raise _bad(number, "value", value, f"{how} takes none: leave it out")
        return None
    if how is Operator.WITHIN_DAYS:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_DAYS:
            raise _bad(number, "value", value, f"write a whole number of days, 1 to {MAX_DAYS}")
        return value
    if how not in _LISTS:
        return _scalar(number, how, value)
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MAX_LIST:
        raise _bad(number, "value", value, f"{how} takes a list of 1 to {MAX_LIST} values")
    return tuple(_scalar(number, how, each) for each in value)


def _scalar(number: int, how: Operator, value: Any) -> Any:
    if value is None or value == "":
        raise _bad(number, "value", value, f"{how} needs one; for orders without a value use the operator missing")
    if not isinstance(value, (str, int, float, Decimal, date)):
        raise _bad(number, "value", value, "write a text, a number, true or false")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise _bad(number, "value", value, f"shorten it to {MAX_TEXT} characters")
    if how in _ORDERS and isinstance(value, bool):
        raise _bad(number, "value", value, "true and false have no order: use eq or ne")
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and exact(value) is None:
        raise _bad(number, "value", value, "write a finite number")
    return value


def _compiled(condition: Filter, clock: tzinfo) -> Predicate:
    get = compile_path(condition.path)
    test = _test(condition, clock)
    wanted = condition.operator not in _NEGATIVE

    def holds(row: SourceRow) -> bool:
        value = get(row)
        if value is None or value == "":
            return not wanted
        if isinstance(value, (list, tuple)):
            return any(test(each) for each in value if each is not None and each != "") is wanted
        return test(value) is wanted

    return holds


def _test(condition: Filter, clock: tzinfo) -> Test:
    how, value = condition.operator, condition.value
    if how in _BARE:
        return lambda value: True
    if how in _ORDERS:
        return _ordered(_ORDERS[how], value, clock)
    if how is Operator.CONTAINS:
        part = _text(value)
        return lambda value: part in _text(value)
    return _among(value if how in _LISTS else (value,), clock)


def _among(values: Sequence[Any], clock: tzinfo) -> Test:
    numbers = {number for value in values if _is_number(value) and (number := exact(value)) is not None}
    spelt = numbers | {number for value in values if (number := exact(value)) is not None}
    instants = {instant for value in values if (instant := _instant(value, clock))}
    texts = {_text(value) for value in values if not _is_number(value)}

    def test(value: Any) -> bool:
        if _is_number(value):
            return exact(value) in spelt
        if _text(value) in texts:
            return True
        if numbers and exact(value) in numbers:
            return True
        return bool(instants) and _instant(value, clock) in instants

    return test


def _ordered(compare: Callable[[Any, Any], bool], bound: Any, clock: tzinfo) -> Test:
    number, instant, text = exact(bound), _instant(bound, clock), _text(bound)

    def test(value: Any) -> bool:
        if number is not None and (found := exact(value)) is not None:
            return compare(found, number)
        if instant is not None and (when := _instant(value, clock)) is not None:
            return compare(when, instant)
        # A number and a word have no order; text is compared only with text.
        return isinstance(value, str) and isinstance(bound, str) and compare(value, text)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _instant(value: Any, clock: tzinfo) -> datetime | None:
    found = None if _is_number(value) else moment(value)
    if found is None:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=clock)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _text(value: Any) -> str:
    try:
        return text_of(value)
    except Odd as odd:
        return odd.cell


def _bad(number: int, field: str, value: Any, remedy: str) -> BadFilter:
    shown = repr(value)
    return BadFilter(f"filter {number}, {field} {shown if len(shown) <= 60 else shown[:60] + '…'}: {remedy}")
