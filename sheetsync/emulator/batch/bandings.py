"""batchUpdate kinds about bandings: alternating colours of a range, stored and shown."""

from __future__ import annotations

from dataclasses import replace

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.colors import with_styles
from sheetsync.emulator.grid.ranges import Banding, grid_range
from sheetsync.emulator.grid.sheet import Sheet

COLORS = ("headerColor", "firstBandColor", "secondBandColor", "footerColor")
SIDES = ("rowProperties", "columnProperties")


def add_banding(batch: Batch, body: Json) -> Json:
    """Add a banding; an id may be chosen. Two bandings never overlap (wording quoted in use)."""
    wanted = body.get("bandedRange") or {}
    key = wanted.get("bandedRangeId") or batch.ids.number()
    if any(key in each.bandings for each in batch.book.sheets):
        raise Refused(f"A banded range with id {key} already exists.")
    sheet, span = _kept(batch, wanted)
    item = Banding(id=key, span=span, rest=_sides(wanted))
    _place(sheet, item)
    return {"addBanding": {"bandedRange": banding_json(sheet, item)}}


def _kept(batch: Batch, wanted: Json) -> tuple[Sheet, Span]:
    sheet, span = batch.kept(wanted.get("range") or {})
    batch.book.guard(sheet, sheet.rect(span), batch.user)
    return sheet, span


def _sides(wanted: Json) -> Json:
    """Row and column properties with the colours in both forms; each needs two bands (discovery document)."""
    sides = {name: with_styles(wanted[name], COLORS) for name in SIDES if wanted.get(name)}
    if not sides:
        raise Refused("At least one of rowProperties and columnProperties must be specified.")
    for name, side in sides.items():
        for band in ("firstBandColor", "secondBandColor"):
            if f"{band}Style" not in side:
                raise Refused(f"{name}.{band} must be specified.")
    return sides


def _place(sheet: Sheet, item: Banding) -> None:
    rect = sheet.rect(item.span)
    if any(sheet.rect(other.span).overlaps(rect) for other in sheet.bandings.values()):
        raise Refused(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    sheet.bandings[item.id] = item


def banding_json(sheet: Sheet, item: Banding) -> Json:
    return {"bandedRangeId": item.id, "range": grid_range(sheet.id, item.span), **item.rest}


def _take(batch: Batch, key: int) -> tuple[Sheet, Banding]:
    """Take a banding off its tab."""
    for sheet in batch.book.sheets:
        if key in sheet.bandings:
            batch.book.guard(sheet, sheet.rect(sheet.bandings[key].span), batch.user)
            return sheet, sheet.bandings.pop(key)
    raise Refused(f"No banded range with id: {key}")


def update_banding(batch: Batch, body: Json) -> None:
    wanted, mask = body.get("bandedRange") or {}, fields_of(body, "BandedRange")
    for name in ("bandedRangeId", "bandedRangeReference"):
        if name in mask:
            raise Refused(f"Invalid field: {name}. It is read-only.")
    sheet, item = _take(batch, wanted.get("bandedRangeId", 0))
    if names(mask, "range") and ("range" in wanted or mask):
        sheet, span = _kept(batch, wanted)
        item = replace(item, span=span)
    sides = {name: (wanted if names(mask, name) else item.rest).get(name) for name in SIDES}
    _place(sheet, replace(item, rest=_sides(sides)))


def delete_banding(batch: Batch, body: Json) -> None:
    _take(batch, body.get("bandedRangeId", 0))
