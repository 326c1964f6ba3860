"""The types a column can have: how a value becomes a cell of the type, and how a sheet shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo
from enum import StrEnum
from functools import partial
from typing import Any

from sheetsync.pipeline.dates import date_cell, datetime_cell
from sheetsync.pipeline.numbers import decimal_cell, exact, integer_cell, percent_cell
from sheetsync.pipeline.records import Value
from sheetsync.pipeline.text import misfit, text_cell

Converter = Callable[[Any], Value]
"""A value that is there, to its cell. Raises `text.Odd` with the cell to use instead for a value that does
not fit.
"""

NOT_A_BOOLEAN = "not_a_boolean"
NOT_A_LINK = "not_a_link"


class ColumnType(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    LINK = "link"


NUMBER_FORMATS: dict[ColumnType, dict[str, str]] = {
    ColumnType.INTEGER: {"type": "NUMBER", "pattern": "0"},
    ColumnType.DECIMAL: {"type": "NUMBER", "pattern": "#,##0.00"},
    ColumnType.CURRENCY: {"type": "CURRENCY", "pattern": "#,##0.00"},
    ColumnType.PERCENT: {"type": "PERCENT", "pattern": "0.00%"},
    ColumnType.DATE: {"type": "DATE", "pattern": "yyyy-mm-dd"},
    ColumnType.DATETIME: {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"},
}
"""How Sheets shows a type unless the column says otherwise; types that are not here need no format."""

_BOOLEANS = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip
_LINK = re.compile(
    r"https?://[\w\[][^\s/?#@\\<>\"]*(?:[/?#][^\s<>\"]*)?|mailto:[^\s@<>\"?]+@[^\s@<>\"?]+(?:\?[^\s<>\"]*)?",
    re.IGNORECASE,
)
"""An address people can be sent to. A host before an @ is refused: it shows one site and opens another."""


def converter(type_: ColumnType, clock: tzinfo) -> Converter:
    """The function that turns a value into a cell of `type_`; `clock` is the spreadsheet's time zone."""
    if type_ is ColumnType.DATE:
        return partial(date_cell, clock=clock)
    if type_ is ColumnType.DATETIME:
        return partial(datetime_cell, clock=clock)
    return _CONVERTERS[type_]


def boolean_cell(value: Any) -> bool | None:
    """true, yes, on, 1 and their opposites, in any case. Raises Odd for everything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return None
        if word in _BOOLEANS:
            return _BOOLEANS[word]
    elif (number := exact(value)) in (0, 1):
        return bool(number)
    raise misfit(value, NOT_A_BOOLEAN)


def link_cell(value: Any) -> str | None:
    """An http, https or mailto address as text. Raises Odd for all else, javascript: and data: above all."""
    text = text_cell(value).strip()
    if not text:
        return None
    if len(text) > 2_000 or not _LINK.fullmatch(text):
        raise misfit(value, NOT_A_LINK)
    return text


_CONVERTERS: dict[ColumnType, Converter] = {
    ColumnType.TEXT: text_cell,
    ColumnType.INTEGER: integer_cell,
    ColumnType.DECIMAL: decimal_cell,
    ColumnType.CURRENCY: decimal_cell,
    ColumnType.PERCENT: percent_cell,
    ColumnType.BOOLEAN: boolean_cell,
    ColumnType.LINK: link_cell,
}
