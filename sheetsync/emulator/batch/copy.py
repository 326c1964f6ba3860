"""batchUpdate kinds copyPaste and cutPaste."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.batch.celldata import EXTRAS
from sheetsync.emulator.batch.merges import check_whole, merges_inside, replace_merges
from sheetsync.emulator.batch.parts import Part, blank, has_defaults, lift_all, transposed
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.cells import CellError, Format, Value, effective
from sheetsync.emulator.grid.sheet import Sheet


class Kind(NamedTuple):
    """What a paste carries: values (`results` of formulas, or as they are), formats, extras, merges, rules."""

    values: str = ""
    formats: str = ""
    extras: tuple[str, ...] = ()
    merges: bool = False
    rules: bool = False


#: Meanings of the discovery document; that a pasted format extends conditional formats is measured.
PASTES = {
    "PASTE_NORMAL": Kind("all", "all", EXTRAS, True, True),
    "PASTE_NO_BORDERS": Kind("all", "borderless", EXTRAS, True, True),
    "PASTE_VALUES": Kind("results"),
    "PASTE_FORMULA": Kind("all"),
    "PASTE_FORMAT": Kind("", "all", (), False, True),
    "PASTE_DATA_VALIDATION": Kind("", "", ("dataValidation",)),
    "PASTE_CONDITIONAL_FORMATTING": Kind(rules=True),
}


def copy_paste(batch: Batch, body: Json) -> None:
    """Copy cells; the source repeats over a destination that is a multiple of it. Formulas go verbatim."""
    kind = PASTES[body.get("pasteType", "PASTE_NORMAL")]
    source_sheet, source = batch.rect(body.get("source") or {})
    sheet, target = batch.rect(body.get("destination") or {})
    if not source.size:
        return
    if not source.size:
        raise Refused("source must hold at least one cell.")
    turned = body.get("pasteOrientation") == "TRANSPOSE"
    parts = lift_all(source_sheet, source, has_defaults(source_sheet, sheet))
    if turned:
        parts = transposed(parts)
    tiles = _tiles(len(parts), parts[0].width, target)
    _check_target(batch, sheet, tiles, kind)
    moving = merges_inside(source_sheet, source) if kind.merges and not turned else []
    for tile in tiles:
        _paste(sheet, tile, parts, kind)
        if kind.merges:
            replace_merges(sheet, tile, [_shifted(span, source, tile) for span in moving])
    if kind.rules and source_sheet is sheet and not turned:
        _spread_rules(sheet, source, tiles)


def _tiles(height: int, width: int, target: Rect) -> list[Rect]:
    """Where the source goes: as often as it fits into the target, once at least."""
    down, across = max(1, target.height // height), max(1, target.width // width)
    tops = [target.top + step * height for step in range(down)]
    lefts = [target.left + step * width for step in range(across)]
    return [Rect(top, left, top + height, left + width) for top in tops for left in lefts]


def _check_target(batch: Batch, sheet: Sheet, tiles: list[Rect], kind: Kind) -> None:
    whole = Rect(tiles[0].top, tiles[0].left, tiles[-1].bottom, tiles[-1].right)
    if whole.bottom > sheet.row_count or whole.right > sheet.column_count:
        raise Refused("The pasted cells reach past the grid.")
    if kind.merges:
        check_whole(sheet, whole)
    batch.book.guard(sheet, whole, batch.user)


def _paste(sheet: Sheet, tile: Rect, parts: list[Part], kind: Kind) -> None:
    for index, part in enumerate(parts, tile.top):
        if kind.values or kind.formats or kind.extras:
            _paste_row(sheet, index, tile.left, part, kind)


def _paste_row(sheet: Sheet, index: int, left: int, part: Part, kind: Kind) -> None:
    row = sheet.writable(index)
    formats, extras = dict(row.formats or {}), dict(row.extras or {})
    for offset in range(part.width):
        column = left + offset
        if kind.values:
            value = part.values[offset]
            row.put(column, _result(value) if kind.values == "results" else value)
        if kind.formats:
            old = sheet.format_of(index, column) or {}
            formats[column] = _format(part.formats.get(offset, {}), old, kind.formats)
        if kind.extras:
            extras[column] = _extras(part.extras.get(offset, {}), extras.get(column, {}), kind.extras)
    row.formats = formats or None
    row.extras = {column: extra for column, extra in extras.items() if extra} or None


def _format(new: Format, old: Format, how: str) -> Format:
    """Without borders the destination keeps its own."""
    if how == "all":
        return new
    kept = {"borders": old["borders"]} if "borders" in old else {}
    return {**{name: item for name, item in new.items() if name != "borders"}, **kept}


def _extras(new: Json, old: Json, names: tuple[str, ...]) -> Json:
    kept = {name: item for name, item in old.items() if name not in names}
    return {**kept, **{name: item for name, item in new.items() if name in names}}


def _result(value: Value) -> Value:
    """A formula's result as a plain value; an error result stays what it is, a formula."""
    found = effective(value)
    return value if isinstance(found, CellError) else found


def _shifted(rect: Rect, source: Rect, tile: Rect) -> Rect:
    down, across = tile.top - source.top, tile.left - source.left
    return Rect(rect.top + down, rect.left + across, rect.bottom + down, rect.right + across)


def _spread_rules(sheet: Sheet, source: Rect, tiles: list[Rect]) -> None:
    """Conditional formats of the source reach over the copies as well (measured)."""
    rules = []
    for rule in sheet.rules:
        spans = list(rule.spans)
        for rect in map(sheet.rect, rule.spans):
            shared = rect.shared(source)
            if shared is not None:
                spans.extend(Span(*_shifted(shared, source, tile)) for tile in tiles)
        rules.append(replace(rule, spans=_joined(sheet, spans)))
    sheet.rules = rules


def _joined(sheet: Sheet, spans: list[Span]) -> tuple[Span, ...]:
    """Spans without those that another covers; one that stands right below another of its width joins it."""
    done: list[Span] = []
    for span in spans:
        rect = sheet.rect(span)
        if any(sheet.rect(other).shared(rect) == rect for other in done):
            continue
        above = next((i for i, each in enumerate(done) if _stands_on(sheet.rect(each), rect)), None)
        if above is None:
            done.append(span)
        else:
            done[above] = done[above]._replace(bottom=span.bottom)
    return tuple(done)


def _stands_on(upper: Rect, lower: Rect) -> bool:
    return upper.bottom == lower.top and (upper.left, upper.right) == (lower.left, lower.right)


def cut_paste(batch: Batch, body: Json) -> None:
    """Move cells; whatever is pasted, all of the source is cut (discovery document). Row metadata stays."""
    kind = PASTES[body.get("pasteType", "PASTE_NORMAL")]
    source_sheet, source = batch.editable(body.get("source") or {})
    sheet, top, left = batch.cell(body.get("destination") or {})
    if not source.size:
        return
    tile = Rect(top, left, top + source.height, left + source.width)
    check_whole(source_sheet, source)
    _check_target(batch, sheet, [tile], kind)
    parts = lift_all(source_sheet, source, has_defaults(source_sheet, sheet))
    moving = merges_inside(source_sheet, source)
    blank(source_sheet, source)
    replace_merges(source_sheet, source, [])
    _paste(sheet, tile, parts, kind)
    if kind.merges:
        replace_merges(sheet, tile, [_shifted(span, source, tile) for span in moving])
