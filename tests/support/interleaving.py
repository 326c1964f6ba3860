"""One seeded trial: an export while networks fail, workers die, and people rearrange the tab at chosen moments.

Everything runs in one process through the real client, writer and emulator; only the socket is missing. After the storm
one quiet export must leave the tab equal to the source, whatever happened, and people's notes where they were.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

from sheetsync.emulator import ApiError, Emulator
from sheetsync.errors import LeaseLost, Retryable
from sheetsync.pipeline.batching import Caps
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer, row_key
from tests.support.wiring import LINE_COLUMNS, SHEET, Lease, a_client, a_tab, live_rows, run_export

CAPS = Caps(groups=2, rows=4, lookahead=2)
WIDTH = 5
FIRST_VISIBLE = 2


class Killed(BaseException):
    """The worker's process is gone, on this very line."""


class Trial:
    """One storm. `calm` after `storm` must converge; `told` holds the incidents that runs reported."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.emulator = Emulator()
        self.book = self.emulator.create_spreadsheet("book")
        self.removed = self.random.choice([Removed.CLEAR, Removed.CLEAR, Removed.DELETE, Removed.MARK])
        self.orders = {f"o{number}": self._lines() for number in range(self.random.randint(2, 5))}
        self.notes: set[str] = set()
        self.deleted_notes: set[str] = set()
        self.log: list[str] = []
        self.columns_moved = self.killed = self.torn = self.rows_deleted = False
        self.cursor: str | None = None
        self.mended: str | None = None

    def run(self) -> None:
        self._export(a_client(self.emulator), "run-0")
        self._add_notes()
        self._change_orders()
        self._storm()
        with suppress(Killed, ConnectionError):
            self.emulator.faults.release()
        self.emulator.faults.clear()
        self._calm()
        self._check()

    # -- the parts

    def _export(self, client, run, fence=None, **job):
        """One export under a run's name; where it can be resumed stays what the last commit made it."""

        def keep(report):
            self.cursor, self.mended = report.cursor, report.mended

        orders = [{"id": key, "lines": lines} for key, lines in self.orders.items()]
        tab = a_tab(client, self.book, columns=LINE_COLUMNS, run=run, fence=fence)
        return run_export(
            client,
            self.book,
            orders,
            columns=LINE_COLUMNS,
            on_commit=keep,
            tab=tab,
            rows_per=RowsPer.LINE,
            caps=CAPS,
            removed=self.removed,
            **job,
        )[0]

    def _storm(self) -> None:
        """Several attempts of one run, each with its own accidents, resumed from the last commit."""
        self.cursor = self.mended = None
        for attempt in range(self.random.randint(1, 3)):
            for _ in range(self.random.randint(1, 3)):
                self._plan_accident()
            fence = Lease(token=f"lease-{attempt}")
            self._fence = fence
            with suppress(Retryable, LeaseLost, Killed):
                whole = self.cursor is None and self.mended is None
                resume = {"cursor": self.cursor, "mended": self.mended}
                report = self._export(a_client(self.emulator), "run-1", fence, **resume)
                self.cursor = self.mended = None
                if whole and not report.needs_full:
                    self._check_finished()
            self.emulator.faults.clear() if self.random.random() < 0.3 else None

    def _check_finished(self) -> None:
        """A run that says it is done is right at once, but for what people did to our own cells and rows meanwhile."""
        if not self.torn and not self.rows_deleted:
            assert self._live() == self._expected(), "a finished run left the tab unequal"

    def _calm(self) -> None:
        """What a later scheduled full run does, until none asks for another."""
        for turn in range(3):
            report = self._export(a_client(self.emulator), f"run-calm-{turn}", hand_edits=HandEdits.REPAIR)
            if not report.needs_full:
                return
        raise AssertionError("a quiet run asked for another one three times")

    def _check(self) -> None:
        assert self._live() == self._expected()
        writes = self.emulator.count("write")
        self._export(a_client(self.emulator), "run-last")
        assert self.emulator.count("write") == writes, "a run with nothing to do wrote"
        self._check_notes()

    def _expected(self) -> dict[str, list]:
        return {
            row_key(order, line["id"]): [order, line["sku"], line["qty"]]
            for order, lines in self.orders.items()
            for line in lines
        }

    def _check_notes(self) -> None:
        """Every note is still there, on its row, unless a person deleted it or sorted it away from its row."""
        if self.columns_moved or (self.removed is Removed.DELETE):
            return
        found = {}
        for row in self._sheet().values()[1:]:
            for cell in row:
                if str(cell).startswith("note "):
                    found[str(cell)] = row[0]
        missing = self.notes - set(found) - self.deleted_notes
        assert not missing, f"lost {missing}"
        if not self.torn:
            wrong = {note: key for note, key in found.items() if note[5:] != key and key}
            assert not wrong, f"on the wrong rows: {wrong}"

    # -- accidents

    def _plan_accident(self) -> None:
        faults, after = self.emulator.faults, self.random.randrange(6)
        kind = self.random.choice(["person", "person", "person", "network", "kill", "takeover", "death"])
        where = self.random.choice([":batchUpdate", ":batchUpdate", ""])
        when = self.random.choice(["before", "before", "after"])
        self.log.append(f"{kind} {when} {where} +{after}")
        if kind == "person":
            acts = self.random.randint(1, 2)
            faults.add(when, where, after, call=lambda _: self._act(acts))
        elif kind == "network":
            self._plan_network(after)
        elif kind in ("kill", "death"):
            self.killed = True
            faults.add(when, where, after, call=self._kill)
        else:
            faults.add("before", ":batchUpdate", after, call=self._take_over)

    def _plan_network(self, after: int) -> None:
        faults = self.emulator.faults
        match self.random.choice(["lose_reply", "drop", "late", "double", "second", "503", "503 applied"]):
            case "late":
                faults.add("late", after=after, calls=self.random.choice([None, 1, 2, 3]))
            case "second":
                faults.add("double", after=after, reply="second")
            case "503":
                faults.add("status", after=after, status=503)
            case "503 applied":
                faults.add("status", after=after, status=503, applied=True)
            case kind:
                faults.add(kind, after=after)

    def _kill(self, _) -> None:
        raise Killed

    def _take_over(self, _) -> None:
        """The worker froze on its way to the wire; another one takes its run over and finishes it."""
        kept = self.cursor, self.mended
        with suppress(Retryable, Killed):
            self._export(a_client(self.emulator), "run-2", Lease(token="lease-other"))
        self.cursor, self.mended = kept
        self._fence.lost = True

    # -- people

    def _act(self, times: int) -> None:
        for _ in range(times):
            self._act_once()

    def _act_once(self) -> None:
        act = self.random.choice(
            [
                self._sort_all,
                self._sort_visible,
                self._insert_row,
                self._delete_row,
                self._type_below,
                self._copy_row,
                self._move_row,
                self._rename,
                self._move_column,
                self._insert_column,
                self._edit,
            ]
        )
        self.log.append(act.__name__)
        # What Google refuses a person (a copy onto no row, say) did not happen.
        with suppress(ApiError, IndexError, ValueError):
            act()

    def _sort_all(self) -> None:
        column = self.random.randrange(FIRST_VISIBLE, self._sheet().column_count)
        self.emulator.person.sort(self._sheet(), column, descending=self.random.random() < 0.5)

    def _sort_visible(self) -> None:
        """A selection of the columns people see, the hidden ones left behind."""
        self.torn = True
        self.emulator.person.sort(
            self._sheet(), FIRST_VISIBLE, first_column=FIRST_VISIBLE, descending=self.random.random() < 0.5
        )

    def _insert_row(self) -> None:
        self.emulator.person.insert_rows(self._sheet(), self._row(), self.random.randint(1, 2))

    def _delete_row(self) -> None:
        row = self._row()
        values = self._sheet().values()
        self.rows_deleted = True
        self.deleted_notes |= {str(cell) for cell in (values[row] if row < len(values) else ())}
        self.emulator.person.delete_rows(self._sheet(), row)

    def _type_below(self) -> None:
        sheet = self._sheet()
        last = len(sheet.values())
        if last < sheet.row_count:
            self.emulator.person.type_text(sheet, last, FIRST_VISIBLE, "sum of it all")

    def _copy_row(self) -> None:
        self.torn = True
        sheet, source = self._sheet(), self._row()
        at = self._row()
        self.emulator.person.insert_rows(sheet, at)
        self.emulator.person.copy_row(sheet, source + (source >= at), at)

    def _move_row(self) -> None:
        self.emulator.person.move_row(self._sheet(), self._row(), self._row())

    def _rename(self) -> None:
        self.emulator.person.rename_tab(self._sheet(), f"Orders {self.random.randrange(100)}")

    def _move_column(self) -> None:
        self.columns_moved = True
        width = self._sheet().column_count
        source, to = self.random.randrange(FIRST_VISIBLE, width), self.random.randrange(FIRST_VISIBLE, width + 1)
        self.emulator.person.move_column(self._sheet(), source, to)

    def _insert_column(self) -> None:
        self.columns_moved = True
        self.emulator.person.insert_column(
            self._sheet(), self.random.randrange(FIRST_VISIBLE, self._sheet().column_count)
        )

    def _edit(self) -> None:
        self.torn = True
        self.emulator.person.type_text(self._sheet(), self._row(), FIRST_VISIBLE + 1, "typed over")

    # -- the world

    def _lines(self) -> list[dict]:
        return [
            {"id": str(number), "sku": f"sku-{self.random.randrange(9)}", "qty": self.random.randint(1, 9)}
            for number in range(1, self.random.randint(1, 3) + 1)
        ]

    def _add_notes(self) -> None:
        sheet = self._sheet()
        self.emulator.person.insert_column(sheet, sheet.column_count)
        at = sheet.column_count - 1
        self.emulator.person.type_text(sheet, 0, at, "Notes")
        for row, values in enumerate(sheet.values()[1:], start=1):
            if self.random.random() < 0.7:
                self.notes.add(f"note {values[0]}")
                self.emulator.person.type_text(sheet, row, at, f"note {values[0]}")

    def _change_orders(self) -> None:
        for order in list(self.orders):
            fate = self.random.random()
            if fate < 0.2:
                del self.orders[order]
            elif fate < 0.7:
                self.orders[order] = self._lines()
        for number in range(self.random.randint(0 if self.orders else 1, 3)):
            self.orders[f"n{number}"] = self._lines()

    def _sheet(self):
        return self.emulator.spreadsheet(self.book).sheet(id=SHEET)

    def _row(self) -> int:
        return self.random.randrange(1, max(2, len(self._sheet().values())))

    def _live(self) -> dict[str, list]:
        """{key: [order, sku, quantity]} by the columns' metadata, wherever people put them."""
        sheet = self._sheet()
        tab = a_tab(a_client(self.emulator, quietly=True), self.book, columns=LINE_COLUMNS).open()
        found: dict[str, list] = {}
        for row in sheet.values()[1:]:
            cells = [*row, *[None] * (sheet.column_count - len(row))]
            if cells[tab.layout.key_at] and "." in str(cells[tab.layout.print_at] or ""):
                key = cells[tab.layout.key_at]
                assert key not in found, f"two live rows for {key}"
                found[key] = [cells[at] for at in tab.layout.columns]
        return found


def run_trials(first: int, count: int) -> list[str]:
    """Trials of these seeds; a line for each that did not converge."""
    failures = []
    for seed in range(first, first + count):
        trial = Trial(seed)
        try:
            trial.run()
        except Exception as error:
            failures.append(f"seed {seed}: {type(error).__name__}: {error}; {trial.log}")
    return failures


__all__ = ["Trial", "live_rows", "run_trials"]
