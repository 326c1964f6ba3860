"""Values as Shopify writes them, checked and made plain: everything in a reply may be anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sheetsync.errors import BadRecord

Read = Callable[[Any], Any]

_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_DIGITS = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LARGEST_ID = 2**63 - 1
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Times outside are none of a shop, and near the ends of the calendar a second cannot be added."""


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise _odd(value, "a text")
    return value


def word(value: Any) -> str:
    """A name in capitals, in small letters: PARTIALLY_PAID is partially_paid."""
    return text(value).lower()


def texts(value: Any) -> list[str]:
    """A list of texts."""
    return [text(each) for each in a_list(value)]


def yes_or_no(value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise _odd(value, "true or false")
    return value


def whole(value: Any) -> int:
    """A whole number; large ones come as text."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _odd(value, "a whole number")
    return value


def money(value: Any) -> Decimal:
    """A MoneyBag, in the shop's own currency."""
    amount = an_object(an_object(value).get("shopMoney")).get("amount")
    if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
        raise _odd(amount, "an amount")
    return Decimal(amount)


def sum_of(key: str) -> Read:
    """What the amounts of a list are together."""
    return lambda value: sum((money(an_object(each).get(key)) for each in a_list(value)), Decimal(0))


def inside(key: str) -> Read:
    """The one text in an object; None where it is not told."""

    def read(value: Any) -> str | None:
        found = an_object(value).get(key)
        return None if found is None else text(found)

    return read


def attributes(value: Any) -> dict[str, str | None]:
    """A list of keys and values as an object; of a key that stands twice, the last."""
    found: dict[str, str | None] = {}
    for each in a_list(value):
        given = an_object(each).get("value")
        found[text(an_object(each).get("key"))] = None if given is None else text(given)
    return found


def gid(kind: str) -> Read:
    """The digits of `gid://shopify/Order/123`, as text: they may be more than a float can hold."""

    def read(value: Any) -> str:
        digits = text(value).removeprefix(f"gid://shopify/{kind}/").partition("?")[0]
        if digits == value or not is_id(digits):
            raise _odd(value, f"the id of a {kind}")
        return digits

    return read


def is_id(digits: str) -> bool:
    """Whether this could be the number of an order, written the one way that it is written."""
    return bool(_DIGITS.fullmatch(digits)) and int(digits) <= LARGEST_ID


def moment(value: Any) -> datetime:
    """A time by its second, in UTC: Shopify tells no parts of it."""
    try:
        found = datetime.fromisoformat(text(value)[:40])
        usable = found.tzinfo is not None and _FIRST < found < _LAST
    except (ValueError, OverflowError):
        usable = False
    if not usable:
        raise _odd(value, "a time")
    return found.astimezone(UTC).replace(microsecond=0)


def spelt(at: datetime) -> str:
    """A time as Shopify writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def an_object(value: Any) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise _odd(value, "an object")
    return value


def a_list(value: Any) -> Sequence[Any]:
    """A list."""
    if not isinstance(value, list):
        raise _odd(value, "a list")
    return value


def _odd(value: Any, expected: str) -> BadRecord:
    shown = repr(value) if isinstance(value, str | int | float | bool | None) else f"a {type(value).__name__}"
    return BadRecord(f"{shown[:60]} is not {expected}")
