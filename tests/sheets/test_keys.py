"""Keys of a tab too long for one call are read in several, and a read that a sort tore in two is noticed."""

import pytest

from sheetsync.sheets import keys
from tests.support.wiring import SHEET, a_tab, live_rows, orders_of, run_export

ORDERS = orders_of(*"123456789")
READS = "values:batchGetByDataFilter"


@pytest.fixture(autouse=True)
def short_calls(monkeypatch):
    monkeypatch.setattr(keys, "ROWS_PER_CALL", 4)
    monkeypatch.setattr(keys, "PIECE", 2)


def test_every_key_is_found_over_several_calls_and_pieces(emulator, client, book):
    run_export(client, book, ORDERS)
    report, _ = run_export(client, book, ORDERS)
    assert report.written.unchanged == 9 and report.written.commits == 0


@pytest.mark.parametrize("call", range(3))
def test_a_sort_between_two_calls_is_noticed(emulator, client, book, call):
    run_export(client, book, ORDERS)
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    emulator.faults.add("before", READS, after=call, call=lambda _: emulator.person.sort(sheet, 2, descending=True))
    report, _ = run_export(client, book, ORDERS)
    assert report.written.unchanged == 9 and len(live_rows(emulator, book)) == 9


@pytest.mark.parametrize("call", range(3))
def test_a_row_inserted_between_two_calls_hides_no_key(emulator, client, book, call):
    run_export(client, book, ORDERS)
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    emulator.faults.add("before", READS, after=call, call=lambda _: emulator.person.insert_rows(sheet, 1))
    run_export(client, book, ORDERS)
    assert len(live_rows(emulator, book)) == 9


def test_columns_that_moved_before_the_keys_were_read_are_noticed(emulator, client, book):
    run_export(client, book, ORDERS)
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    emulator.faults.add("before", READS, call=lambda _: emulator.person.move_column(sheet, 0, 3))
    tab = a_tab(client, book).open()
    assert tab.layout.key_at == 2 and len(tab.index) == 9
