"""The spreadsheet: tabs, named ranges, developer metadata. Pure: no IO, clock, threads, randomness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import a1
from .a1 import Rect, Span
from .errors import ApiError, Refused, invalid
from .limits import check_cells
from .metadata import Metadata
from .ranges import NamedRange
from .sheet import Sheet

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
        self.sheets: list[Sheet] = []
        self.named: dict[str, NamedRange] = {}
        self.metadata: dict[int, Metadata] = {}
        self.epoch = 0

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
        if address is None:
            raise invalid(f"Unable to parse range: {text}")
        if address.title is None:
            return self.first_visible(), address.cells or Span()
        if address.cells is None and not address.quoted:
            for item in self.named.values():
                if item.name.casefold() == address.title.casefold():
                    return self.by_id(item.sheet_id), item.span
        sheet = self.by_title(address.title)
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return sheet, address.cells or Span()

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

    def follow(self, sheet: Sheet, change: Callable[[Span], Span | None]) -> None:
        """Let named ranges follow a structural edit; one whose cells are all gone is not listed any more."""
        for key, item in list(self.named.items()):
            if item.sheet_id != sheet.id:
                continue
            span = change(item.span)
            if span is None:
                del self.named[key]
            else:
                self.named[key] = NamedRange(id=item.id, name=item.name, sheet_id=item.sheet_id, span=span)

    def forget(self, metadata_ids: list[int]) -> None:
        for each in metadata_ids:
            self.metadata.pop(each, None)

    def guard(self, sheet: Sheet, rect: Rect, user: str) -> None:
        """Raise when a cell is protected from this user; Google answers 400, not 403 (quoted in use)."""
        for item in sheet.protected.values():
            if item.forbids(user, self.owner, rect, sheet.row_count, sheet.column_count):
                raise Refused(PROTECTED)

    # -- undo

    def begin(self) -> dict[str, Any]:
        """Start a batch: returns the state that `rollback` brings back, exactly."""
        state = dict(vars(self))
        state["sheets"] = list(self.sheets)
        state["named"] = dict(self.named)
        state["metadata"] = dict(self.metadata)
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
    """The measured 400 for a range that starts outside the grid, with the range as asked for."""
    top, left = span.top or 0, span.left or 0
    bottom = span.bottom if span.bottom is not None else max(sheet.row_count, top + 1)
    right = span.right if span.right is not None else max(sheet.column_count, left + 1)
    shown = a1.print_range(sheet.title, Rect(top, left, bottom, right))
    return invalid(
        f"Range ({shown}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
    )
