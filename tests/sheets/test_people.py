"""What people do to a tab between the last look at a row and the write to it."""

import pytest

from sheetsync.pipeline.records import HandEdits, Removed
from sheetsync.sources.base import Mode, OrderQuery
from tests.support.wiring import SHEET, live_rows, orders_of, run_export, table

BEFORE = orders_of("1", "2", "3", "4")
AFTER = orders_of("1", "2", "3", "4", customer="new") + orders_of("5")
EXPECTED = {key: [key, "new", 1.5] for key in "1234"} | {"5": ["5", "c-5", 1.5]}
NOTES = 5
"""The people's own column, right of the managed ones."""


@pytest.fixture
def sheet(emulator, book, client):
    """A tab with four orders and a note on each, in a column of the people's own."""
    run_export(client, book, BEFORE)
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    emulator.person.insert_column(sheet, NOTES)
    emulator.person.type_text(sheet, 0, NOTES, "Notes")
    for row, order in enumerate(BEFORE, start=1):
        emulator.person.type_text(sheet, row, NOTES, f"note {order['id']}")
    return sheet


@pytest.fixture
def meanwhile(emulator):
    """`meanwhile(act)`: a person acts after the writer's last look at the rows, just before its write is applied."""

    def plan(act):
        emulator.faults.add("before", ":batchUpdate", call=lambda _: act(emulator.person))

    return plan


def notes(sheet, column=NOTES):
    """{key: note} of the rows that have one."""
    return {row[0]: row[column] for row in sheet.values()[1:] if len(row) > column and row[column]}


ALL_NOTES = {key: f"note {key}" for key in "1234"}


@pytest.mark.parametrize(
    "act",
    [
        lambda person, sheet: person.sort(sheet, 2, descending=True),
        lambda person, sheet: person.insert_rows(sheet, 1, 2),
        lambda person, sheet: person.insert_rows(sheet, 3),
        lambda person, sheet: person.move_row(sheet, 1, 4),
    ],
    ids=["sorts all rows", "inserts rows at the top", "inserts a row in the middle", "moves a row"],
)
def test_rows_that_move_in_that_moment_end_up_right_and_keep_their_notes(emulator, client, book, sheet, meanwhile, act):
    meanwhile(lambda person: act(person, sheet))
    report, _ = run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
    assert notes(sheet) == ALL_NOTES
    assert report.written.incidents.counts["row_displaced"] >= 1


def test_a_row_deleted_in_that_moment_is_written_anew(emulator, client, book, sheet, meanwhile):
    meanwhile(lambda person: person.delete_rows(sheet, 2))
    report, _ = run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
    assert notes(sheet) == {key: f"note {key}" for key in "134"}
    assert report.written.incidents.counts["rows_moved"] == 1


def test_a_row_of_an_order_that_is_not_in_the_batch_is_restored_when_a_write_hits_it(
    emulator, client, book, sheet, meanwhile
):
    only_the_first = orders_of("1", customer="new") + BEFORE[1:]
    meanwhile(lambda person: person.sort(sheet, 2, descending=True))
    run_export(client, book, only_the_first)
    assert live_rows(emulator, book) == {"1": ["1", "new", 1.5]} | {key: [key, f"c-{key}", 1.5] for key in "234"}


@pytest.mark.parametrize(
    ("source", "to"), [(NOTES, 3), (3, 6), (2, 5)], ids=["theirs between ours", "ours away", "the first"]
)
def test_a_column_moved_in_that_moment_costs_nobody_a_cell(emulator, client, book, sheet, meanwhile, source, to):
    meanwhile(lambda person: person.move_column(sheet, source, to))
    report, tab = run_export(client, book, AFTER)
    column = next(at for at in range(2, 6) if at not in tab.layout.columns)
    assert notes(sheet, column) == ALL_NOTES
    assert by_metadata(sheet, tab) == EXPECTED
    assert report.written.incidents.counts["columns_displaced"] == 1


@pytest.mark.parametrize("at", [2, 3, 4, 5])
def test_a_column_inserted_in_that_moment_stays_empty(emulator, client, book, sheet, meanwhile, at):
    meanwhile(lambda person: person.insert_column(sheet, at))
    _, tab = run_export(client, book, AFTER)
    assert by_metadata(sheet, tab) == EXPECTED
    assert notes(sheet, NOTES + 1) == ALL_NOTES
    assert all(len(row) <= at or row[at] is None for row in sheet.values())


def test_a_tab_renamed_in_that_moment_is_still_the_tab(emulator, client, book, sheet, meanwhile):
    meanwhile(lambda person: person.rename_tab(sheet, "Bestellungen"))
    report, _ = run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED and sheet.title == "Bestellungen"
    assert "Unable to parse range" in report.written.incidents.examples["rows_moved"]


def test_what_is_typed_below_the_table_in_that_moment_is_pushed_down(emulator, client, book, sheet, meanwhile):
    meanwhile(lambda person: person.type_text(sheet, 5, 2, "my total"))
    run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
    assert table(emulator, book)[5] == [None, None, "my total"]
    assert notes(sheet) == ALL_NOTES


def test_a_row_copied_in_that_moment_is_left_to_its_maker(emulator, client, book, sheet, meanwhile):
    def copy(person):
        person.insert_rows(sheet, 4)
        person.copy_row(sheet, 1, 4)

    meanwhile(copy)
    report, _ = run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
    assert report.written.incidents.counts["row_copied"] == 1
    rows = [row for row in table(emulator, book) if row[0] == "1"]
    assert [row[1].endswith("-copy") for row in rows] == [False, True]


def test_a_copied_row_found_at_opening_is_told_as_an_incident(emulator, client, book, sheet):
    emulator.person.insert_rows(sheet, 4)
    emulator.person.copy_row(sheet, 1, 4)
    report, _ = run_export(client, book, BEFORE)
    assert report.written.incidents.counts == {"row_copied": 1}
    assert run_export(client, book, BEFORE)[0].written.commits == 0


def test_a_sort_that_leaves_the_hidden_columns_behind_is_put_right_where_edits_are_repaired(
    emulator, client, book, sheet
):
    emulator.person.sort(sheet, 2, first_column=2, descending=True)
    report, _ = run_export(client, book, BEFORE, hand_edits=HandEdits.REPAIR)
    assert live_rows(emulator, book) == {key: [key, f"c-{key}", 1.5] for key in "1234"}
    assert sorted(str(row[NOTES]) for row in table(emulator, book)) == sorted(ALL_NOTES.values())
    assert report.written.incidents.counts == {"cells_edited": 4}


def test_a_sort_of_the_visible_columns_in_that_moment_touches_no_row_that_is_written(
    emulator, client, book, sheet, meanwhile
):
    meanwhile(lambda person: person.sort(sheet, 2, first_column=2, descending=True))
    run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
    assert sorted(str(row[NOTES]) for row in table(emulator, book) if len(row) > NOTES) == sorted(ALL_NOTES.values())


def test_a_hand_edit_stays_until_its_order_changes(emulator, client, book, sheet):
    emulator.person.type_text(sheet, 1, 3, "corrected")
    run_export(client, book, BEFORE)
    assert live_rows(emulator, book)["1"] == ["1", "corrected", 1.5]
    run_export(client, book, AFTER)
    assert live_rows(emulator, book)["1"] == ["1", "new", 1.5]


def test_a_hand_edit_is_put_right_where_edits_are_repaired(emulator, client, book, sheet):
    emulator.person.type_text(sheet, 1, 3, "corrected")
    run_export(client, book, BEFORE, hand_edits=HandEdits.REPAIR)
    assert live_rows(emulator, book)["1"] == ["1", "c-1", 1.5]


@pytest.mark.parametrize("removed", [Removed.CLEAR, Removed.MARK, Removed.DELETE, Removed.KEEP])
def test_rows_moved_while_one_is_let_go_end_up_right(emulator, client, book, sheet, meanwhile, removed):
    meanwhile(lambda person: person.sort(sheet, 2, descending=True))
    run_export(client, book, BEFORE[1:], removed=removed)
    if removed is not Removed.KEEP:
        assert live_rows(emulator, book) == {key: [key, f"c-{key}", 1.5] for key in "234"}
    assert notes(sheet).items() >= {key: f"note {key}" for key in "234"}.items()


def test_rows_sorted_in_the_moment_of_a_deletion_are_walked_again(emulator, client, book, sheet):
    emulator.faults.add(
        "before", ":batchUpdate", after=1, call=lambda _: emulator.person.sort(sheet, 2, descending=True)
    )
    report, _ = run_export(client, book, BEFORE[1:], removed=Removed.DELETE)
    assert report.needs_full and report.written.incidents.counts["wrong_row_deleted"] == 1
    report, _ = run_export(client, book, BEFORE[1:], removed=Removed.DELETE)
    assert live_rows(emulator, book) == {key: [key, f"c-{key}", 1.5] for key in "234"}


def by_metadata(sheet, tab):
    """{key: managed cells}, the columns being wherever their metadata is."""
    width = sheet.column_count
    rows = [[*row, *[None] * (width - len(row))] for row in sheet.values()[1:]]
    return {row[0]: [row[at] for at in tab.layout.columns] for row in rows if row[0]}


@pytest.mark.parametrize("fault", ["lose_reply", "late"])
def test_a_column_moved_under_a_write_whose_reply_is_lost_costs_nobody_a_cell(emulator, client, book, sheet, fault):
    options = {"calls": 1} if fault == "late" else {}
    emulator.faults.add(fault, ":batchUpdate", **options)
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.move_column(sheet, NOTES, 3))
    _, tab = run_export(client, book, AFTER)
    assert by_metadata(sheet, tab) == EXPECTED
    assert notes(sheet, 3) == ALL_NOTES


class Killed(BaseException):
    """The worker's process is gone."""


def die(_):
    raise Killed


def test_a_worker_that_died_after_a_write_to_moved_columns_is_put_right_by_the_next_run(emulator, client, book, sheet):
    emulator.faults.add("after", ":batchUpdate", call=die)
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.move_column(sheet, 3, 6))
    with pytest.raises(Killed):
        run_export(client, book, AFTER)
    _, tab = run_export(client, book, AFTER)
    assert by_metadata(sheet, tab) == EXPECTED


def test_a_worker_that_died_in_the_middle_of_putting_right_is_put_right_too(emulator, client, book, sheet):
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.move_column(sheet, 3, 6))
    emulator.faults.add("after", ":batchUpdate", after=1, call=die)
    with pytest.raises(Killed):
        run_export(client, book, AFTER)
    _, tab = run_export(client, book, AFTER)
    assert by_metadata(sheet, tab) == EXPECTED


def test_a_worker_that_died_after_deleting_a_wrong_row_is_found_out_by_a_resumed_walk(emulator, client, book, sheet):
    sort = lambda _: emulator.person.sort(sheet, 2, descending=True)  # noqa: E731
    emulator.faults.add("after", ":batchUpdate", after=1, call=die)
    emulator.faults.add("before", ":batchUpdate", after=1, call=sort)
    with pytest.raises(Killed):
        run_export(client, book, BEFORE[1:], removed=Removed.DELETE)
    report, _ = run_export(client, book, BEFORE[1:], removed=Removed.DELETE, cursor="3")
    assert report.needs_full
    run_export(client, book, BEFORE[1:], removed=Removed.DELETE)
    assert set(live_rows(emulator, book)) == set("234")


def test_a_row_hit_by_a_worker_that_died_is_put_right_by_a_run_of_other_orders(emulator, client, book, sheet):
    emulator.faults.add("after", ":batchUpdate", call=die)
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.sort(sheet, 2, descending=True))
    only_the_first = orders_of("1", customer="new") + BEFORE[1:]
    with pytest.raises(Killed):
        run_export(client, book, only_the_first)
    query = OrderQuery(mode=Mode.ORDERS, order_ids=("3",))
    run_export(client, book, only_the_first, query=query)
    assert live_rows(emulator, book)["4"] == ["4", "c-4", 1.5]


def test_rows_sorted_while_moved_columns_are_being_put_right_are_put_right_too(emulator, client, book, sheet):
    person = emulator.person
    emulator.faults.add("before", ":batchUpdate", call=lambda _: person.move_column(sheet, NOTES, 3))
    emulator.faults.add("before", ":batchUpdate", after=2, call=lambda _: person.sort(sheet, 2, descending=True))
    _, tab = run_export(client, book, AFTER)
    assert by_metadata(sheet, tab) == EXPECTED


def test_values_whose_key_was_lost_below_the_table_are_emptied(emulator, client, book, sheet):
    emulator.person.insert_rows(sheet, 5, 2)
    emulator.person.copy_row(sheet, 1, 6)
    emulator.person.type_text(sheet, 6, 0, "")
    run_export(client, book, BEFORE)
    assert sheet.values()[6:] == [[None] * NOTES + ["note 1"]]


@pytest.mark.parametrize("reads", [1, 2, 3, 4])
def test_rows_deleted_at_the_end_between_any_two_looks_do_no_harm(emulator, client, book, sheet, reads):
    def shrink(_):
        emulator.person.delete_rows(sheet, sheet.row_count - 2, 2)

    emulator.faults.add("before", lambda request: True, after=reads, call=shrink)
    run_export(client, book, AFTER)
    run_export(client, book, AFTER)
    assert live_rows(emulator, book) == EXPECTED
