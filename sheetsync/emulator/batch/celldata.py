"""CellData from requests: values, masks, and how a masked write changes a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sheetsync.emulator.api.masks import Mask, copy_fields
from sheetsync.emulator.batch.batching import names
from sheetsync.emulator.batch.conditions import rule_of
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.cells import Format, Row, Value, number
from sheetsync.emulator.grid.colors import dressed, widened
from sheetsync.emulator.grid.formulas import compute
from sheetsync.emulator.grid.limits import check_text
from sheetsync.emulator.grid.sheet import Sheet

Json = dict[str, Any]
EXTRAS = ("note", "dataValidation", "textFormatRuns")
WRITABLE = ("userEnteredValue", "userEnteredFormat", *EXTRAS)
READ_ONLY = ("effectiveValue", "formattedValue", "effectiveFormat")
#: Named in the mask of every format that pygsheets applies: nothing comes of it, as there is nothing to write.
IDLE = ("hyperlink", "pivotTable")


@dataclass(frozen=True, slots=True)
class CellMask:
    """What a write touches: the value, a part of the format (`formats` None: nothing of it), some extras."""

    values: bool
    formats: Mask | None
    extras: tuple[str, ...]


def cell_mask(mask: Mask) -> CellMask:
    """Split a CellData mask. Raises for fields that only Google writes."""
    everything = not mask or "*" in mask
    for name in () if everything else mask:
        if name in READ_ONLY:
            raise Refused(f"Invalid field: {name}. It is read-only.")
        if name not in (*WRITABLE, *IDLE):
            raise Refused(f"this emulator does not write {name}.")
    formats = {} if everything else mask.get("userEnteredFormat")
    formats = None if formats is None else widened(formats)
    return CellMask(names(mask, "userEnteredValue"), formats, tuple(name for name in EXTRAS if names(mask, name)))


def entered_value(cell: Json | None) -> Value:
    """CellData.userEnteredValue -> Value: a string stays text. Raises over 50,000 characters."""
    entered = cell.get("userEnteredValue") if cell else None
    if not entered:
        return None
    text = entered.get("stringValue")
    if text is not None:
        if len(text) > 20_000:
            check_text(text)
        return str(text) or None
    if entered.get("numberValue") is not None:
        return number(entered["numberValue"])
    if entered.get("boolValue") is not None:
        return bool(entered["boolValue"])
    if entered.get("formulaValue") is not None:
        return _formula(entered["formulaValue"])
    if entered.get("errorValue") is not None:
        raise Refused("userEnteredValue.errorValue is read-only.")
    return None


def _formula(text: str) -> Value:
    check_text(text)
    if not text.startswith("="):
        raise Refused("userEnteredValue.formulaValue must start with '='.")
    return compute(text)


def write_cells(sheet: Sheet, index: int, left: int, cells: list[Json | None], mask: CellMask) -> None:
    """Write CellData into one row from column `left` on; a masked field that a cell lacks is cleared."""
    row = sheet.writable(index)
    if mask.values:
        put_values(row, left, [entered_value(cell) for cell in cells])
    if mask.formats is not None:
        _put_formats(sheet, index, row, left, [(cell or {}).get("userEnteredFormat") or {} for cell in cells], mask)
    if mask.extras:
        _put_extras(row, left, cells, mask.extras)


def put_values(row: Row, left: int, values: list[Value]) -> None:
    """Overwrite a run of values; the row's list is never longer than its last value."""
    own = row.values
    if len(own) < left:
        own.extend([None] * (left - len(own)))
    own[left : left + len(values)] = values
    while own and own[-1] is None:
        own.pop()


def _put_formats(sheet: Sheet, index: int, row: Row, left: int, formats: list[Format], mask: CellMask) -> None:
    changed = dict(row.formats or {})
    for offset, style in enumerate(formats):
        column = left + offset
        new = copy_fields(mask.formats or {}, dressed(style), sheet.format_of(index, column) or {})
        if new or sheet.columns[column].format is not None:
            changed[column] = new
        else:
            changed.pop(column, None)
    row.formats = changed or None


def _put_extras(row: Row, left: int, cells: list[Json | None], fields: tuple[str, ...]) -> None:
    changed = dict(row.extras or {})
    for offset, cell in enumerate(cells):
        extra = dict(changed.get(left + offset, {}))
        for name in fields:
            extra.pop(name, None)
            if cell and cell.get(name):
                extra[name] = rule_of(cell[name]) if name == "dataValidation" else cell[name]
        if extra:
            changed[left + offset] = extra
        else:
            changed.pop(left + offset, None)
    row.extras = changed or None
