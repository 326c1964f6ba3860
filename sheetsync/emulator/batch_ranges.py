"""batchUpdate kinds about named ranges, protected ranges, the basic filter and merges."""

from __future__ import annotations

from . import a1
from .batching import Batch, Json, fields_of, names
from .errors import Refused
from .ranges import Filter, NamedRange, ProtectedRange, grid_range, span_of


def add_named_range(batch: Batch, body: Json) -> Json:
    """Add a named range; a taken name or id fails the whole call (quoted on two client paths)."""
    book, wanted = batch.book, body.get("namedRange") or {}
    key = wanted.get("namedRangeId") or str(batch.ids.number())
    if key in book.named:
        raise Refused(f"A named range with id {key} already exists.")
    name = _free_name(batch, wanted.get("name", ""), None)
    sheet, _ = batch.rect(wanted.get("range") or {})
    item = NamedRange(id=key, name=name, sheet_id=sheet.id, span=span_of(wanted.get("range") or {}))
    book.named[key] = item
    return {"addNamedRange": {"namedRange": named_json(item)}}


def named_json(item: NamedRange) -> Json:
    return {"namedRangeId": item.id, "name": item.name, "range": grid_range(item.sheet_id, item.span)}


def _free_name(batch: Batch, name: str, own: str | None) -> str:
    if not name or not name.replace(".", "_").isidentifier() or a1.parse_cells(name):
        raise Refused("The name given to this range is invalid")
    if any(item.name.casefold() == name.casefold() and item.id != own for item in batch.book.named.values()):
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
        sheet, _ = batch.rect(wanted.get("range") or {})
        sheet_id, span = sheet.id, span_of(wanted.get("range") or {})
    book.named[item.id] = NamedRange(id=item.id, name=name, sheet_id=sheet_id, span=span)


def delete_named_range(batch: Batch, body: Json) -> None:
    key = body.get("namedRangeId", "")
    if batch.book.named.pop(key, None) is None:
        raise Refused(f"No named range with id {key}")


def add_protected_range(batch: Batch, body: Json) -> Json:
    """Protect a range; the one who adds it stays an editor, and the reply shows `editors` as recorded."""
    wanted = body.get("protectedRange") or {}
    sheet, _ = batch.rect(wanted.get("range") or {})
    key = wanted.get("protectedRangeId") or batch.ids.number()
    if any(key in each.protected for each in batch.book.sheets):
        raise Refused(f"A protected range with id {key} already exists.")
    editors = wanted.get("editors") or {}
    item = ProtectedRange(
        id=key,
        span=span_of(wanted.get("range") or {}),
        editors=frozenset([batch.user, *(editors.get("users") or [])]),
        warning_only=bool(wanted.get("warningOnly")),
        rest={"description": wanted.get("description"), "editors": editors},
    )
    sheet.protected[key] = item
    return {"addProtectedRange": {"protectedRange": protected_json(sheet.id, item, True)}}


def protected_json(sheet_id: int, item: ProtectedRange, can_edit: bool) -> Json:
    """Editors are shown only to those who may edit; both flags and empty parts follow the recordings."""
    reply: Json = {"protectedRangeId": item.id, "range": grid_range(sheet_id, item.span)}
    if item.rest.get("description"):
        reply["description"] = item.rest["description"]
    if item.warning_only:
        reply["warningOnly"] = True
    if can_edit:
        reply["requestingUserCanEdit"] = True
        reply["editors"] = item.rest.get("editors") or {}
    return reply


def delete_protected_range(batch: Batch, body: Json) -> None:
    key = body.get("protectedRangeId", 0)
    for sheet in batch.book.sheets:
        item = sheet.protected.get(key)
        if item is not None:
            batch.book.guard(sheet, sheet.rect(item.span), batch.user)
            del sheet.protected[key]
            return
    raise Refused(f"No protected range with id {key}")


def set_basic_filter(batch: Batch, body: Json) -> None:
    """Set the tab's filter. It hides no rows: what criteria hide does not change what the API reads."""
    wanted = body.get("filter") or {}
    sheet, _ = batch.rect(wanted.get("range") or {})
    rest = {name: wanted[name] for name in ("sortSpecs", "criteria", "filterSpecs") if wanted.get(name)}
    sheet.filter = Filter(span=span_of(wanted.get("range") or {}), rest=rest)


def clear_basic_filter(batch: Batch, body: Json) -> None:
    batch.sheet(body).filter = None


def merge_cells(batch: Batch, body: Json) -> None:
    """Merge a range; the values behind its first cell are lost, as in the product."""
    sheet, rect = batch.editable(body.get("range") or {})
    if rect.left < sheet.frozen_columns < rect.right:
        raise Refused("You can't merge frozen and non-frozen columns")
    if rect.top < sheet.frozen_rows < rect.bottom:
        raise Refused("You can't merge frozen and non-frozen rows")
    kind = body.get("mergeType", "MERGE_ALL")
    parts = [rect]
    if kind == "MERGE_ROWS":
        parts = [rect._replace(top=row, bottom=row + 1) for row in range(rect.top, rect.bottom)]
    elif kind == "MERGE_COLUMNS":
        parts = [rect._replace(left=column, right=column + 1) for column in range(rect.left, rect.right)]
    kept = [span for span in sheet.merges if not sheet.rect(span).overlaps(rect)]
    sheet.merges = kept + [a1.Span(*part) for part in parts]
    for part in parts:
        for row in range(part.top, part.bottom):
            for column in range(part.left, part.right):
                if (row, column) != (part.top, part.left) and sheet.entered(row, column) is not None:
                    sheet.writable(row).put(column, None)


def unmerge_cells(batch: Batch, body: Json) -> None:
    sheet, rect = batch.rect(body.get("range") or {})
    sheet.merges = [span for span in sheet.merges if not sheet.rect(span).overlaps(rect)]
