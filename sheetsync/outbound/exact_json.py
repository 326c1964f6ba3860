"""JSON from strangers: no deeper than later code can bear, numbers to their last digit, nothing with two readings."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

DEEPEST = 64
WIDEST = 400
"""Digits of a number, and the size of its exponent: what a float can say, and then some. 1e999999999 takes a gigabyte
to write out.
"""

_NO_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^][{}"]++', re.DOTALL)
"""Texts, and what is between brackets. Possessive, so that a text without an end is not searched for ever."""


def parse_json(text: str, *, deepest: int = DEEPEST) -> Any:
    """The value: numbers with a fraction or exponent are Decimal, all others int. Raises ValueError with the reason."""
    if depth_exceeds(text, deepest):
        raise ValueError(f"it is nested more than {deepest} deep")
    try:
        return json.loads(
            text, object_pairs_hook=_once_each, parse_float=_exact, parse_int=_whole, parse_constant=_refused
        )
    except RecursionError:  # brackets that are never closed
        raise ValueError(f"it is nested more than {deepest} deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error}") from None


def depth_exceeds(text: str, deepest: int) -> bool:
    """Whether closed brackets are nested deeper than this, told without building anything."""
    if text.count("[") + text.count("{") <= deepest:
        return False
    brackets = _NO_BRACKETS.sub("", text).translate({ord("["): "(", ord("{"): "(", ord("]"): ")", ord("}"): ")"})
    for _ in range(deepest):
        # Takes away what is innermost, one level a time.
        shorter = brackets.replace("()", "")
        if shorter == brackets:
            return False
        brackets = shorter
    return "()" in brackets


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"it has {name[:100]!r} twice in one object")
        found[name] = value
    return found


def _exact(text: str) -> Decimal:
    try:
        number = Decimal(text) if len(text) <= WIDEST else None
    except InvalidOperation:  # an exponent beyond all measure
        number = None
    if number is None or abs(number.adjusted()) > WIDEST:
        raise ValueError(f"it has a number that is too long: {text[:20]}…")
    return number


def _whole(text: str) -> int:
    if len(text) > WIDEST:
        raise ValueError(f"it has a number that is too long: {text[:20]}…")
    return int(text)


def _refused(name: str) -> Any:
    raise ValueError(f"it has {name}, which is no number in JSON")
