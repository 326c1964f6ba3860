"""The spreadsheet: tabs, named ranges, developer metadata. Pure: no IO, clock, threads, randomness."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from sheetsync.emulator.errors import ApiError, Refused, invalid
from sheetsync.emulator.grid import a1
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.limits import check_cells, check_columns
from sheetsync.emulator.grid.metadata import Metadata
from sheetsync.emulator.grid.ranges import NamedRange
from sheetsync.emulator.grid.sheet import Sheet

Json = dict[str, Any]
PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


class Spreadsheet:
    """One file. `epoch` counts batches; see Row.epoch."""

    def __init__(self, spreadsheet_id: str, title: str, owner: str, created: str) -> None:
        self.id = spreadsheet_id
        self.title = title
        self.owner = owner
        self.created = created
        self.modified = created
        self.locale = "en_US"
        self.time_zone = "Etc/GMT"
        self.auto_recalc = "ON_CHANGE"
        # What Drive knows of the file; no parent of its own means the root folder.
        self.parents: list[str] = []
        self.description = ""
        self.starred = False
        self.trashed = False
        self.permissions: dict[str, Json] = {}
        self.sheets: list[Sheet] = []
        self.named: dict[str, NamedRange] = {}
        self.lost: dict[str, NamedRange] = {}
        self.metadata: dict[int, Metadata] = {}
        self.epoch = 0
        #: How many applied calls changed the file; a refused batch raises `epoch` alone.
        self.writes = 0

    # -- finding

    def sheet(self, *, title: str | None = None, id: int | None = None) -> Sheet:
        """A tab by title or id, for tests and helpers. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.title == title or (id is not None and sheet.id == id):
                return sheet
        raise KeyError(title if id is None else id)

    def by_id(self, sheet_id: int) -> Sheet:
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise Refused(f"No grid with id: {sheet_id}")

    def by_title(self, title: str) -> Sheet | None:
        """Exact first, then without case, as ranges look tabs up."""
        folded = title.casefold()
        exact = (sheet for sheet in self.sheets if sheet.title == title)
        return next(exact, None) or next((s for s in self.sheets if s.title.casefold() == folded), None)

    def first_visible(self) -> Sheet:
        return next((sheet for sheet in self.sheets if not sheet.hidden), self.sheets[0])

    def resolve(self, text: str) -> tuple[Sheet, Span]:
        """A range text -> tab and span; a bare name is a named range first (measured). Raises 400."""
        address = a1.parse(text)
        if address is not None and address.title is None:
            return self.first_visible(), address.cells or Span()
        if (address is None or (address.cells is None and not address.quoted)) and (named := self._named(text)):
            return self.by_id(named.sheet_id), named.span
        sheet = self.by_title(address.title) if address is not None and address.title is not None else None
        if address is None or sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, address.cells or Span()

    def _named(self, text: str) -> NamedRange | None:
        """A named range, by its name alone or behind any tab's title.

        gspread sends the title of the tab at hand with every name; its users and maintainers have seen that work
        (gspread issue 435, pull requests 809 and 941).
        """
        title, bang, name = text.rpartition("!")
        tab = a1.parse(title) if bang else None
        if bang and (tab is None or tab.title is None or self.by_title(tab.title) is None):
            return None
        return next((item for item in self.named.values() if item.name.casefold() == name.casefold()), None)

    def area(self, sheet: Sheet, span: Span) -> Rect:
        """The cells of a span, clipped to the grid. Raises 400 when it starts outside (measured)."""
        if (span.top or 0) >= sheet.row_count or (span.left or 0) >= sheet.column_count:
            raise exceeds_grid(sheet, span)
        return sheet.rect(span)

    # -- edits that reach beyond one tab

    @property
    def cell_count(self) -> int:
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets)

    def check_growth(self, more: int) -> None:
        check_cells(self.cell_count + more)

    def make_room(self, sheet: Sheet, bottom: int, right: int) -> None:
        """Extend the grid at its ends so that it has that many rows and columns at least."""
        missing, wider = bottom - sheet.row_count, right - sheet.column_count
        if missing > 0:
            self.check_growth(missing * sheet.column_count)
            sheet.rows.extend([None] * missing)
        if wider > 0:
            check_columns(right)
            self.check_growth(wider * sheet.row_count)
            sheet.insert_columns(sheet.column_count, wider, None)

    def follow(self, sheet: Sheet, change: Callable[[Span], Span | None]) -> None:
        """Let named ranges follow a structural edit.

        One whose cells are all gone is not listed any more, cannot be deleted, and its name stays taken (gspread
        issue 1530).
        """
        for key, item in list(self.named.items()):
            if item.sheet_id != sheet.id:
                continue
            span = change(item.span)
            if span is None:
                self.lost[key] = self.named.pop(key)
            else:
                self.named[key] = replace(item, span=span)

    def forget(self, metadata_ids: list[int]) -> None:
        for each in metadata_ids:
            self.metadata.pop(each, None)

    def guard(self, sheet: Sheet, rect: Rect, user: str) -> None:
        """Raise when a cell is protected from this user; Google answers 400, not 403 (quoted in use)."""
        for item in sheet.protected.values():
            if item.forbids(user, self.owner, rect, sheet.row_count, sheet.column_count):
                raise Refused(PROTECTED)

    def guard_tab(self, sheet: Sheet, user: str) -> None:
        """Raise when the tab as a whole is protected from this user: its grid and its name are its owner's."""
        for item in sheet.protected.values():
            if item.span == Span() and not item.editable_by(user, self.owner):
                raise Refused(PROTECTED)

    # -- undo

    def begin(self) -> dict[str, Any]:
        """Start a batch: returns the state that `rollback` brings back, exactly."""
        state = {name: copy(item) if isinstance(item, list | dict) else item for name, item in vars(self).items()}
        tabs = [(sheet, sheet.snapshot()) for sheet in self.sheets]
        self.epoch += 1
        for sheet in self.sheets:
            sheet.epoch = self.epoch
        return {"book": state, "tabs": tabs, "epoch": self.epoch}

    def rollback(self, state: dict[str, Any]) -> None:
        vars(self).update(state["book"])
        for sheet, tab in state["tabs"]:
            sheet.restore(tab)
        # Rows made in the refused batch carry its epoch; the next batch must not take them for its own.
        self.epoch = state["epoch"]


def exceeds_grid(sheet: Sheet, span: Span) -> ApiError:
    """The measured 400 for a range that starts outside the grid, with the sides that were named."""
    limits = f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    return invalid(f"Range ({a1.print_span(sheet.title, span)}) exceeds grid limits. {limits}")
