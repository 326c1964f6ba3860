"""The people who work in the sheet, through the public API as any other program of theirs would."""

from __future__ import annotations

import json
from typing import Any

from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.reading import read_book

FIRST_OF_OURS = 2
"""Left of it are the technical columns, which people do not see."""


class Person:
    """Somebody with the spreadsheet open in front of them, at one of its tabs."""

    def __init__(self, client: SheetsClient, spreadsheet_id: str, tab: str) -> None:
        self.client, self.spreadsheet_id, self.tab = client, spreadsheet_id, tab

    def table(self, render: str = "UNFORMATTED_VALUE") -> list[list[Any]]:
        """Every cell of the tab, numbers as numbers, or as people see them."""
        path = f"/v4/spreadsheets/{self.spreadsheet_id}/values/'{self.tab}'"
        reply = self.client.read("get", path, params=[("valueRenderOption", render)])
        return list(reply["values"])

    def add_notes_column(self, header: str) -> int:
        """Insert a column in the middle of ours and give it a header. -> its position"""
        at = FIRST_OF_OURS + 2
        span = {"sheetId": self._sheet_id(), "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}
        self._do({"insertDimension": {"range": span, "inheritFromBefore": True}}, self._typed(0, at, [header]))
        return at

    def write_notes(self, at: int, rows: int) -> dict[str, str]:
        """A note on each of the first rows. -> {row key: note}"""
        keys = [row[0] for row in self.table()[1 : rows + 1]]
        notes = [f"note on {key}" for key in keys]
        self._do(self._typed(1, at, notes))
        return dict(zip(keys, notes, strict=True))

    def sort(self, column: str) -> None:
        """Sort the whole table by one of its columns, descending."""
        at = self.table()[0].index(column)
        area = {"sheetId": self._sheet_id(), "startRowIndex": 1}
        specs = [{"dimensionIndex": at, "sortOrder": "DESCENDING"}]
        self._do({"sortRange": {"range": area, "sortSpecs": specs}})

    def notes(self, at: int) -> dict[str, str]:
        """{row key: note} as they stand now."""
        return {row[0]: row[at] for row in self.table()[1:] if len(row) > at and row[at]}

    def _typed(self, row: int, column: int, texts: list[str]) -> dict[str, Any]:
        rows = [{"values": [{"userEnteredValue": {"stringValue": text}}]} for text in texts]
        start = {"sheetId": self._sheet_id(), "rowIndex": row, "columnIndex": column}
        return {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}

    def _do(self, *requests: dict[str, Any]) -> None:
        self.client.batch_update(self.spreadsheet_id, json.dumps({"requests": requests}).encode())

    def _sheet_id(self) -> int:
        book = read_book(self.client, self.spreadsheet_id)
        return next(sheet.id for sheet in book.sheets if sheet.title == self.tab)
