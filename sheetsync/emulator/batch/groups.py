"""batchUpdate kinds about groups of rows and columns.

A line is as deep as it has groups around it, and the groups are the runs of lines of at least some depth: all
examples of the discovery document come out of that.
"""

from __future__ import annotations

from sheetsync.emulator.batch.batching import Batch, Json, fields_of, names
from sheetsync.emulator.batch.dimensions import check_inside, lines_of, span_of_lines
from sheetsync.emulator.errors import Refused
from sheetsync.emulator.grid.a1 import Span
from sheetsync.emulator.grid.ranges import Group
from sheetsync.emulator.grid.sheet import Sheet


def add_group(batch: Batch, body: Json) -> Json:
    """Add one level over a range; replies with all groups of the dimension (recorded).

    The first group of a dimension turns the tab's `rowGroupControlAfter` or `columnGroupControlAfter` on, and it
    stays on (recorded).
    """
    sheet, rows, start, end = _read(batch, body.get("range") or {})
    if not groups_of(sheet, rows):
        control = "rowGroupControlAfter" if rows else "columnGroupControlAfter"
        sheet.grid_options = {**sheet.grid_options, control: True}
    depths = _depths(sheet, rows)
    for index in range(start, end):
        depths[index] = depths.get(index, 0) + 1
    _rebuild(sheet, rows, depths)
    return {"addDimensionGroup": {"dimensionGroups": groups_json(sheet, rows)}}


def delete_group(batch: Batch, body: Json) -> Json:
    """Take one level off a range; the reply is empty when no group is left (recorded)."""
    sheet, rows, start, end = _read(batch, body.get("range") or {})
    depths = _depths(sheet, rows)
    if not any(depths.get(index) for index in range(start, end)):
        raise Refused(f"There is no group over {'rows' if rows else 'columns'} {start} to {end}.")
    for index in range(start, end):
        depths[index] = max(0, depths.get(index, 0) - 1)
    _rebuild(sheet, rows, depths)
    groups = groups_json(sheet, rows)
    return {"deleteDimensionGroup": {"dimensionGroups": groups} if groups else {}}


def update_group(batch: Batch, body: Json) -> None:
    """Collapse or open a group, which hides or shows its lines (discovery document)."""
    wanted, mask = body.get("dimensionGroup") or {}, fields_of(body, "DimensionGroup")
    for name in mask:
        if name not in ("collapsed", "*"):
            raise Refused(f"Invalid field: {name}. It says which group is meant.")
    sheet, rows, start, end = _read(batch, wanted.get("range") or {})
    depth = wanted.get("depth", 0)
    found = [group for group in groups_of(sheet, rows) if (group.start, group.end, group.depth) == (start, end, depth)]
    if not found:
        what = "rows" if rows else "columns"
        raise Refused(f"There is no group over {what} {start} to {end} with depth {depth}.")
    if names(mask, "collapsed"):
        closed = bool(wanted.get("collapsed"))
        new = Group(rows=rows, span=found[0].span, depth=depth, collapsed=closed)
        sheet.groups = [new if group is found[0] else group for group in sheet.groups]
        for line in lines_of(sheet, rows, start, end):
            line.hidden = closed


def _read(batch: Batch, body: Json) -> tuple[Sheet, bool, int, int]:
    sheet, rows, start, end = span_of_lines(batch, body)
    check_inside(sheet, rows, start, end, "group")
    batch.book.guard_tab(sheet, batch.user)
    return sheet, rows, start, end


def groups_of(sheet: Sheet, rows: bool) -> list[Group]:
    return [group for group in sheet.groups if group.rows == rows]


def groups_json(sheet: Sheet, rows: bool) -> list[Json]:
    return [_json(sheet, group) for group in groups_of(sheet, rows)]


def _json(sheet: Sheet, group: Group) -> Json:
    place: Json = {"sheetId": sheet.id} if sheet.id else {}
    place["dimension"] = "ROWS" if group.rows else "COLUMNS"
    place["startIndex"], place["endIndex"] = group.start, group.end
    reply: Json = {"range": place, "depth": group.depth}
    if group.collapsed:
        reply["collapsed"] = True
    return reply


def _depths(sheet: Sheet, rows: bool) -> dict[int, int]:
    """Line -> depth, for the lines that are in a group."""
    depths: dict[int, int] = {}
    for group in groups_of(sheet, rows):
        for index in range(group.start, group.end):
            depths[index] = max(depths.get(index, 0), group.depth)
    return depths


def _rebuild(sheet: Sheet, rows: bool, depths: dict[int, int]) -> None:
    """The groups that the depths make; one that shares lines with a collapsed group of its depth stays collapsed."""
    closed = [group for group in groups_of(sheet, rows) if group.collapsed]
    groups = []
    for depth in range(1, max(depths.values(), default=0) + 1):
        for start, end in _runs(sorted(index for index, each in depths.items() if each >= depth)):
            shut = any(old.depth == depth and old.start < end and start < old.end for old in closed)
            span = Span(start, None, end, None) if rows else Span(None, start, None, end)
            groups.append(Group(rows=rows, span=span, depth=depth, collapsed=shut))
    groups.sort(key=lambda group: (group.start, group.depth))
    sheet.groups = [group for group in sheet.groups if group.rows != rows] + groups


def _runs(indexes: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in indexes:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs
