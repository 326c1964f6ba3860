"""Which rows a basic filter hides, for the append that does not see them.

Users report that `values.append` on a tab with an active filter answers 200 and adds nothing, or writes over a row that
was there (node-google-spreadsheet issues 318, 321 and 591). Nothing is on record of where exactly it writes. With
`Emulator(misplaced_appends=True)` it takes the last row in sight for the table's last one, which explains both reports:
the row below is written over, and the filter may hide what was written. That rule is assumed, so it is off by default.
"""

from __future__ import annotations

from sheetsync.emulator.grid.cells import effective
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.sheet import Sheet


def hidden_rows(sheet: Sheet) -> set[int]:
    """Rows of the filter's range whose text is one of its hidden values. Conditions hide nothing here."""
    if sheet.filter is None:
        return set()
    area = sheet.rect(sheet.filter.span)
    hidden = set()
    for spec in sheet.filter.rest.get("filterSpecs") or []:
        values = set((spec.get("filterCriteria") or {}).get("hiddenValues") or [])
        column = spec.get("columnIndex", 0)
        hidden |= {row for row in range(area.top + 1, area.bottom) if values and _text(sheet, row, column) in values}
    return hidden


def _text(sheet: Sheet, row: int, column: int) -> str:
    if column >= sheet.column_count:
        return ""
    return show(effective(sheet.entered(row, column)), sheet.format_of(row, column))
