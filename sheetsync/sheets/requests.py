"""Pure: a commit plan becomes the requests of one `spreadsheets.batchUpdate`, encoded, so that its size is known.

Values are typed `userEnteredValue`s, never parsed ones: `=IMPORTXML(...)`, `+49...`, `0012345` and an 18-digit id
arrive as the text they are. An absent value is an empty cell object, which clears the cell.
https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sheetsync.pipeline.records import COPY, MARKED, CommitPlan, Release, Row, Update, Value, key_mark
from sheetsync.sheets.layout import COMMIT, Layout, Marker, Span, blocks, column_name, quoted

EMPTY = "{}"
ROW_OVERHEAD = 200
"""Bytes that a row adds beside its cells when it is updated alone: its own request and its range in the reply."""

GAP = 20
"""Key ranges this close are asked back as one: a few unneeded keys cost less than another range."""

REPLY_MASK = (
    "updatedSpreadsheet(sheets(properties(sheetId,title,gridProperties(rowCount,columnCount)),"
    "data(startRow,startColumn,rowData(values(userEnteredValue)),columnMetadata(developerMetadata))))"
)

_text = json.JSONEncoder(ensure_ascii=False).encode


def encode_cell(value: Value) -> str:
    """One CellData as JSON text."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return f'{{"userEnteredValue":{{"boolValue":{"true" if value else "false"}}}}}'
    if isinstance(value, str):
        return f'{{"userEnteredValue":{{"stringValue":{_text(value)}}}}}'
    return f'{{"userEnteredValue":{{"numberValue":{value!r}}}}}'


def encode_row(row: Row) -> list[str]:
    """The managed cells in column order, then the key, then the fingerprint: so members -2 and -1 of a span fit."""
    return [*map(encode_cell, row.cells), encode_cell(row.key), encode_cell(row.fingerprint)]


def row_size(row: Row) -> int:
    """The most bytes that this row takes in a body, in a tab whose managed columns stand together."""
    return ROW_OVERHEAD + sum(len(cell.encode()) + 1 for cell in encode_row(row))


def compact(request: dict[str, Any]) -> str:
    """A request as JSON text."""
    return json.dumps(request, ensure_ascii=False, separators=(",", ":"))


def marker_requests(sheet_id: int, marker: Marker, drop: Iterable[int]) -> Iterator[str]:
    """Create the marker (refused, and the whole batch with it, where this commit was made already), drop old ones."""
    yield compact(
        {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataId": marker.id,
                    "metadataKey": COMMIT,
                    "metadataValue": marker.text(),
                    "location": {"sheetId": sheet_id},
                    "visibility": "DOCUMENT",
                }
            }
        }
    )
    for metadata_id in drop:
        lookup = {"developerMetadataLookup": {"metadataId": metadata_id}}
        yield compact({"deleteDeveloperMetadata": {"dataFilter": lookup}})


def plan_requests(plan: CommitPlan, layout: Layout, insert_at: int, key_of: Callable[[int], str]) -> Iterator[str]:
    """Every request of a plan: updates, rows let go, inserts before row `insert_at`. `key_of`: a row's key text."""
    yield from _update_requests(plan.updates, layout)
    yield from _release_requests(plan.releases, layout, key_of)
    if plan.inserts:
        yield from _insert_requests(plan.inserts, layout, insert_at)


def response_ranges(layout: Layout, rows: Iterable[int]) -> list[str]:
    """What to ask back: the header row, for the columns' metadata, and the keys of the touched rows."""
    title, column = quoted(layout.title), column_name(layout.key_at)
    spans: list[list[int]] = []
    for start, end in blocks(sorted(rows)):
        if spans and start - spans[-1][1] <= GAP:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return [f"{title}!1:1", *(f"{title}!{column}{start + 1}:{column}{end}" for start, end in spans)]


def batch_body(requests: Iterable[str], ranges: Sequence[str]) -> bytes:
    """The body of a batchUpdate that answers with `ranges` as they are afterwards."""
    return (
        '{"requests":[' + ",".join(requests) + '],"includeSpreadsheetInResponse":true,'
        f'"responseIncludeGridData":true,"responseRanges":{_text(list(ranges))}}}'
    ).encode()


def delete_requests(sheet_id: int, rows: Sequence[int]) -> Iterator[str]:
    """Delete these rows, bottom up, so that no deletion moves a later one."""
    for start, end in reversed(blocks(rows)):
        yield compact({"deleteDimension": {"range": _rows(sheet_id, start, end)}})


def write_cells(sheet_id: int, row: int, column: int, rows: Iterable[Iterable[str]]) -> str:
    """An `updateCells` of encoded cells from (row, column) on; nothing but values is touched."""
    body = ",".join('{"values":[' + ",".join(cells) + "]}" for cells in rows)
    start = f'"start":{{"sheetId":{sheet_id},"rowIndex":{row},"columnIndex":{column}}}'
    return f'{{"updateCells":{{{start},"rows":[{body}],"fields":"userEnteredValue"}}}}'


def _update_requests(updates: Sequence[Update], layout: Layout) -> Iterator[str]:
    cells = {update.at: encode_row(update.row) for update in updates}
    yield from _block_requests(cells, layout, layout.update_spans)
    for update in updates:
        if update.restyle:
            yield from _strike(layout, update.at, struck=False)


def _release_requests(releases: Sequence[Release], layout: Layout, key_of: Callable[[int], str]) -> Iterator[str]:
    emptied: dict[int, list[str]] = {}
    for release in releases:
        state = encode_cell(key_mark(key_of(release.at)) + release.state if release.state else None)
        if release.state in (MARKED, COPY):
            yield write_cells(layout.sheet_id, release.at, layout.print_at, [[state]])
        else:
            emptied[release.at] = [*[EMPTY] * len(layout.columns), EMPTY, state]
        if release.state == MARKED:
            yield from _strike(layout, release.at, struck=True)
    yield from _block_requests(emptied, layout, layout.update_spans)


def _insert_requests(rows: Sequence[Row], layout: Layout, at: int) -> Iterator[str]:
    if at >= layout.row_count:
        # Inserting at the grid's very end is refused (pygsheets#46): first grow by the empty row that should be there.
        yield compact({"appendDimension": {"sheetId": layout.sheet_id, "dimension": "ROWS", "length": 1}})
    new = _rows(layout.sheet_id, at, at + len(rows))
    # Formats come from the empty row under the table, not from the header above it.
    yield compact({"insertDimension": {"range": new, "inheritFromBefore": False}})
    yield from _block_requests(dict(enumerate(map(encode_row, rows), start=at)), layout, layout.insert_spans)


def _block_requests(cells: dict[int, list[str]], layout: Layout, spans: Sequence[Span]) -> Iterator[str]:
    for start, end in blocks(sorted(cells)):
        for span in spans:
            rows = ([cells[at][member] for member in span.members] for at in range(start, end))
            yield write_cells(layout.sheet_id, start, span.start, rows)


def _strike(layout: Layout, at: int, *, struck: bool) -> Iterator[str]:
    style = {"userEnteredFormat": {"textFormat": {"strikethrough": struck}}}
    for span in layout.update_spans:
        area = {
            "sheetId": layout.sheet_id,
            "startRowIndex": at,
            "endRowIndex": at + 1,
            "startColumnIndex": span.start,
            "endColumnIndex": span.start + len(span.members),
        }
        fields = "userEnteredFormat.textFormat.strikethrough"
        yield compact({"repeatCell": {"range": area, "cell": style, "fields": fields}})


def _rows(sheet_id: int, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}
