"""What a person does when nobody says what: one of the acts people do, drawn by lot, where people can see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

from sheetsync.emulator.errors import ApiError, invalid
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.options import wrong

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator
    from sheetsync.emulator.people.acts import Act
    from sheetsync.emulator.people.person import Person

TEXTS = ("typed over", "", "42", "007", "2026-01-31", "TRUE", "=1+1", "ünïcödé 🌵")
WORDS = ("call back", "paid in cash", "?")


class RandomPerson:
    """Does one of `acts` at a time. The same lots in the same tab are the same acts."""

    def __init__(self, emulator: Emulator, lots: Random, acts: Iterable[str]) -> None:
        self._emulator = emulator
        self._lots = lots
        self._acts = tuple(acts)
        for name in self._acts or ("",):
            if name not in CHANCES:
                raise wrong("acts", name, f"give some of {', '.join(CHANCES)}")

    def act(self, sheet: Sheet) -> list[Act]:
        """Do something in this tab. -> what was done, nothing where there is nothing that people see.

        What Google refuses is among it, with the reason.
        """
        with self._emulator.lock:
            person = self._emulator.person
            before = person.count
            with suppress(ApiError):  # what was tried is on the record
                CHANCES[self._lots.choice(self._acts)](person, sheet, self._lots)
            done = person.count - before
            return person.acts[-done:] if done else []


def _row(sheet: Sheet, lots: Random) -> int:
    """A row of the table, below its header."""
    return lots.randrange(1, max(2, sheet.last_row_with_data() + 1))


def _column(sheet: Sheet, lots: Random) -> int:
    """A column that people see. Raises ApiError when there is none left."""
    seen = [index for index, column in enumerate(sheet.columns) if not column.hidden]
    if not seen:
        raise invalid("there is no column that a person sees")
    return lots.choice(seen)


def _sort(person: Person, sheet: Sheet, lots: Random) -> None:
    person.sort(sheet, _column(sheet, lots), descending=lots.random() < 0.5)


def _sort_selection(person: Person, sheet: Sheet, lots: Random) -> None:
    """Only a column and what is right of it: rows are torn apart."""
    column = _column(sheet, lots)
    person.sort(sheet, column, first_column=column, descending=lots.random() < 0.5)


def _filter(person: Person, sheet: Sheet, lots: Random) -> None:
    row, column = _row(sheet, lots), _column(sheet, lots)
    value = sheet.cell(row, column) if row < sheet.row_count else None
    person.filter(sheet, column, [show(value, sheet.format_of(row, column)) if value is not None else ""])


def _clear_filter(person: Person, sheet: Sheet, lots: Random) -> None:
    person.clear_filter(sheet)


def _hide_rows(person: Person, sheet: Sheet, lots: Random) -> None:
    person.hide_rows(sheet, _row(sheet, lots), hidden=lots.random() < 0.7)


def _insert_rows(person: Person, sheet: Sheet, lots: Random) -> None:
    person.insert_rows(sheet, _row(sheet, lots), lots.randint(1, 2))


def _delete_rows(person: Person, sheet: Sheet, lots: Random) -> None:
    person.delete_rows(sheet, _row(sheet, lots))


def _move_row(person: Person, sheet: Sheet, lots: Random) -> None:
    person.move_row(sheet, _row(sheet, lots), _row(sheet, lots))


def _copy_row(person: Person, sheet: Sheet, lots: Random) -> None:
    """Into a new row, as people do."""
    source, at = _row(sheet, lots), _row(sheet, lots)
    person.insert_rows(sheet, at)
    person.copy_row(sheet, source + (source >= at), at)


def _insert_column(person: Person, sheet: Sheet, lots: Random) -> None:
    person.insert_column(sheet, _column(sheet, lots))


def _delete_column(person: Person, sheet: Sheet, lots: Random) -> None:
    person.delete_column(sheet, _column(sheet, lots))


def _move_column(person: Person, sheet: Sheet, lots: Random) -> None:
    person.move_column(sheet, _column(sheet, lots), _column(sheet, lots) + lots.randint(0, 1))


def _hide_columns(person: Person, sheet: Sheet, lots: Random) -> None:
    person.hide_columns(sheet, _column(sheet, lots))


def _rename_tab(person: Person, sheet: Sheet, lots: Random) -> None:
    person.rename_tab(sheet, f"Renamed {lots.randrange(1_000)}")


def _type_text(person: Person, sheet: Sheet, lots: Random) -> None:
    person.type_text(sheet, _row(sheet, lots), _column(sheet, lots), lots.choice(TEXTS))


def _type_below(person: Person, sheet: Sheet, lots: Random) -> None:
    """A sum under the table, as people do."""
    person.type_text(sheet, sheet.last_row_with_data() + 1, _column(sheet, lots), "sum of it all")


def _type_note(person: Person, sheet: Sheet, lots: Random) -> None:
    person.type_note(sheet, _row(sheet, lots), _column(sheet, lots), lots.choice(WORDS))


def _undo(person: Person, sheet: Sheet, lots: Random) -> None:
    person.undo(sheet)


CHANCES: dict[str, Callable[[Person, Sheet, Random], None]] = {
    "sort": _sort,
    "sort_selection": _sort_selection,
    "filter": _filter,
    "clear_filter": _clear_filter,
    "hide_rows": _hide_rows,
    "insert_rows": _insert_rows,
    "delete_rows": _delete_rows,
    "move_row": _move_row,
    "copy_row": _copy_row,
    "insert_column": _insert_column,
    "delete_column": _delete_column,
    "move_column": _move_column,
    "hide_columns": _hide_columns,
    "rename_tab": _rename_tab,
    "type_text": _type_text,
    "type_below": _type_below,
    "type_note": _type_note,
    "undo": _undo,
}
