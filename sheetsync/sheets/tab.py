"""One tab of a spreadsheet: found or created, its columns as the automation wants them, its rows known by key.

Opening reads the markers first and the keys last: whatever lands in between makes the next number taken, so a plan made
on a stale view is refused by Google itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sheetsync.errors import (
    AmbiguousOutcome,
    LimitExceeded,
    RequestRefused,
    SheetsyncError,
    SpreadsheetGone,
    TabChanging,
    TabRefused,
)
from sheetsync.sheets import adoption, setup
from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.fence import Fence, Unfenced
from sheetsync.sheets.index import Index
from sheetsync.sheets.keys import is_blank, read_index
from sheetsync.sheets.layout import KEY_UID, MAX_CELLS, PRINT_UID, Layout, derived_sheet_id, quoted
from sheetsync.sheets.ledger import Call, Ledger
from sheetsync.sheets.reading import (
    Book,
    Head,
    Sheet,
    Sight,
    grid_sight,
    has_metadata,
    read_book,
    read_rows,
    read_tab,
)
from sheetsync.sheets.requests import REPLY_MASK, response_ranges
from sheetsync.sheets.setup import ColumnSpec

UNSETTLED = "!"
"""In a marker, instead of the layout: rows are known to hold cells that are not theirs, and wait to be written."""

NO_LAYOUT = "-"
"""In the marker of a commit that set columns up and wrote no rows."""

TRIES = 8
"""How often a tab that somebody keeps changing is looked at again before the run is put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabSpec:
    """Which tab, and what it shall look like.

    `sheet_id` finds the tab even after people renamed it, and is the id that a new one gets; where no tab has it, the
    title decides. `seen`: it was written to before, so it is most likely there. `adopt`: headers whose cells give the
    order id (and line id) of the rows a foreign tab already holds.
    """

    title: str
    columns: tuple[ColumnSpec, ...]
    sheet_id: int | None = None
    seen: bool = False
    adopt: tuple[str, ...] = ()


class Tab:
    """An open tab: `layout`, `index` and `ledger` are what was last known of it."""

    layout: Layout
    index: Index
    ledger: Ledger

    def __init__(
        self, client: SheetsClient, spreadsheet_id: str, spec: TabSpec, *, run: str = "-", fence: Fence | None = None
    ) -> None:
        setup.check_labels(spec.columns)
        self.client = client
        self.spreadsheet_id = spreadsheet_id
        self.spec = spec
        self.run = run.replace(" ", "_")[:24] or "-"
        self.fence: Fence = fence or Unfenced()
        self.sheet_id = spec.sheet_id
        self.title = spec.title
        self.time_zone = "Etc/GMT"
        self.other_cells: int | None = None
        """Cells of the spreadsheet's other tabs: Google's limit is for all of them together."""
        self.moved_since_commit = False
        """Whether columns stand elsewhere than at the last commit: then that commit may have hit wrong cells.

        Stays so until every row's cells were compared with its fingerprint."""
        self._known = False
        self._read = ""
        """The digest of the last call whose reply was read."""
        self._burned: set[int] = set()

    def open(self) -> Tab:
        """Find, create or extend the tab and read its keys; again later, to look at it anew.

        Raises TabRefused, LimitExceeded, NeedsOwner and Retryable errors.
        """
        doubt: SheetsyncError = TabChanging(f"tab {self.spec.title!r} changed at every look")
        for _ in range(TRIES):
            try:
                self._open()
                return self
            except (TabChanging, AmbiguousOutcome, RequestRefused) as error:
                # Somebody else created the tab, columns moved, the grid shrank under a read: look again.
                doubt = error
                self.fence.check()
        raise doubt

    def fence_off(self) -> None:
        """Take the next number, so that no call of an earlier worker which is still on its way can land.

        For a tab that was opened after a worker was lost or left in doubt. Raises what opening raises.
        """
        doubt: SheetsyncError = TabChanging(f"tab {self.spec.title!r} changed at every look")
        for _ in range(TRIES):
            try:
                self.send_setup(())
                return
            except (AmbiguousOutcome, RequestRefused) as error:
                doubt = error
                self.open()
        raise doubt

    def call(self, requests: Sequence[str], rows: Sequence[int] = (), writes: Iterable[int] = ()) -> Call:
        """These requests as the tab's next commit, asking back the keys of `rows`, the rows that they touch.

        `writes`: the key tokens whose rows are written whole. While any other row waits to be written again because
        columns moved or cells were edited, the marker says so: should the worker die, the next opening looks for it.
        """
        newest = self.ledger.newest
        if self.moved_since_commit or self.index.distrusted - set(writes):
            layout = UNSETTLED
        else:
            layout = self.layout.digest if rows or not newest else newest.layout
        ranges = response_ranges(self.layout, rows)
        return self.ledger.call(requests, ranges, run=self.run, token=self.fence.token, layout=layout)

    def send(self, call: Call) -> Sight:
        """Send a call and return what its reply shows. Raises AmbiguousOutcome, RequestRefused, the client's others."""
        self.fence.check()
        params = [("fields", REPLY_MASK), ("prettyPrint", "false")]
        reply = self.client.batch_update(self.spreadsheet_id, call.body, params)
        sight = grid_sight(reply.get("updatedSpreadsheet", {}), self.ledger.sheet_id)
        if sight is None:
            raise AmbiguousOutcome("the reply to a commit does not show the tab")
        self.ledger.record(call)
        self._read = call.marker.call
        return sight

    def rows(self, blocks: Sequence[tuple[int, int]]) -> Sight:
        """These rows as they are now, in full."""
        return read_rows(self.client, self.spreadsheet_id, self.ledger.sheet_id, blocks)

    def metadata_exists(self, metadata_id: int) -> bool:
        """Whether a metadata id is in use anywhere in the spreadsheet, also where opening a tab does not look."""
        return has_metadata(self.client, self.spreadsheet_id, metadata_id)

    def burn(self, call: Call) -> None:
        """Pass over this call's number from now on: its id belongs to something that is not a commit of this tab."""
        self._burned.add(call.marker.id)
        self.ledger.burn(call)

    def check_room(self, rows: int) -> None:
        """Raises LimitExceeded where `rows` more rows would pass Google's limit of cells."""
        self._check_cells(self.layout.row_count + rows + 1, self.layout.column_count)

    def _check_cells(self, rows: int, columns: int) -> None:
        if self.other_cells is None:
            book = read_book(self.client, self.spreadsheet_id)
            self.other_cells = sum(sheet.rows * sheet.columns for sheet in book.sheets if sheet.id != self.sheet_id)
        cells = self.other_cells + rows * columns
        if cells > MAX_CELLS:
            raise LimitExceeded(
                f"a tab of {rows:,} rows and {columns:,} columns would make {cells:,} cells in the spreadsheet, and "
                f"Google allows {MAX_CELLS:,}: delete unused tabs, rows or columns, or export to a new spreadsheet"
            )

    def layout_of(self, head: Head) -> Layout | None:
        """The layout that a head shows; None where one of our columns is missing from it."""
        uids = [KEY_UID, PRINT_UID, *(spec.uid for spec in self.spec.columns)]
        if not all(uid in head.places for uid in uids):
            return None
        key_at, print_at, *columns = (head.places[uid] for uid in uids)
        size = (head.row_count, head.column_count)
        return Layout(self.ledger.sheet_id, head.title, *size, key_at, print_at, tuple(columns), head.headers)

    def _open(self) -> None:
        looked = self._look_at_once()
        book = looked[0] if looked else read_book(self.client, self.spreadsheet_id)
        sheet = self._find(book)
        self.time_zone = book.time_zone
        self.other_cells = None if looked else book.cells() - (sheet.rows * sheet.columns if sheet else 0)
        if sheet is None:
            self._create(book)
            return
        if not sheet.is_grid:
            raise TabRefused(f"tab {sheet.title!r} is a chart, not a grid: choose another tab")
        self.sheet_id = sheet.id
        self.ledger, self.title = Ledger(sheet.id, sheet.markers, book.taken | self._burned), sheet.title
        found = looked[1] if looked else self.rows(()).head
        if adoption.is_adopting(found):
            adoption.fill_keys(self, found)
            found = self.rows(()).head
        self._suspect(self.layout_of(found))
        layout = self.layout_of(self._arranged(found))
        if layout is None:
            raise TabChanging("a managed column vanished while the tab was being opened")
        self.layout = layout
        self.index = read_index(self.client, self.spreadsheet_id, layout)
        self._known = True

    def _look_at_once(self) -> tuple[Book, Head] | None:
        """A tab that was written to before, and its head, in one call instead of two.

        Not of one whose markers do not come along: it was replaced, or Google gives none with a part of a spreadsheet.
        """
        if not self.spec.seen or self.sheet_id is None:
            return None
        found = read_tab(self.client, self.spreadsheet_id, self.sheet_id)
        return found if found and any(sheet.markers for sheet in found[0].sheets) else None

    def _suspect(self, layout: Layout | None) -> None:
        """Was the last commit made for columns that stand elsewhere now? Not where its reply was read: that told."""
        newest = self.ledger.newest
        if layout and newest and newest.call != self._read and newest.layout not in (NO_LAYOUT, layout.digest):
            self.moved_since_commit = True

    def _find(self, book: Book) -> Sheet | None:
        for sheet in book.sheets:
            if sheet.id == self.sheet_id:
                return sheet
        if self._known:
            raise SpreadsheetGone(f"tab {self.spec.title!r} was deleted during the run: run again to write it anew")
        return next((sheet for sheet in book.sheets if sheet.title == self.spec.title), None)

    def _create(self, book: Book) -> None:
        width = len(self.spec.columns) + 2
        sheet_id = self.sheet_id or derived_sheet_id(self.spreadsheet_id, self.spec.title)
        self.ledger, self.title = Ledger(sheet_id, (), book.taken), self.spec.title
        self.layout = Layout(sheet_id, self.spec.title, 2, width, 0, 1, tuple(range(2, width)))
        self.check_room(0)
        # A lost reply is looked up under the id that was asked for: the tab is ours exactly if that id exists.
        self.sheet_id = sheet_id
        requests = setup.create_requests(sheet_id, self.spec.title, self.spec.columns)
        layout = self.layout_of(self.send_setup([*requests]).head)
        if layout is None:
            raise AmbiguousOutcome("the reply to the tab's creation does not show its columns")
        self.layout, self.index, self._known = layout, Index(), True

    def _arranged(self, head: Head) -> Head:
        """The tab's head once its columns are the automation's; at most one commit brings them there."""
        specs, sheet_id = self.spec.columns, self.ledger.sheet_id
        if not head.places and not self.ledger.markers:
            taken = self._commit_setup(head, self._take_over(head))
            if adoption.is_adopting(taken):
                raise TabChanging("the tab has just been claimed: its rows get their keys at the next look")
            return taken
        setup.require_key_column(head.places, head.title)
        missing = [spec for spec in specs if spec.uid not in head.places]
        setup.check_width(head.column_count, len(missing))
        if missing:
            self._check_cells(head.row_count, head.column_count + len(missing))
        changes = setup.evolve_requests(sheet_id, head.column_count, head.places, head.digests, specs)
        if missing:
            # The new column is empty, also where people deleted the old one and every fingerprint still fits.
            self.moved_since_commit = True
        return self._commit_setup(head, changes)

    def _take_over(self, head: Head) -> list[str]:
        specs, sheet_id = self.spec.columns, self.ledger.sheet_id
        if is_blank(self.client, self.spreadsheet_id, sheet_id):
            setup.check_width(head.column_count, len(specs) + 2 - head.column_count)
            return [*setup.occupy_requests(sheet_id, head.row_count, head.column_count, specs)]
        if not self.spec.adopt:
            raise TabRefused(
                f"tab {head.title!r} already holds data that sheetsync did not write: choose an empty or a new tab, "
                "or say by which of its columns the rows shall be adopted"
            )
        adoption.check_headers(head.headers, self.spec.adopt, head.title)
        setup.check_width(head.column_count, 2 + sum(spec.header not in head.headers for spec in specs))
        return [*setup.adopt_requests(sheet_id, head.headers, specs)]

    def _commit_setup(self, head: Head, requests: list[str]) -> Head:
        if not requests:
            return head
        return self.send_setup(requests).head

    def send_setup(self, requests: Sequence[str]) -> Sight:
        """Commit requests that write no order's cells, and return what the reply shows."""
        ranges = [f"{quoted(self.title)}!1:1"]
        layout = UNSETTLED if self.moved_since_commit else NO_LAYOUT
        return self.send(self.ledger.call(requests, ranges, run=self.run, token=self.fence.token, layout=layout))
