"""What an automation writes: its columns, as people define them and as the pipeline uses them."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetsync.errors import BadColumn
from sheetsync.pipeline.cells import NUMBER_FORMATS, ColumnType
from sheetsync.pipeline.paths import compile_path, reads_line
from sheetsync.pipeline.records import RowsPer
from sheetsync.pipeline.templates import parse_template

MAX_COLUMNS = 200
MAX_HEADER = 200
MAX_UID = 80
MAX_FORMAT = 100

_FIELDS = ("uid", "header", "path", "template", "type", "format")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One managed column: where its values come from, what they are, and the uid by which the tab finds it
    again.

    Exactly one of `path` and `template` is set. `format` is a Sheets pattern that replaces the type's own.
    """

    uid: str
    header: str
    path: str | None = None
    template: str | None = None
    type: ColumnType = ColumnType.TEXT
    format: str | None = None


def columns_from(definitions: Sequence[Mapping[str, Any]], rows_per: RowsPer | None = None) -> tuple[Column, ...]:
    """The columns of an automation, checked; with `rows_per`, none may read lines where there are none.

    Raises BadColumn naming the column's number, the field, the value and the remedy.
    """
    if not definitions:
        raise BadColumn("there are no columns: define at least one, such as the header Order with the path @order_id")
    if len(definitions) > MAX_COLUMNS:
        raise BadColumn(f"{len(definitions)} columns are too many: define at most {MAX_COLUMNS}")
    columns = tuple(_column(number, definition, rows_per) for number, definition in enumerate(definitions, 1))
    _unique([column.header for column in columns], "header", "people could not tell the two apart, so rename one")
    _unique([column.uid for column in columns], "uid", "give one of the two a uid of its own")
    return columns


def default_uid(source: str) -> str:
    """The uid of a column without one: its path or template made fit; so a renamed header keeps a column."""
    uid = re.sub(r"\s+", "_", _CONTROL.sub("_", source)).lstrip("#") or "_"
    if len(uid) <= MAX_UID:
        return uid
    digest = hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    return f"{uid[: MAX_UID - 11]}-{digest}"


def number_format(column: Column) -> dict[str, str] | None:
    """The Sheets number format of a column's cells, or None for types that need none."""
    default = NUMBER_FORMATS.get(column.type)
    if default is None or column.format is None:
        return default and dict(default)
    return {"type": default["type"], "pattern": column.format}


def _column(number: int, definition: Mapping[str, Any], rows_per: RowsPer | None) -> Column:
    if not isinstance(definition, Mapping):
        raise _bad(
            number,
            "definition",
            definition,
            'write an object such as {"header": "City", "path": "customer.city"}',
        )
    fields = {name: _text_field(number, name, value) for name, value in definition.items() if value is not None}
    path, template = fields.get("path"), fields.get("template")
    if (path is None) == (template is None):
        raise _bad(number, "path and template", [path, template], "set exactly one of the two")
    type_ = _type(number, fields.get("type", ColumnType.TEXT))
    _check_source(number, path, template, rows_per)
    return Column(
        uid=_uid(number, fields.get("uid"), path or template or ""),
        header=_header(number, fields.get("header", "")),
        path=path,
        template=template,
        type=type_,
        format=_format(number, fields.get("format"), type_),
    )


def _text_field(number: int, name: Any, value: Any) -> str:
    if name not in _FIELDS:
        near = difflib.get_close_matches(str(name), _FIELDS, n=1, cutoff=0.5)
        raise _bad(
            number,
            "field",
            name,
            f"did you mean {near[0]}?" if near else f"known fields are {', '.join(_FIELDS)}",
        )
    if not isinstance(value, str):
        raise _bad(number, name, value, "write a text")
    return value


def _type(number: int, value: str) -> ColumnType:
    try:
        return ColumnType(value)
    except ValueError:
        near = difflib.get_close_matches(value, list(ColumnType), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _bad(number, "type", value, f"{hint}types are {', '.join(ColumnType)}") from None


def _check_source(number: int, path: str | None, template: str | None, rows_per: RowsPer | None) -> None:
    try:
        paths = [path] if path is not None else [found for _, found in parse_template(template or "")]
        for each in paths:
            if each is None:
                continue
            compile_path(each)
            if rows_per == RowsPer.ORDER and reads_line(each):
                remedy = "read all lines with a path such as lines[*].sku, or choose one row per line"
                raise BadColumn(f"path {each!r} reads a line, but the tab has one row per order: {remedy}")
    except BadColumn as error:
        raise BadColumn(f"column {number}, {'path' if path is not None else 'template'}: {error}") from None


def _header(number: int, value: str) -> str:
    header = value.strip()
    if not header:
        raise _bad(number, "header", value, "write what the first row shall say above the column")
    if len(header) > MAX_HEADER:
        raise _bad(number, "header", value, f"shorten it to {MAX_HEADER} characters")
    if _CONTROL.search(header):
        raise _bad(number, "header", value, "remove line breaks and control characters")
    return header


def _uid(number: int, value: str | None, source: str) -> str:
    if value is None:
        return default_uid(source)
    if not value or len(value) > MAX_UID or value.startswith("#") or re.search(r"\s", value) or _CONTROL.search(value):
        raise _bad(
            number,
            "uid",
            value,
            f"write 1 to {MAX_UID} characters without spaces, not beginning with #; or leave it out",
        )
    return value


def _format(number: int, value: str | None, type_: ColumnType) -> str | None:
    if value is None:
        return None
    if type_ not in NUMBER_FORMATS:
        raise _bad(
            number,
            "format",
            value,
            f"a column of type {type_} has none: leave it out, or choose another type",
        )
    if not value.strip() or len(value) > MAX_FORMAT or _CONTROL.search(value):
        raise _bad(
            number,
            "format",
            value,
            f"write a Sheets pattern such as #,##0.00, of at most {MAX_FORMAT} characters",
        )
    return value


def _unique(values: list[str], field: str, remedy: str) -> None:
    seen: dict[str, int] = {}
    for number, value in enumerate(values, 1):
        first = seen.setdefault(" ".join(value.split()).casefold() if field == "header" else value, number)
        if first != number:
            raise _bad(number, field, value, f"column {first} has it already; {remedy}")


def _bad(number: int, field: str, value: Any, remedy: str) -> BadColumn:
    shown = repr(value)
    return BadColumn(f"column {number}, {field} {shown if len(shown) <= 60 else shown[:60] + '…'}: {remedy}")
