"""Any value of a source as the text of a cell: nothing is interpreted, nothing is lost without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

MAX_UNITS = 50_000
"""Google refuses a longer cell, and with it the whole call; it counts as JavaScript does, in UTF-16 units."""

MARK = "… [cut by sheetsync]"
PLACEHOLDER = "[a value that sheetsync cannot write]"

CUT = "text_cut"
REPLACED = "characters_replaced"
UNWRITABLE = "unwritable"

_BREAKS = re.compile("\r\n?")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters except tab and line feed, and halves of surrogate pairs, which UTF-8 cannot carry."""


class Odd(Exception):
    """A value that does not fit its column as it is: `cell` goes in instead, and every one of `kinds` is
    counted.
    """

    def __init__(self, cell: str, *kinds: str) -> None:
        super().__init__(cell, *kinds)
        self.cell = cell
        self.kinds = kinds


def text_cell(value: Any) -> str:
    """The text of `value` as a cell can hold it. Raises Odd where it had to be changed."""
    text = value if type(value) is str else text_of(value)
    if len(text) <= MAX_UNITS // 2 and text.isprintable():
        return text
    fit, kinds = _fit(text)
    if kinds:
        raise Odd(fit, *kinds)
    return fit


def misfit(value: Any, kind: str) -> Odd:
    """What to raise for a value that its column's type cannot hold: its text goes in, and `kind` is
    counted.
    """
    try:
        return Odd(text_cell(value), kind)
    except Odd as odd:
        return Odd(odd.cell, kind, *odd.kinds)


def text_of(value: Any) -> str:
    """`value` as text: lists joined by a comma, objects as compact JSON, everything else as Python writes it.

    Raises Odd for objects that are nested too deeply, contain themselves or hold what JSON cannot say.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, Mapping):
        return _json(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_element(each) for each in value if each is not None)
    try:
        return str(value)
    except Exception:
        # An integer of over 4,300 digits, or a host's object with a broken __str__: the row still goes on.
        raise Odd(PLACEHOLDER, UNWRITABLE) from None


def _element(value: Any) -> str:
    return _json(value) if isinstance(value, (Mapping, list, tuple)) else text_of(value)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    except (RecursionError, TypeError, ValueError):
        raise Odd(PLACEHOLDER, UNWRITABLE) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal) and value.is_finite() and Decimal(repr(float(value))) == value:
        return float(value)
    return text_of(value)


def _fit(text: str) -> tuple[str, list[str]]:
    kinds = []
    text = _BREAKS.sub("\n", text)
    text, replaced = _UNFIT.subn("\N{REPLACEMENT CHARACTER}", text)
    if replaced:
        kinds.append(REPLACED)
    if len(text) > MAX_UNITS // 2:
        units = text.encode("utf-16-le")
        if len(units) > MAX_UNITS * 2:
            # Half a pair at the end is ignored by the decoder, so no character is ever cut in two.
            text = units[: (MAX_UNITS - len(MARK)) * 2].decode("utf-16-le", "ignore") + MARK
            kinds.append(CUT)
    return text, kinds
