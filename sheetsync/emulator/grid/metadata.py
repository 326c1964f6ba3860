"""Developer metadata: the entries, their JSON and the lookups.

An entry's place is not stored as an index: rows and columns carry the ids of their entries, so an anchor
follows every insert, delete, move and sort by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.limits import METADATA_CHARACTERS, utf16_length

if TYPE_CHECKING:
    from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """`kind` is SPREADSHEET, SHEET, ROW or COLUMN; `sheet_id` is None for the first."""

    id: int
    key: str
    value: str | None
    visibility: str
    kind: str
    sheet_id: int | None = None

    @property
    def size(self) -> int:
        return utf16_length(self.key) + utf16_length(self.value or "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is now; `index` for ROW and COLUMN."""

    kind: str
    sheet_id: int | None = None
    index: int | None = None


def place_of(book: Spreadsheet, entry: Metadata) -> Place:
    """Find an entry's present row or column. Scans the tab, which only the rare row anchors need."""
    if entry.kind in ("SPREADSHEET", "SHEET"):
        return Place(entry.kind, entry.sheet_id)
    sheet = book.by_id(entry.sheet_id or 0)
    if entry.kind == "COLUMN":
        found = next(i for i, column in enumerate(sheet.columns) if entry.id in column.metadata)
    else:
        found = next(i for i, row in enumerate(sheet.rows) if row is not None and entry.id in row.metadata)
    return Place(entry.kind, entry.sheet_id, found)


def to_json(entry: Metadata, place: Place) -> Json:
    reply: Json = {"metadataId": entry.id, "metadataKey": entry.key}
    if entry.value is not None:
        reply["metadataValue"] = entry.value
    reply["location"] = location_json(place)
    reply["visibility"] = entry.visibility
    return reply


def location_json(place: Place) -> Json:
    location: Json = {"locationType": place.kind}
    if place.kind == "SPREADSHEET":
        location["spreadsheet"] = True
    elif place.kind == "SHEET":
        location["sheetId"] = place.sheet_id
    else:
        span: Json = {"sheetId": place.sheet_id} if place.sheet_id else {}
        span["dimension"] = "ROWS" if place.kind == "ROW" else "COLUMNS"
        span["startIndex"] = place.index or 0
        span["endIndex"] = (place.index or 0) + 1
        location["dimensionRange"] = span
    return location


def location_from(location: Json) -> Place:
    """Read a location from a request. Raises the measured refusals of a bad dimension range."""
    if location.get("spreadsheet"):
        return Place("SPREADSHEET")
    if "dimensionRange" not in location:
        if "sheetId" not in location:
            raise Refused("developerMetadata.location must be specified.")
        return Place("SHEET", int(location["sheetId"]))
    span = location["dimensionRange"]
    if "startIndex" not in span or "endIndex" not in span:
        raise Refused("DimensionRange must specify both a startIndex and an endIndex")
    if span["endIndex"] - span["startIndex"] != 1:
        raise Refused("DimensionRange must represent a single row or column")
    kind = "COLUMN" if span.get("dimension") == "COLUMNS" else "ROW"
    return Place(kind, int(span.get("sheetId", 0)), int(span["startIndex"]))


def check_room(book: Spreadsheet, entry: Metadata) -> None:
    """30,000 characters for the spreadsheet and for each sheet, keys and values both counted (docs)."""
    used = sum(each.size for each in book.metadata.values() if each.sheet_id == entry.sheet_id and each.id != entry.id)
    if used + entry.size > METADATA_CHARACTERS:
        owner = "spreadsheet" if entry.sheet_id is None else f"sheet with ID [{entry.sheet_id}]"
        raise Refused(
            f"Cannot add developer metadata because the {owner} would exceed the maximum of "
            f"{METADATA_CHARACTERS} characters of developer metadata."
        )


def find(book: Spreadsheet, lookup: Json) -> Iterator[tuple[Metadata, Place]]:
    """The entries a DeveloperMetadataLookup selects, in the order of their creation; `{}` selects all."""
    where = lookup.get("metadataLocation")
    strategy = lookup.get("locationMatchingStrategy")
    exact = strategy == "EXACT_LOCATION"
    if (where or {}).get("spreadsheet") and strategy == "INTERSECTING_LOCATION":
        raise Refused(
            "DeveloperMetadataLookup.spreadsheet is true, but locationMatchingStrategy was specified as INTERSECTING"
        )
    for entry in list(book.metadata.values()):
        if not _fields_match(entry, lookup):
            continue
        place = place_of(book, entry)
        if where is None or _location_matches(place, where, exact):
            yield entry, place


def _fields_match(entry: Metadata, lookup: Json) -> bool:
    wanted = (
        (lookup.get("metadataId"), entry.id),
        (lookup.get("metadataKey"), entry.key),
        (lookup.get("metadataValue"), entry.value),
        (lookup.get("visibility"), entry.visibility),
        (lookup.get("locationType"), entry.kind),
    )
    return all(not asked or asked == actual for asked, actual in wanted)


def _location_matches(place: Place, where: Json, exact: bool) -> bool:
    if where.get("spreadsheet"):
        return place.kind == "SPREADSHEET"
    if "dimensionRange" in where:
        return _dimension_matches(place, where["dimensionRange"], exact)
    if place.sheet_id != where.get("sheetId", 0):
        return False
    return place.kind == "SHEET" or not exact


def _dimension_matches(place: Place, span: Json, exact: bool) -> bool:
    """A row range intersects its rows, every column and the sheet itself; exact is that row alone."""
    if place.sheet_id != span.get("sheetId", 0):
        return False
    start, end = span.get("startIndex", 0), span.get("endIndex")
    same_axis = place.kind == ("COLUMN" if span.get("dimension") == "COLUMNS" else "ROW")
    if not same_axis:
        return not exact
    index = place.index or 0
    if exact:
        return bool(index == start and end == start + 1)
    return bool(start <= index and (end is None or index < end))
