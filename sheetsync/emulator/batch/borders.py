"""batchUpdate kind updateBorders."""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Rect
from sheetsync.emulator.grid.colors import with_styles
from sheetsync.emulator.grid.sheet import Sheet

SIDES = ("top", "bottom", "left", "right")


def update_borders(batch: Batch, body: Json) -> None:
    """Draw the sides of a range and the lines inside it; a side that is not named stays as it is.

    An inner line is kept by both of its cells (assumed); the cells around the range stay as they are.
    """
    if not any(body.get(side) for side in (*SIDES, "innerHorizontal", "innerVertical")):
        raise Refused("At least one border must be specified.")
    sheet, rect = batch.editable(body.get("range") or {})
    for index in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right):
            borders = _borders(body, rect, index, column)
            if borders:
                _draw(sheet, index, column, borders)


def _borders(body: Json, rect: Rect, index: int, column: int) -> dict[str, Json]:
    """The borders of one cell: those of the range at its edge, inner ones elsewhere."""
    wanted = {
        "top": body.get("top" if index == rect.top else "innerHorizontal"),
        "bottom": body.get("bottom" if index == rect.bottom - 1 else "innerHorizontal"),
        "left": body.get("left" if column == rect.left else "innerVertical"),
        "right": body.get("right" if column == rect.right - 1 else "innerVertical"),
    }
    return {side: border for side, border in wanted.items() if border}


def _draw(sheet: Sheet, index: int, column: int, borders: dict[str, Json]) -> None:
    style = dict(sheet.format_of(index, column) or {})
    drawn = dict(style.pop("borders", {}))
    for side, border in borders.items():
        drawn.pop(side, None)
        if border.get("style", "NONE") != "NONE":
            drawn[side] = with_styles(border, ("color",))
    if drawn:
        style["borders"] = drawn
    row = sheet.writable(index)
    row.formats = {**(row.formats or {}), column: style}
