"""A tab that already holds somebody's orders becomes ours without losing a cell."""

import pytest

from sheetsync.errors import TabRefused
from tests.support.wiring import a_client, a_tab, orders_of, run_export

FOREIGN = [["Total", "Notes", "Order"], [9, "call back", "1"], ["", "lunch", ""], [8, "gift", 2]]


@pytest.fixture
def sheet(emulator, book):
    """A tab of the people's own: orders 1 and 2 (one id typed as a number), a note on each, a row that is no order."""
    sheet = emulator.spreadsheet(book).sheet(title="Sheet1")
    for row, cells in enumerate(FOREIGN):
        for column, value in enumerate(cells):
            emulator.person.type_text(sheet, row, column, value)
    return sheet


def adopt(client, book, orders=("1", "2", "3"), by=("Order",)):
    return run_export(client, book, orders_of(*orders), tab=a_tab(client, book, title="Sheet1", adopt=by))


def visible(sheet):
    return [row[2:] for row in sheet.values()]


def test_rows_are_known_by_the_cells_that_identify_them(client, book, sheet):
    report, _ = adopt(client, book)
    assert (report.written.updated, report.written.inserted) == (2, 1)


def test_columns_are_claimed_by_header_where_they_stand_and_missing_ones_are_inserted(client, book, sheet):
    adopt(client, book)
    assert visible(sheet)[0] == ["Total", "Notes", "Order", "Customer"]


def test_the_peoples_cells_stay_and_ours_get_the_orders_values(client, book, sheet):
    adopt(client, book)
    assert visible(sheet)[1:] == [
        [1.5, "call back", "1", "c-1"],
        [None, "lunch"],
        [1.5, "gift", "2", "c-2"],
        [1.5, None, "3", "c-3"],
    ]


def test_adopting_twice_changes_nothing(emulator, client, book, sheet):
    adopt(client, book)
    writes = emulator.count("write")
    adopt(client, book)
    assert emulator.count("write") == writes


@pytest.mark.parametrize("call", range(4))
def test_a_sort_in_the_middle_of_an_adoption_does_no_harm(emulator, client, book, sheet, call):
    sort = lambda _: emulator.person.sort(sheet, sheet.values()[0].index("Order"), descending=True)  # noqa: E731
    emulator.faults.add("before", ":batchUpdate", after=call, call=sort)
    adopt(client, book)
    rows = {row[2]: row[1] for row in ([*row, *[None] * 4] for row in visible(sheet)[1:])}
    assert sorted((row[2], row[1], row[0]) for row in visible(sheet)[1:] if len(row) > 2) == [
        ("1", "call back", 1.5),
        ("2", "gift", 1.5),
        ("3", None, 1.5),
    ], rows


@pytest.mark.parametrize("call", range(3))
@pytest.mark.parametrize("kind", ["lose_reply", "drop"])
def test_an_adoption_that_was_interrupted_goes_on(emulator, book, sheet, call, kind):
    emulator.faults.add(kind, ":batchUpdate", after=call)
    adopt(a_client(emulator), book)
    assert [row[:3] for row in visible(sheet)[1:]] == [
        [1.5, "call back", "1"],
        [None, "lunch"],
        [1.5, "gift", "2"],
        [1.5, None, "3"],
    ]


def test_a_header_that_is_not_there_is_refused_by_name(emulator, client, book, sheet):
    with pytest.raises(TabRefused, match="'Number': its first row has that header 0 times"):
        adopt(client, book, by=("Number",))
    assert emulator.count("write") == 0
