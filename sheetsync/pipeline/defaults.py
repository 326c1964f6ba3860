"""Columns to begin with, guessed from a sample of a shop's orders. People change them afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import MAX_HEADER, Column, columns_from, default_uid
from sheetsync.pipeline.dates import moment
from sheetsync.pipeline.numbers import exact
from sheetsync.pipeline.paths import paths_in
from sheetsync.pipeline.records import RowsPer, SourceRow
from sheetsync.pipeline.text import Odd, text_cell

MAX_GUESSED = 60
"""More columns than anybody reads; real orders have hundreds of fields."""

_CODES = {"id", "ids", "sku", "skus", "zip", "postal", "postcode", "phone", "mobile", "fax", "barcode", "ean"}
_CODES |= {"gtin", "vat", "iban", "code", "number", "no", "name"}
"""Last words of names whose digits are no quantity: leading zeros and the last of eighteen digits stay."""

_MONEY = {"price", "prices", "total", "subtotal", "amount", "cost", "tax", "taxes", "discount", "discounts"}
_MONEY |= {"shipping", "fee", "fees", "refund", "refunded", "paid", "net", "gross", "revenue", "balance"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DAY = re.compile(r"\s*\d{4}-\d\d-\d\d\s*", re.ASCII)
_MONEY_TEXT = re.compile(r"-?[0-9]+\.[0-9]{2,4}")


def default_columns(sample: SourceRow, rows_per: RowsPer) -> tuple[Column, ...]:
    """Columns for orders such as `sample`: the order id, what an order has once, then what a line has once.

    Types are guessed from names and values, and stay text where in doubt.
    """
    definitions: dict[str, dict[str, str]] = {"order": {"header": "Order", "path": "@order_id"}}
    uids = set()
    for path, value in _fields(sample, rows_per):
        header = _header(path)
        if header.casefold() in definitions:
            header = " ".join(path.split())
        fit = header.isprintable() and len(header) <= MAX_HEADER and header.casefold() not in definitions
        if fit and default_uid(path) not in uids and len(definitions) < MAX_GUESSED:
            uids.add(default_uid(path))
            definitions[header.casefold()] = {"header": header, "path": path, "type": guess(path, value)}
    return columns_from(list(definitions.values()), rows_per)


def guess(path: str, value: Any) -> ColumnType:
    """The type that a field of this name with this value most likely has."""
    words = words_of(path)
    if isinstance(value, bool):
        return ColumnType.BOOLEAN
    if isinstance(value, (list, tuple)) or value is None or words[-1] in _CODES:
        return ColumnType.TEXT
    if isinstance(value, str) and moment(value):
        return ColumnType.DATE if _DAY.fullmatch(value) else ColumnType.DATETIME
    if not _MONEY.isdisjoint(words) and exact(value) is not None and not _too_long(value):
        return ColumnType.CURRENCY
    if isinstance(value, (float, Decimal)):
        return ColumnType.DECIMAL
    if isinstance(value, int) and not _too_long(value):
        return ColumnType.INTEGER
    return ColumnType.DECIMAL if isinstance(value, str) and _MONEY_TEXT.fullmatch(value) else ColumnType.TEXT


def _fields(sample: SourceRow, rows_per: RowsPer) -> Iterator[tuple[str, Any]]:
    line = sample.line if rows_per == RowsPer.LINE else None
    flat = line is not None and all(key in line for key in sample.order)
    if not flat:
        # In a flat file the order's fields are the line's own, and each row has its own values of them.
        yield from order_fields(sample)
    if line is not None:
        if sample.line_id is not None:
            yield "@line_id", None
        yield from _scalars(line, "line", sample.order_id if flat else sample.line_id)


def _scalars(record: Mapping[str, Any], prefix: str, known: str | None) -> Iterator[tuple[str, Any]]:
    for path, value in paths_in(record, prefix):
        top = path.count(".") == (1 if prefix else 0)
        again = top and words_of(path)[-1] in _CODES and _text(value) == known
        if "[0]" not in path and not again:
            yield path, value


def order_fields(sample: SourceRow) -> Iterator[tuple[str, Any]]:
    """What an order has once: (path, value)."""
    yield from _scalars(sample.order, "", sample.order_id)


def words_of(path: str) -> list[str]:
    """The words of the last name in a path, in small letters."""
    last = re.split(r'[.\[\]"]+', path.rstrip(']"'))[-1]
    return re.split(r"[\s_-]+", _CAMEL.sub("_", last).lower())


def _header(path: str) -> str:
    words = re.sub(r'[.\[\]"_@\s]+', " ", _CAMEL.sub(" ", path)).strip()
    return words[:1].upper() + words[1:].lower() or path


def _too_long(value: Any) -> bool:
    return len(_text(value)) > 15


def _text(value: Any) -> str:
    try:
        return text_cell(value)
    except Odd as odd:
        return odd.cell
