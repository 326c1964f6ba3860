"""Pure: the requests that make a tab ours, and those that follow the automation's columns as they change.

Columns change in place: a new one is inserted after its predecessor, a released one stays where it is as the people's
own, one whose place in the automation changed is moved. Nothing is ever rewritten "from the left".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetsync.errors import LimitExceeded, TabRefused
from sheetsync.sheets.layout import (
    COLUMN,
    KEY_HEADER,
    KEY_UID,
    MAX_COLUMNS,
    PRINT_HEADER,
    PRINT_UID,
)
from sheetsync.sheets.requests import compact

ADOPTING = "adopting"
"""The key column's digest while the rows of a tab that was not ours are being given their keys."""

LABEL_ROOM = 14_000
"""Characters for the columns' labels: with 200 markers of some 75 they stay under the 30,000 that a tab may hold.
https://developers.google.com/workspace/sheets/api/guides/metadata"""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A managed column: a stable uid, the header people see, and the NumberFormat of its cells, if any."""

    uid: str
    header: str
    number_format: Mapping[str, str] | None = None

    @property
    def digest(self) -> str:
        """Changes when the header or the format is changed in the automation (not when people rename the header)."""
        return _digest(self.header, json.dumps(self.number_format, sort_keys=True))


TECHNICAL = (ColumnSpec(KEY_UID, KEY_HEADER), ColumnSpec(PRINT_UID, PRINT_HEADER))
"""They stand first and hidden: whatever people insert or move among the columns they see, these stay in their place."""


def order_digest(specs: Sequence[ColumnSpec]) -> str:
    """Changes when the automation's columns change places; kept in the key column's metadata."""
    return _digest(*(spec.uid for spec in specs))


def create_requests(sheet_id: int, title: str, specs: Sequence[ColumnSpec]) -> Iterator[str]:
    """A new tab: the header and one empty row. Its id is chosen by us, so that a repeat is refused."""
    grid = {"rowCount": 2, "columnCount": len(specs) + 2, "frozenRowCount": 1}
    yield compact({"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}})
    yield from _found_requests(sheet_id, specs)


def occupy_requests(sheet_id: int, rows: int, columns: int, specs: Sequence[ColumnSpec]) -> Iterator[str]:
    """An existing tab without a single value: our columns begin at its left edge."""
    if columns < len(specs) + 2:
        yield _append(sheet_id, "COLUMNS", len(specs) + 2 - columns)
    if rows < 2:
        yield _append(sheet_id, "ROWS", 2 - rows)
    yield _freeze(sheet_id)
    yield from _found_requests(sheet_id, specs)


def adopt_requests(sheet_id: int, headers: Sequence[str], specs: Sequence[ColumnSpec]) -> Iterator[str]:
    """A tab with somebody's data: technical columns before it, its columns claimed by header, the others inserted."""
    yield compact({"insertDimension": {"range": _columns(sheet_id, 0, 2), "inheritFromBefore": False}})
    line: list[str | None] = [KEY_UID, PRINT_UID, *[None] * len(headers)]
    yield from _technical_requests(sheet_id, ADOPTING)
    for spec in specs:
        if spec.header in headers:
            at = headers.index(spec.header) + 2
            line[at] = spec.uid
            yield from _claim_requests(sheet_id, at, spec)
    yield from _insert_missing(sheet_id, line, specs)
    yield _freeze(sheet_id)


def finish_adoption(sheet_id: int, key_at: int, specs: Sequence[ColumnSpec]) -> Iterator[str]:
    """Every row has its key: from now on the tab is one of ours."""
    yield _relabel(sheet_id, key_at, f"{order_digest(specs)} {KEY_UID}")


def evolve_requests(
    sheet_id: int,
    column_count: int,
    places: Mapping[str, int],
    digests: Mapping[str, str],
    specs: Sequence[ColumnSpec],
) -> list[str]:
    """What brings the columns found in the tab to those of the automation; empty where they agree."""
    line: list[str | None] = [None] * column_count
    for uid, at in places.items():
        line[at] = uid
    wanted = {spec.uid for spec in specs} | {KEY_UID, PRINT_UID}
    requests = [*_release_unwanted(sheet_id, line, wanted)]
    requests += _insert_missing(sheet_id, line, (TECHNICAL[1], *specs))
    if digests.get(KEY_UID) != order_digest(specs):
        requests += _reorder(sheet_id, line, specs)
        requests.append(_relabel(sheet_id, line.index(KEY_UID), f"{order_digest(specs)} {KEY_UID}"))
    for spec in specs:
        if spec.uid in digests and digests[spec.uid] != spec.digest:
            at = line.index(spec.uid)
            requests += [*_dress_requests(sheet_id, at, spec), _relabel(sheet_id, at, f"{spec.digest} {spec.uid}")]
    return requests


def check_labels(specs: Sequence[ColumnSpec]) -> None:
    """Raises LimitExceeded where the columns' labels would not fit into a tab's metadata."""
    labels = sum(len(COLUMN) + len(spec.digest) + 1 + len(spec.uid) for spec in specs)
    if labels > LABEL_ROOM:
        raise LimitExceeded(
            f"the labels of {len(specs)} columns take {labels} characters of metadata, and {LABEL_ROOM} fit: "
            "shorten the columns' uids, or use fewer columns"
        )


def check_width(column_count: int, added: int) -> None:
    """Raises LimitExceeded, before anything is written, where `added` more columns would pass Google's limit."""
    if added > 0 and column_count + added > MAX_COLUMNS:
        raise LimitExceeded(
            f"the tab has {column_count:,} columns and {added} would be added: Google allows {MAX_COLUMNS:,}; "
            "delete columns that nobody needs, or choose another tab"
        )


def require_key_column(places: Mapping[str, int], title: str) -> None:
    """Raises TabRefused where a tab of ours has lost the column by which its rows are known."""
    if KEY_UID not in places:
        raise TabRefused(
            f"the hidden key column of tab {title!r} was deleted, so its rows cannot be told apart any more: "
            "restore it from the version history, or delete the tab and let sheetsync write a new one"
        )


def _found_requests(sheet_id: int, specs: Sequence[ColumnSpec]) -> Iterator[str]:
    yield from _technical_requests(sheet_id, order_digest(specs))
    for at, spec in enumerate(specs, start=2):
        yield from _dress_requests(sheet_id, at, spec)
        yield _label(sheet_id, at, f"{spec.digest} {spec.uid}")


def _technical_requests(sheet_id: int, key_digest: str) -> Iterator[str]:
    for at, (spec, digest) in enumerate(zip(TECHNICAL, (key_digest, TECHNICAL[1].digest), strict=True)):
        yield from _dress_requests(sheet_id, at, spec)
        yield _label(sheet_id, at, f"{digest} {spec.uid}")
    yield _hide(sheet_id, 0, 2)


def _claim_requests(sheet_id: int, at: int, spec: ColumnSpec) -> Iterator[str]:
    yield from _dress_requests(sheet_id, at, spec)
    yield _label(sheet_id, at, f"{spec.digest} {spec.uid}")


def _release_unwanted(sheet_id: int, line: list[str | None], wanted: set[str]) -> Iterator[str]:
    for at, uid in enumerate(line):
        if uid is not None and uid not in wanted:
            line[at] = None
            yield compact({"deleteDeveloperMetadata": {"dataFilter": _label_at(sheet_id, at)}})


def _insert_missing(sheet_id: int, line: list[str | None], specs: Sequence[ColumnSpec]) -> Iterator[str]:
    after = line.index(KEY_UID)
    for spec in specs:
        if spec.uid not in line:
            at = after + 1
            line.insert(at, spec.uid)
            # The column to the left lends its looks: also at the grid's right edge, where nothing else is allowed.
            yield compact({"insertDimension": {"range": _columns(sheet_id, at, at + 1), "inheritFromBefore": True}})
            yield _hide(sheet_id, at, at + 1, hidden=spec.uid == PRINT_UID)
            yield from _claim_requests(sheet_id, at, spec)
        after = line.index(spec.uid)


def _reorder(sheet_id: int, line: list[str | None], specs: Sequence[ColumnSpec]) -> Iterator[str]:
    """Selection sort by moves; the people's columns keep their neighbours as far as that is possible."""
    order = [spec.uid for spec in specs]
    for number, uid in enumerate(order):
        target = sorted(line.index(other) for other in order)[number]
        source = line.index(uid)
        if source != target:
            line.insert(target, line.pop(source))
            move = {"source": _columns(sheet_id, source, source + 1), "destinationIndex": target}
            yield compact({"moveDimension": move})


def _dress_requests(sheet_id: int, at: int, spec: ColumnSpec) -> Iterator[str]:
    """The header, bold, and the format of every cell below it."""
    header = {
        "userEnteredValue": {"stringValue": spec.header},
        "userEnteredFormat": {"textFormat": {"bold": True}},
    }
    yield compact(
        {
            "updateCells": {
                "start": {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": at},
                "rows": [{"values": [header]}],
                "fields": "userEnteredValue,userEnteredFormat.textFormat.bold",
            }
        }
    )
    below = {"sheetId": sheet_id, "startRowIndex": 1, "startColumnIndex": at, "endColumnIndex": at + 1}
    look = {"numberFormat": dict(spec.number_format)} if spec.number_format else {}
    fields = "userEnteredFormat.numberFormat,userEnteredFormat.textFormat.bold"
    yield compact({"repeatCell": {"range": below, "cell": {"userEnteredFormat": look}, "fields": fields}})


def _label(sheet_id: int, at: int, value: str) -> str:
    metadata = {
        "metadataKey": COLUMN,
        "metadataValue": value,
        "location": {"dimensionRange": _columns(sheet_id, at, at + 1)},
        "visibility": "DOCUMENT",
    }
    return compact({"createDeveloperMetadata": {"developerMetadata": metadata}})


def _relabel(sheet_id: int, at: int, value: str) -> str:
    update = {
        "dataFilters": [_label_at(sheet_id, at)],
        "developerMetadata": {"metadataValue": value},
        "fields": "metadataValue",
    }
    return compact({"updateDeveloperMetadata": update})


def _label_at(sheet_id: int, at: int) -> dict[str, Any]:
    location = {"dimensionRange": _columns(sheet_id, at, at + 1)}
    return {"developerMetadataLookup": {"metadataKey": COLUMN, "metadataLocation": location}}


def _hide(sheet_id: int, start: int, end: int, *, hidden: bool = True) -> str:
    update = {
        "range": _columns(sheet_id, start, end),
        "properties": {"hiddenByUser": hidden},
        "fields": "hiddenByUser",
    }
    return compact({"updateDimensionProperties": update})


def _freeze(sheet_id: int) -> str:
    properties = {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": 1}}
    return compact({"updateSheetProperties": {"properties": properties, "fields": "gridProperties.frozenRowCount"}})


def _append(sheet_id: int, dimension: str, length: int) -> str:
    return compact({"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": length}})


def _columns(sheet_id: int, start: int, end: int) -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=4).hexdigest()
