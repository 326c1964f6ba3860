"""batchUpdate kinds about protected ranges."""

from __future__ import annotations

from dataclasses import replace

from sheetsync.emulator.api.masks import Mask
from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.ranges import ProtectedRange, grid_range
from sheetsync.emulator.grid.sheet import Sheet

READ_ONLY = ("protectedRangeId", "requestingUserCanEdit")


def add_protected_range(batch: Batch, body: Json) -> Json:
    """Protect a range; the file's owner and the one who adds it stay editors.

    The reply shows the editors as sent, a later read all of them (recorded).
    """
    wanted = body.get("protectedRange") or {}
    sheet, span = _place(batch, wanted)
    key = wanted.get("protectedRangeId") or batch.ids.number()
    if any(key in each.protected for each in batch.book.sheets):
        raise Refused(f"A protected range with id {key} already exists.")
    item = ProtectedRange(id=key, span=span, editors=(), rest=_named(wanted))
    item = _filled(batch, sheet, item, wanted, {})
    sheet.protected[key] = item
    reply = protected_json(sheet.id, item, True)
    reply["editors"] = {} if item.warning_only else _without_empty(wanted.get("editors") or {})
    return {"addProtectedRange": {"protectedRange": reply}}


def _place(batch: Batch, wanted: Json) -> tuple[Sheet, Span]:
    """The cells to protect: those of `range`, or those of the named range that backs the protection."""
    if "tableId" in wanted:
        raise Refused("this emulator does not protect tables.")
    if "namedRangeId" not in wanted:
        return batch.kept(wanted.get("range") or {})
    if "range" in wanted:
        raise Refused("Only one of range and namedRangeId may be set.")
    named = batch.book.named.get(wanted["namedRangeId"])
    if named is None:
        raise Refused(f"No NamedRange with id: {wanted['namedRangeId']}")
    return batch.book.by_id(named.sheet_id), named.span


def _named(wanted: Json) -> Json:
    return {"namedRangeId": wanted["namedRangeId"]} if "namedRangeId" in wanted else {}


def _filled(batch: Batch, sheet: Sheet, item: ProtectedRange, wanted: Json, mask: Mask) -> ProtectedRange:
    """The protection with the masked fields taken over from the request."""
    if names(mask, "description"):
        kept = {name: value for name, value in item.rest.items() if name != "description"}
        text = {"description": wanted["description"]} if wanted.get("description") else {}
        item = replace(item, rest={**kept, **text})
    if names(mask, "warningOnly"):
        item = replace(item, warning_only=bool(wanted.get("warningOnly")))
    if names(mask, "editors"):
        item = _with_editors(batch, item, wanted.get("editors") or {})
    if names(mask, "unprotectedRanges"):
        item = replace(item, free=_free(batch, sheet, item.span, wanted.get("unprotectedRanges") or []))
    return item


def _with_editors(batch: Batch, item: ProtectedRange, editors: Json) -> ProtectedRange:
    """Owner and asker first, then who is named; the groups and the domain are kept for show."""
    users = dict.fromkeys([batch.book.owner, batch.user, *(editors.get("users") or [])])
    others = _without_empty({name: editors.get(name) for name in ("domainUsersCanEdit", "groups")})
    kept = {name: value for name, value in item.rest.items() if name != "editors"}
    return replace(item, editors=tuple(users), rest={**kept, "editors": others})


def _free(batch: Batch, sheet: Sheet, span: Span, ranges: list[Json]) -> tuple[Span, ...]:
    """Unprotected ranges; only a protected sheet may have them (discovery document)."""
    if ranges and span != Span():
        raise Refused("Unprotected ranges are only supported on protected sheets.")
    places = [batch.kept(each) for each in ranges]
    if any(other is not sheet for other, _ in places):
        raise Refused("Unprotected ranges must lie on the protected sheet.")
    return tuple(free for _, free in places)


def _without_empty(message: Json) -> Json:
    return {name: value for name, value in message.items() if value}


def protected_json(sheet_id: int, item: ProtectedRange, can_edit: bool) -> Json:
    """Editors are shown only to those who may edit; both flags and empty parts follow the recordings."""
    reply: Json = {"protectedRangeId": item.id, "range": grid_range(sheet_id, item.span)}
    for name in ("namedRangeId", "description"):
        if name in item.rest:
            reply[name] = item.rest[name]
    if item.warning_only:
        reply["warningOnly"] = True
    if can_edit:
        reply["requestingUserCanEdit"] = True
    if item.free:
        reply["unprotectedRanges"] = [grid_range(sheet_id, span) for span in item.free]
    if can_edit:
        reply["editors"] = {**item.rest.get("editors", {}), "users": list(item.editors)}
    return reply


def update_protected_range(batch: Batch, body: Json) -> None:
    """Change the masked fields; only who may edit the range may change its protection."""
    wanted, mask = body.get("protectedRange") or {}, fields_of(body, "ProtectedRange")
    for name in READ_ONLY:
        if name in mask:
            raise Refused(f"Invalid field: {name}. It is read-only.")
    sheet, item = _editable(batch, wanted.get("protectedRangeId", 0))
    moves = any(name in mask for name in ("range", "namedRangeId", "tableId")) or ("range" in wanted and not mask)
    if moves:
        del sheet.protected[item.id]
        sheet, span = _place(batch, wanted)
        item = replace(item, span=span, rest={**item.rest, **_named(wanted)})
    sheet.protected[item.id] = _filled(batch, sheet, item, wanted, mask)


def delete_protected_range(batch: Batch, body: Json) -> None:
    sheet, item = _editable(batch, body.get("protectedRangeId", 0))
    del sheet.protected[item.id]


def _editable(batch: Batch, key: int) -> tuple[Sheet, ProtectedRange]:
    for sheet in batch.book.sheets:
        item = sheet.protected.get(key)
        if item is not None:
            batch.book.guard(sheet, sheet.rect(item.span), batch.user)
            return sheet, item
    raise Refused(f"No protected range with id {key}")
