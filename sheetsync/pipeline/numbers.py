"""Numbers as shops write them: what is one without doubt, and what a sheet can hold to the last digit."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from sheetsync.pipeline.text import misfit

NOT_A_NUMBER = "not_a_number"
NOT_AN_INTEGER = "not_an_integer"
TOO_MANY_DIGITS = "too_many_digits"
OUT_OF_RANGE = "number_out_of_range"

MAX_DIGITS = 15
"""A sheet keeps numbers as IEEE doubles: 15 decimal digits always survive, a sixteenth may not."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
"""Commas between groups of three. A lone comma stays out of it: 1,234 is a thousand here and one and a bit
there.
"""

_WIDE = Context(prec=1_000)
"""Wide enough to shift the point of anything that still counts; the host's own context may be narrow."""


def exact(value: Any) -> Decimal | None:
    """The number that `value` is or spells, or None. A boolean is no number; NaN and infinity are none
    either.
    """
    kind = type(value)
    if kind is str:
        return _spelt(value) if len(value) <= 64 else _parsed(value)
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        return None
    # Decimal also takes tuples and texts of other kinds, which are no numbers to us.
    return number if isinstance(value, (int, float, Decimal)) and number.is_finite() else None


def decimal_cell(value: Any) -> int | float | None:
    """The cell of a number. Raises Odd for what is none, and for what a sheet would round."""
    if type(value) is str:
        if not value.strip():
            return None
        if len(value) <= MAX_DIGITS:
            return _short(value)
    elif type(value) is int and -1_000_000_000_000_000 < value < 1_000_000_000_000_000:
        return value
    number = exact(value)
    if number is None:
        raise misfit(value, NOT_A_NUMBER)
    return _held(number, value)


def integer_cell(value: Any) -> int | float | None:
    """The cell of a whole number; 12.0 is one. Raises Odd for everything else."""
    cell = decimal_cell(value)
    if isinstance(cell, float) and not cell.is_integer():
        raise misfit(value, NOT_AN_INTEGER)
    return cell


def percent_cell(value: Any) -> int | float | None:
    """The cell of a share: 0.19 and "19%" are the same. Raises Odd."""
    if not isinstance(value, str) or not value.rstrip().endswith("%"):
        return decimal_cell(value)
    number = exact(value.rstrip()[:-1])
    if number is None:
        raise misfit(value, NOT_A_NUMBER)
    return _held(number.scaleb(-2, _WIDE), value)


@lru_cache(maxsize=16_384)
def _short(text: str) -> int | float:
    # Prices, quantities and rates repeat all through an export. What raises is not cached, and is rare.
    number = _parsed(text)
    if number is None:
        raise misfit(text, NOT_A_NUMBER)
    return _held(number, text)


@lru_cache(maxsize=4_096)
def _spelt(text: str) -> Decimal | None:
    return _parsed(text)


def _parsed(text: str) -> Decimal | None:
    text = text.strip()
    if not _PLAIN.fullmatch(text):
        if not _GROUPED.fullmatch(text):
            return None
        text = text.replace(",", "")
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _held(number: Decimal, value: Any) -> int | float:
    digits = number.as_tuple().digits
    if len(digits) > MAX_DIGITS and len("".join(map(str, digits)).strip("0")) > MAX_DIGITS:
        raise misfit(value, TOO_MANY_DIGITS)
    cell = float(number)
    if cell in (float("inf"), float("-inf")) or (cell == 0.0 and number):
        raise misfit(value, OUT_OF_RANGE)
    return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
