"""batchUpdate kinds about named ranges."""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid import a1
from sheetsync.emulator.grid.ranges import NamedRange, grid_range


def add_named_range(batch: Batch, body: Json) -> Json:
    """Add a named range; a taken name or id fails the whole call (quoted on two client paths)."""
    book, wanted = batch.book, body.get("namedRange") or {}
    key = wanted.get("namedRangeId") or str(batch.ids.number())
    if key in book.named or key in book.lost:
        raise Refused(f"A named range with id {key} already exists.")
    name = _free_name(batch, wanted.get("name", ""), None)
    sheet, span = batch.kept(wanted.get("range") or {})
    item = NamedRange(id=key, name=name, sheet_id=sheet.id, span=span)
    book.named[key] = item
    return {"addNamedRange": {"namedRange": named_json(item)}}


def named_json(item: NamedRange) -> Json:
    return {"namedRangeId": item.id, "name": item.name, "range": grid_range(item.sheet_id, item.span)}


def _free_name(batch: Batch, name: str, own: str | None) -> str:
    if not name or not name.replace(".", "_").isidentifier() or a1.parse_cells(name):
        raise Refused("The name given to this range is invalid")
    taken = (*batch.book.named.values(), *batch.book.lost.values())
    if any(item.name.casefold() == name.casefold() and item.id != own for item in taken):
        raise Refused(f"Cannot add named range with name {name}, a named range with that name already exists.")
    return name


def update_named_range(batch: Batch, body: Json) -> None:
    book, wanted = batch.book, body.get("namedRange") or {}
    mask = fields_of(body, "NamedRange")
    item = book.named.get(wanted.get("namedRangeId", ""))
    if item is None:
        raise Refused(f"No NamedRange with id: {wanted.get('namedRangeId', '')}")
    name, sheet_id, span = item.name, item.sheet_id, item.span
    if names(mask, "name"):
        name = _free_name(batch, wanted.get("name", ""), item.id)
    if names(mask, "range"):
        sheet, span = batch.kept(wanted.get("range") or {})
        sheet_id = sheet.id
    book.named[item.id] = NamedRange(id=item.id, name=name, sheet_id=sheet_id, span=span)


def delete_named_range(batch: Batch, body: Json) -> None:
    key = body.get("namedRangeId", "")
    if batch.book.named.pop(key, None) is None:
        raise Refused(f"No named range with id {key}")
