"""batchUpdate kinds about developer metadata: create, update, delete."""

from __future__ import annotations

from collections.abc import Iterator

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import ApiError, Refused
from sheetsync.emulator.grid import spans
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.metadata import Metadata, Place, check_room, find, location_from, place_of, to_json
from sheetsync.emulator.grid.ranges import span_of
from sheetsync.emulator.grid.workbook import Spreadsheet


def create(batch: Batch, body: Json) -> Json:
    """Create an entry; a chosen id that exists is refused, and the whole batch with it."""
    book, wanted = batch.book, body.get("developerMetadata") or {}
    entry_id = wanted.get("metadataId") or _free_id(batch)
    if entry_id < 0:
        raise Refused("developerMetadata.metadataId must be positive.")
    if entry_id in book.metadata:
        raise Refused(
            f"Cannot add developer metadata with ID [{entry_id}] "
            "because developer metadata with that ID already exists."
        )
    place = location_from(wanted.get("location") or {})
    entry = Metadata(
        id=entry_id,
        key=_required(wanted, "metadataKey"),
        value=wanted.get("metadataValue"),
        visibility=_visibility(wanted),
        kind=place.kind,
        sheet_id=place.sheet_id,
    )
    check_room(book, entry)
    anchor(book, entry.id, place)
    book.metadata[entry.id] = entry
    return {"createDeveloperMetadata": {"developerMetadata": to_json(entry, place)}}


def _free_id(batch: Batch) -> int:
    return next(each for each in iter(batch.ids.number, 0) if each not in batch.book.metadata)


def _required(wanted: Json, name: str) -> str:
    if not wanted.get(name):
        raise Refused(f"developerMetadata.{name} must be specified.")
    return str(wanted[name])


def _visibility(wanted: Json) -> str:
    visibility = wanted.get("visibility", "DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED")
    if visibility not in ("DOCUMENT", "PROJECT"):
        raise Refused("developerMetadata.visibility must be specified.")
    return str(visibility)


def anchor(book: Spreadsheet, entry_id: int, place: Place) -> None:
    """Hang an entry on its row or column. Raises when that does not exist."""
    if place.sheet_id is None:
        return
    sheet = book.by_id(place.sheet_id)
    if place.index is None:
        return
    size = sheet.row_count if place.kind == "ROW" else sheet.column_count
    if not 0 <= place.index < size:
        raise Refused(f"dimensionRange.startIndex[{place.index}] must be less than the grid size ({size}).")
    line = sheet.writable(place.index) if place.kind == "ROW" else sheet.columns[place.index]
    line.metadata = (*line.metadata, entry_id)


def _unhang(book: Spreadsheet, entry: Metadata, place: Place) -> None:
    if place.sheet_id is None or place.index is None:
        return
    sheet = book.by_id(place.sheet_id)
    line = sheet.writable(place.index) if place.kind == "ROW" else sheet.columns[place.index]
    line.metadata = tuple(each for each in line.metadata if each != entry.id)


def update(batch: Batch, body: Json) -> Json:
    """Change the masked fields of all entries that the filters match; replies with them."""
    book, mask = batch.book, fields_of(body, "DeveloperMetadata")
    wanted = body.get("developerMetadata") or {}
    if names(mask, "metadataId") and mask and "*" not in mask:
        raise Refused("developerMetadata.metadataId cannot be changed.")
    changed = []
    for entry, place in selected(book, body.get("dataFilters") or []):
        if names(mask, "location") and wanted.get("location"):
            _unhang(book, entry, place)
            place = location_from(wanted["location"])
            anchor(book, entry.id, place)
        new = Metadata(
            id=entry.id,
            key=_required(wanted, "metadataKey") if names(mask, "metadataKey") else entry.key,
            value=wanted.get("metadataValue") if names(mask, "metadataValue") else entry.value,
            visibility=_visibility(wanted) if names(mask, "visibility") else entry.visibility,
            kind=place.kind,
            sheet_id=place.sheet_id,
        )
        check_room(book, new)
        book.metadata[new.id] = new
        changed.append(to_json(new, place))
    return {"updateDeveloperMetadata": {"developerMetadata": changed}}


def delete(batch: Batch, body: Json) -> Json:
    """Delete all entries that the filter matches; none is not an error. Replies with them."""
    book, gone = batch.book, []
    for entry, place in selected(book, [body.get("dataFilter") or {}]):
        _unhang(book, entry, place)
        del book.metadata[entry.id]
        gone.append(to_json(entry, place))
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": gone}}


def selected(book: Spreadsheet, filters: list[Json]) -> Iterator[tuple[Metadata, Place]]:
    """Entries that any of the DataFilters selects, each once."""
    seen: set[int] = set()
    for data_filter in filters:
        for entry, place in by_filter(book, data_filter):
            if entry.id not in seen:
                seen.add(entry.id)
                yield entry, place


def by_filter(book: Spreadsheet, data_filter: Json) -> list[tuple[Metadata, Place]]:
    """Entries of one DataFilter: a lookup, or a range, which selects what is anchored inside it."""
    if "gridRange" in data_filter or "a1Range" in data_filter:
        if "a1Range" in data_filter:
            sheet, span = book.resolve(data_filter["a1Range"])
        else:
            sheet = book.by_id(int(data_filter["gridRange"].get("sheetId", 0)))
            span = span_of(data_filter["gridRange"])
        rect = spans.clip(span, sheet.row_count, sheet.column_count)
        near = (pair for pair in find(book, {}) if pair[0].sheet_id == sheet.id)
        return [(entry, place) for entry, place in near if _touches(place, rect)]
    if "developerMetadataLookup" not in data_filter:
        raise ApiError(400, "dataFilter.filter must be specified.")
    return list(find(book, data_filter["developerMetadataLookup"]))


def _touches(place: Place, rect: Rect) -> bool:
    if place.kind == "ROW":
        return rect.top <= (place.index or 0) < rect.bottom
    if place.kind == "COLUMN":
        return rect.left <= (place.index or 0) < rect.right
    return True


def by_id(book: Spreadsheet, entry_id: int) -> Json:
    """developerMetadata.get. Raises 404."""
    entry = book.metadata.get(entry_id)
    if entry is None:
        raise ApiError(404, "Requested entity was not found.")
    return to_json(entry, place_of(book, entry))
