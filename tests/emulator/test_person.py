"""People: every act does what its name says, is on the record, and can be taken back; at random, by a seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sheetsync.emulator import ApiError, Emulator
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.people.chance import CHANCES
from sheetsync.emulator.people.person import Person
from tests.emulator.support import Client, line, marker, write


@pytest.fixture
def person(orders: Client) -> Person:
    return orders.emulator.person


def seen(sheet: Sheet) -> dict[str, Any]:
    """All of a tab that an act of a person may change."""
    return {
        "title": sheet.title,
        "values": sheet.values(),
        "entered": [[str(sheet.entered(row, at)) for at in range(sheet.column_count)] for row in range(8)],
        "formats": [[sheet.format_of(row, at) for at in range(sheet.column_count)] for row in range(8)],
        "notes": sheet.notes,
        "hidden": ([bool(row and row.hidden) for row in sheet.rows], [column.hidden for column in sheet.columns]),
        "pixels": ([row.pixels if row else None for row in sheet.rows], [column.pixels for column in sheet.columns]),
        "filter": sheet.filter,
    }


ACTS: dict[str, Callable[[Person, Sheet], None]] = {
    "insert rows": lambda person, sheet: person.insert_rows(sheet, 2, 3),
    "insert rows at the end": lambda person, sheet: person.insert_rows(sheet, 10),
    "delete rows": lambda person, sheet: person.delete_rows(sheet, 1, 2),
    "delete the first row": lambda person, sheet: person.delete_rows(sheet, 0),
    "delete the last row": lambda person, sheet: person.delete_rows(sheet, 9),
    "insert a column": lambda person, sheet: person.insert_column(sheet, 0),
    "delete a column": lambda person, sheet: person.delete_column(sheet, 1),
    "move a row up": lambda person, sheet: person.move_row(sheet, 3, 1),
    "move a row down": lambda person, sheet: person.move_row(sheet, 1, 4),
    "move a row nowhere": lambda person, sheet: person.move_row(sheet, 1, 2),
    "move a column left": lambda person, sheet: person.move_column(sheet, 2, 0),
    "move a column right": lambda person, sheet: person.move_column(sheet, 0, 3),
    "sort": lambda person, sheet: person.sort(sheet, 2),
    "sort down": lambda person, sheet: person.sort(sheet, 1, descending=True),
    "sort a selection": lambda person, sheet: person.sort(sheet, 2, first_column=1, last_column=3, last_row=4),
    "hide rows": lambda person, sheet: person.hide_rows(sheet, 1, 2),
    "show rows": lambda person, sheet: person.hide_rows(sheet, 1, 3, hidden=False),
    "hide columns": lambda person, sheet: person.hide_columns(sheet, 1),
    "filter": lambda person, sheet: person.filter(sheet, 1, ["fig"]),
    "clear the filter": lambda person, sheet: person.clear_filter(sheet),
    "rename": lambda person, sheet: person.rename_tab(sheet, "Bestellungen"),
    "type": lambda person, sheet: person.type_text(sheet, 2, 1, "2026-01-31"),
    "type into an empty cell": lambda person, sheet: person.type_text(sheet, 7, 4, "=1+1"),
    "clear a cell": lambda person, sheet: person.type_text(sheet, 1, 1, ""),
    "note": lambda person, sheet: person.type_note(sheet, 1, 1, "call back"),
    "take a note away": lambda person, sheet: person.type_note(sheet, 2, 0, ""),
    "copy a row": lambda person, sheet: person.copy_row(sheet, 1, 2),
}


def test_a_person_filters_and_clears_the_filter(orders: Client, person: Person) -> None:
    person.filter(orders.sheet, 1, ["fig", "pear"])
    assert orders.sheet.filter is not None
    (sheet,) = orders.send("GET", "").json()["sheets"]
    assert sheet["basicFilter"]["criteria"] == {"1": {"hiddenValues": ["fig", "pear"]}}
    person.clear_filter(orders.sheet)
    assert orders.sheet.filter is None


def test_a_person_hides_and_shows(orders: Client, person: Person) -> None:
    person.hide_rows(orders.sheet, 1, 2)
    person.hide_columns(orders.sheet, 3)
    assert [bool(row and row.hidden) for row in orders.sheet.rows[:4]] == [False, True, True, False]
    assert [column.hidden for column in orders.sheet.columns] == [False, False, False, True, False]
    person.hide_rows(orders.sheet, 1, 2, hidden=False)
    assert not any(row and row.hidden for row in orders.sheet.rows)


def test_a_person_writes_notes(orders: Client, person: Person) -> None:
    person.type_note(orders.sheet, 1, 1, "call back")
    assert orders.sheet.notes == {(1, 1): "call back"}
    assert orders.sheet.cell(1, 1) == "pear"
    person.type_note(orders.sheet, 1, 1, "")
    assert orders.sheet.notes == {}


# -- the record


def test_every_act_is_on_the_record(orders: Client, person: Person) -> None:
    person.sort(orders.sheet, 2, descending=True)
    person.do(orders.id, {"insertDimension": {"range": line("ROWS", 0)}})
    assert [(act.what, act.spreadsheet_id, act.sheet_id, act.refused) for act in person.acts] == [
        ("sort", orders.id, 0, ""),
        ("do", orders.id, None, ""),
    ]
    assert person.acts[0].arguments == {"column": 2, "descending": True}


def test_an_act_that_google_refuses_is_on_the_record_as_refused(orders: Client, person: Person) -> None:
    with pytest.raises(ApiError, match="delete a row"):
        person.delete_rows(orders.sheet, 50)
    assert person.acts[-1].arguments == {"at": 50}
    assert "Cannot delete a row that doesn't exist" in person.acts[-1].refused


def test_a_reset_forgets_what_was_done(orders: Client, person: Person) -> None:
    person.rename_tab(orders.sheet, "x")
    orders.emulator.reset()
    assert person.acts == []


# -- undo


@pytest.mark.parametrize("act", ACTS)
def test_a_person_takes_the_last_act_back(orders: Client, person: Person, act: str) -> None:
    sheet = orders.sheet
    person.type_text(sheet, 1, 4, "$1.50")
    person.type_note(sheet, 2, 0, "a note")
    person.hide_rows(sheet, 3)
    orders.ok({"repeatCell": {"range": {"startColumnIndex": 1, "endColumnIndex": 2}, "fields": "userEnteredFormat"}
               | {"cell": {"userEnteredFormat": {"textFormat": {"bold": True}}}}})  # fmt: skip
    before = seen(sheet)
    ACTS[act](person, sheet)
    person.undo(sheet)
    assert seen(sheet) == before


def test_most_acts_can_be_seen(orders: Client, person: Person) -> None:
    """Else taking them back would prove nothing."""
    nothing = {"move a row nowhere", "delete the last row", "show rows", "clear the filter", "take a note away"}
    for name, act in ACTS.items():
        before = seen(orders.sheet)
        act(person, orders.sheet)
        assert (seen(orders.sheet) != before) or name in nothing, name
        person.undo(orders.sheet)


def test_what_was_written_since_moves_back_with_its_row(orders: Client, person: Person) -> None:
    person.sort(orders.sheet, 2)
    orders.ok(write(1, 1, ["apples"]))
    person.undo(orders.sheet)
    assert orders.sheet.values()[1:] == [["1", "pear", 3], ["2", "apples", 1], ["3", "fig", 2]]


@pytest.mark.parametrize("edit", ["moveDimension", "insertDimension", "deleteDimension"])
def test_an_undo_is_refused_when_others_moved_rows_since(orders: Client, person: Person, edit: str) -> None:
    person.insert_rows(orders.sheet, 1)
    span = {"source": line("ROWS", 0), "destinationIndex": 5} if edit == "moveDimension" else {"range": line("ROWS", 0)}
    orders.ok({edit: span})
    before = seen(orders.sheet)
    with pytest.raises(ApiError, match="does not undo an edit after others have moved rows"):
        person.undo(orders.sheet)
    assert seen(orders.sheet) == before


def test_an_undo_of_a_deletion_that_took_metadata_is_refused(orders: Client, person: Person) -> None:
    row = {"dimensionRange": line("ROWS", 2)}
    orders.ok(marker(5, row))
    person.delete_rows(orders.sheet, 2)
    with pytest.raises(ApiError, match="took more than cells"):
        person.undo(orders.sheet)


def test_an_undo_of_a_deletion_that_took_a_range_is_refused(orders: Client, person: Person) -> None:
    area = {"startRowIndex": 2, "endRowIndex": 3}
    orders.ok({"addNamedRange": {"namedRange": {"name": "two", "range": area}}})
    person.delete_rows(orders.sheet, 2)
    with pytest.raises(ApiError, match="took more than cells"):
        person.undo(orders.sheet)


def test_there_is_one_act_to_undo(orders: Client, person: Person) -> None:
    person.type_text(orders.sheet, 1, 1, "plum")
    person.undo(orders.sheet)
    with pytest.raises(ApiError, match="nothing that the person can undo"):
        person.undo(orders.sheet)


def test_a_refused_act_leaves_the_one_before_to_be_undone(orders: Client, person: Person) -> None:
    person.type_text(orders.sheet, 1, 1, "plum")
    with pytest.raises(ApiError):
        person.delete_rows(orders.sheet, 50)
    person.undo(orders.sheet)
    assert orders.sheet.cell(1, 1) == "pear"


def test_what_a_person_did_survives_a_restart(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders"))
    client.ok(write(0, 0, ["key", "name"], ["1", "pear"], ["2", "apple"], ["3", "fig"]))
    somebody = first.person.random(3)
    for _ in range(60):
        somebody.act(client.sheet)
    first.close()
    again = Emulator(tmp_path).spreadsheet(client.id).sheets[0]
    assert again.values() == client.sheet.values()
    assert (again.title, again.notes, again.column_count) == (
        client.sheet.title,
        client.sheet.notes,
        client.sheet.column_count,
    )


# -- at random


def test_the_same_seed_does_the_same(emulator: Emulator) -> None:
    stories = []
    for _ in range(2):
        client = Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5))
        client.ok(write(0, 0, ["key", "name"], ["1", "pear"], ["2", "apple"], ["3", "fig"]))
        somebody = emulator.person.random(11)
        acts = [act for _ in range(100) for act in somebody.act(client.sheet)]
        stories.append(([(act.what, act.arguments, act.refused) for act in acts], client.sheet.values()))
    assert stories[0] == stories[1]


@pytest.mark.parametrize("name", CHANCES)
def test_each_act_happens_by_chance_and_is_reported(orders: Client, name: str) -> None:
    orders.emulator.person.type_text(orders.sheet, 1, 1, "something to undo")
    done = [act for seed in range(20) for act in orders.emulator.person.random(seed, [name]).act(orders.sheet)]
    assert {act.what for act in done} <= {name, "insert_rows", "sort", "type_text"}
    assert any(not act.refused for act in done)


def test_a_random_person_only_takes_hold_of_columns_that_can_be_seen(orders: Client) -> None:
    orders.emulator.person.hide_columns(orders.sheet, 0, 2)
    somebody = orders.emulator.person.random(1, ["type_text", "type_note", "delete_column", "move_column"])
    for _ in range(30):
        for act in somebody.act(orders.sheet):
            assert min(act.arguments.get(name, 9) for name in ("column", "at", "source")) >= 2


def test_a_random_person_copes_with_an_empty_tab(emulator: Emulator) -> None:
    sheet = emulator.spreadsheet(emulator.create_spreadsheet("Empty", rows=1, columns=1)).sheets[0]
    somebody = emulator.person.random(5)
    done = [act for _ in range(200) for act in somebody.act(sheet)]
    assert len(done) > 50


def test_an_act_that_nobody_knows_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="acts: 'dance' is not possible; give some of sort"):
        emulator.person.random(1, ["dance"])
    with pytest.raises(ValueError, match="acts: '' is not possible"):
        emulator.person.random(1, [])
