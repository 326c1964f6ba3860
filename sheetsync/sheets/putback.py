"""After a column was moved in the very moment of a commit: put back what the commit hit.

The reply showed that our columns stood elsewhere than the commit was made for, so its cells went into wrong columns.
Managed cells are simply written again; cells of the people's own columns get back what the look before the commit saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheetsync.pipeline.records import CommitPlan, Row, split_key, token
from sheetsync.sheets.index import Index
from sheetsync.sheets.layout import Layout
from sheetsync.sheets.reading import Sight
from sheetsync.sheets.requests import EMPTY, encode_row, write_cells


@dataclass(frozen=True, slots=True)
class Stray:
    """A row whose cells went astray: its key, the row it was written to, what went where, what was there before.

    `before` is None for a row that the commit itself inserted.
    """

    key: str
    at: int
    cells: Mapping[int, str]
    before: Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Strays:
    """Everything that one displaced commit wrote, by the layout it was made for."""

    layout: Layout
    headers: tuple[str, ...]
    rows: tuple[Stray, ...]

    @classmethod
    def of(cls, plan: CommitPlan, insert_at: int, layout: Layout, before: Sight) -> Strays:
        """What a plan wrote, `insert_at` being the row before which its new rows were inserted."""
        rows = [
            Stray(update.row.key, update.at, _written(update.row, layout, key=False), before.rows.get(update.at, []))
            for update in plan.updates
        ]
        rows += [
            Stray(row.key, at, _written(row, layout, key=True), None)
            for at, row in enumerate(plan.inserts, start=insert_at)
        ]
        emptied = dict.fromkeys([layout.print_at, *layout.columns], EMPTY)
        for release in plan.releases:
            key = before.text(release.at, layout.key_at)
            rows.append(Stray(key, release.at, emptied, before.rows.get(release.at, [])))
        return cls(layout, before.head.headers or layout.headers, tuple(rows))

    def distrust(self, index: Index) -> None:
        """Every row that the commit touched is written again by the next plan that meets it."""
        for stray in self.rows:
            at = find(index, stray.key)
            if at:
                index.distrust(at)

    def places(self, index: Index) -> dict[int, Stray]:
        """Where each stray row is now; one whose key went astray too is where it was written."""
        return {find(index, stray.key) or stray.at: stray for stray in self.rows}


def put_back_requests(strays: Strays, now: Layout, index: Index, sight: Sight) -> Iterator[str]:
    """What restores the cells that are not ours, as far as they still hold exactly what the commit put there."""
    origin = _origins(strays, now)
    for at, stray in strays.places(index).items():
        lost = not find(index, stray.key)
        for column, cell in stray.cells.items():
            if column in now.managed and not lost:
                continue
            if _value_at(sight, at, column) != _decoded(cell):
                continue
            was = None if lost or column in now.managed else _before(stray, origin.get(column))
            yield write_cells(now.sheet_id, at, column, [[_encoded(was)]])


def find(index: Index, key: str) -> int:
    """The row of this key; 0 where the tab has none."""
    if not key:
        return 0
    wanted = token(key)
    return next((row.at for row in index.rows_of(split_key(key)[0]) if row.key_token == wanted), 0)


def _written(row: Row, layout: Layout, *, key: bool) -> dict[int, str]:
    cells = encode_row(row)
    spans = layout.insert_spans if key else layout.update_spans
    return {span.start + place: cells[member] for span in spans for place, member in enumerate(span.members)}


def _origins(strays: Strays, now: Layout) -> dict[int, int]:
    """The people's columns: where each stands now -> where it stood when the commit was made.

    They carry no mark of ours. A header that occurs once names its column; columns without one keep their order, which
    holds unless two such columns were swapped, or as many were inserted as deleted, in that very moment.
    """
    then = [at for at in range(strays.layout.column_count) if at not in strays.layout.managed]
    here = [at for at in range(now.column_count) if at not in now.managed]
    named_then, named_here = _unique(strays.headers, then), _unique(now.headers, here)
    origin = {named_here[header]: named_then[header] for header in named_here if header in named_then}
    rest_then = [at for at in then if at not in origin.values()]
    rest_here = [at for at in here if at not in origin]
    if len(rest_then) == len(rest_here):
        origin |= dict(zip(rest_here, rest_then, strict=True))
    return origin


def _unique(headers: Sequence[str], columns: Sequence[int]) -> dict[str, int]:
    found: dict[str, list[int]] = {}
    for at in columns:
        if at < len(headers) and headers[at]:
            found.setdefault(headers[at], []).append(at)
    return {header: places[0] for header, places in found.items() if len(places) == 1}


def _before(stray: Stray, column: int | None) -> Any:
    if stray.before is None or column is None or column >= len(stray.before):
        return None
    return stray.before[column]


def _value_at(sight: Sight, at: int, column: int) -> Any:
    cells = sight.rows.get(at, [])
    return cells[column] if column < len(cells) else None


def _decoded(cell: str) -> Any:
    return json.loads(cell).get("userEnteredValue")


def _encoded(value: Any) -> str:
    return json.dumps({"userEnteredValue": value}, ensure_ascii=False) if value else EMPTY
