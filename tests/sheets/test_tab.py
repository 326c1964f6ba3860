"""Opening a tab: found, created, taken over or refused; its columns follow the automation."""

import pytest

from sheetsync.errors import LimitExceeded, SpreadsheetGone, TabRefused
from sheetsync.pipeline.columns import columns_from
from tests.support.wiring import COLUMNS, SHEET, a_tab, live_rows, orders_of, run_export

ORDERS = orders_of("1", "2")
EXPECTED = {key: [key, f"c-{key}", 1.5] for key in "12"}


def named(*definitions):
    return columns_from([{"header": header, "path": path} for header, path in definitions])


def sheet_of(emulator, book):
    return emulator.spreadsheet(book).sheet(id=SHEET)


def headers(emulator, book):
    return sheet_of(emulator, book).values()[0]


def test_a_new_tab_is_a_header_and_one_empty_row(emulator, client, book):
    a_tab(client, book).open()
    sheet = sheet_of(emulator, book)
    assert (sheet.row_count, sheet.column_count) == (2, 5)
    assert headers(emulator, book)[2:] == ["Order", "Customer", "Total"]


def test_the_grid_grows_by_exactly_the_rows_written(emulator, client, book):
    run_export(client, book, ORDERS)
    assert sheet_of(emulator, book).row_count == 4


def test_opening_a_tab_that_is_as_it_should_be_writes_nothing(emulator, client, book):
    run_export(client, book, ORDERS)
    writes = emulator.count("write")
    a_tab(client, book).open()
    assert emulator.count("write") == writes


def test_a_tab_that_people_renamed_is_found_by_its_id(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.rename_tab(sheet_of(emulator, book), "Bestellungen")
    report, _ = run_export(client, book, ORDERS)
    assert report.written.unchanged == 2 and len(emulator.spreadsheet(book).sheets) == 2


def test_an_empty_tab_of_that_title_is_taken_over(emulator, client, book):
    _, tab = run_export(client, book, ORDERS, tab=a_tab(client, book, title="Sheet1"))
    assert live_rows(emulator, book, sheet_id=0) == EXPECTED and tab.sheet_id == 0


def test_a_tab_with_foreign_data_is_refused_and_left_as_it_is(emulator, client, book):
    sheet = emulator.spreadsheet(book).sheet(title="Sheet1")
    emulator.person.type_text(sheet, 7, 3, "mine")
    with pytest.raises(TabRefused, match="'Sheet1' already holds data"):
        a_tab(client, book, title="Sheet1").open()
    assert sheet.cell(7, 3) == "mine" and emulator.count("write") == 0


def test_a_missing_spreadsheet_needs_its_owner(client):
    with pytest.raises(SpreadsheetGone, match="deleted, or its id is wrong"):
        a_tab(client, "missing").open()


def test_a_tab_without_its_key_column_is_refused_with_the_remedy(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.delete_column(sheet_of(emulator, book), 0)
    with pytest.raises(TabRefused, match="restore it from the version history"):
        a_tab(client, book).open()


def test_a_deleted_fingerprint_column_comes_back_and_every_row_is_written_again(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.delete_column(sheet_of(emulator, book), 1)
    report, _ = run_export(client, book, ORDERS)
    assert live_rows(emulator, book) == EXPECTED and report.written.updated == 2


def test_a_deleted_managed_column_comes_back_in_its_place(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.delete_column(sheet_of(emulator, book), 3)
    run_export(client, book, ORDERS)
    assert headers(emulator, book)[2:] == ["Order", "Customer", "Total"] and live_rows(emulator, book) == EXPECTED


def test_a_renamed_header_stays_as_people_named_it(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.type_text(sheet_of(emulator, book), 0, 3, "Kunde")
    run_export(client, book, ORDERS)
    assert headers(emulator, book)[3] == "Kunde"


def test_a_technical_header_that_somebody_changed_does_no_harm(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.type_text(sheet_of(emulator, book), 0, 0, "what is this?")
    report, _ = run_export(client, book, ORDERS)
    assert report.written.unchanged == 2


def test_a_column_that_people_moved_is_written_where_it_is(emulator, client, book):
    run_export(client, book, ORDERS)
    emulator.person.move_column(sheet_of(emulator, book), 2, 5)
    run_export(client, book, orders_of("1", "2", customer="new"))
    assert [row[2:] for row in sheet_of(emulator, book).values()[1:]] == [["new", 1.5, "1"], ["new", 1.5, "2"]]


def test_a_new_column_is_inserted_after_its_predecessor(emulator, client, book):
    run_export(client, book, ORDERS, columns=named(("Order", "@order_id"), ("Total", "total")))
    emulator.person.insert_column(sheet_of(emulator, book), 4)
    emulator.person.type_text(sheet_of(emulator, book), 0, 4, "Notes")
    run_export(
        client, book, ORDERS, columns=named(("Order", "@order_id"), ("Customer", "customer"), ("Total", "total"))
    )
    assert headers(emulator, book)[2:] == ["Order", "Customer", "Total", "Notes"]
    assert sheet_of(emulator, book).values()[1][2:] == ["1", "c-1", "1.50"]


def test_a_released_column_stays_with_its_values_and_is_the_peoples(emulator, client, book):
    run_export(client, book, ORDERS)
    run_export(client, book, orders_of("1", "2", customer="new"), columns=COLUMNS[:1] + COLUMNS[2:])
    assert [row[3] for row in sheet_of(emulator, book).values()] == ["Customer", "c-1", "c-2"]


def test_columns_change_places_when_the_automation_says_so(emulator, client, book):
    run_export(client, book, ORDERS)
    run_export(client, book, ORDERS, columns=COLUMNS[::-1])
    assert [row[2:] for row in sheet_of(emulator, book).values()] == [
        ["Total", "Customer", "Order"],
        [1.5, "c-1", "1"],
        [1.5, "c-2", "2"],
    ]


def test_a_header_changed_in_the_automation_is_written(emulator, client, book):
    run_export(client, book, ORDERS, columns=named(("Order", "@order_id"), ("Customer", "customer")))
    report, _ = run_export(client, book, ORDERS, columns=named(("Order", "@order_id"), ("Buyer", "customer")))
    assert headers(emulator, book)[3] == "Buyer" and report.written.unchanged == 2


def test_the_technical_columns_are_hidden_and_the_header_frozen(emulator, client, book):
    a_tab(client, book).open()
    reply = client.read(
        "get",
        f"/v4/spreadsheets/{book}",
        params=[
            ("ranges", "'Orders'!1:1"),
            ("fields", "sheets(properties.gridProperties,data.columnMetadata.hiddenByUser)"),
        ],
    )
    (sheet,) = reply["sheets"]
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert [column.get("hiddenByUser", False) for column in sheet["data"][0]["columnMetadata"]] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_rows_beyond_googles_limit_of_cells_are_refused_before_anything_is_written(emulator, client):
    book = emulator.create_spreadsheet("Full", rows=9_999_980, columns=1)
    tab = a_tab(client, book).open()
    writes = emulator.count("write")
    with pytest.raises(LimitExceeded, match="10,000,000"):
        run_export(client, book, orders_of("1", "2", "3", "4"), tab=tab)
    assert emulator.count("write") == writes


def test_a_column_beyond_googles_limit_is_refused_before_anything_is_written(emulator, client, book):
    run_export(client, book, ORDERS, columns=COLUMNS[:2])
    emulator.person.insert_column(sheet_of(emulator, book), 4, 18_278 - 4)
    writes = emulator.count("write")
    with pytest.raises(LimitExceeded, match="18,278"):
        run_export(client, book, ORDERS)
    assert emulator.count("write") == writes


def test_a_column_too_many_for_googles_limit_of_cells_is_refused_before_anything_is_written(emulator, client, book):
    run_export(client, book, ORDERS, columns=COLUMNS[:2])
    emulator.person.insert_rows(sheet_of(emulator, book), 2, 2_400_000)
    writes = emulator.count("write")
    with pytest.raises(LimitExceeded, match="10,000,000"):
        run_export(client, book, ORDERS)
    assert emulator.count("write") == writes


def test_dates_are_written_as_the_spreadsheets_own_clock_shows_them(emulator, client):
    book = emulator.create_spreadsheet("Berlin", time_zone="Europe/Berlin")
    columns = columns_from([{"header": "Placed", "path": "at", "type": "datetime"}])
    run_export(client, book, [{"id": "1", "at": "2026-07-01T10:00:00Z"}], columns=columns)
    assert sheet_of(emulator, book).cell(1, 2) == 46204.5  # 2026-07-01 12:00


def test_columns_whose_labels_do_not_fit_are_refused(client, book):
    many = columns_from([{"header": f"Column {n}", "path": f"a{'x' * 70}{n}"} for n in range(199)])
    with pytest.raises(LimitExceeded, match="characters of metadata"):
        a_tab(client, book, columns=many)


def test_a_tab_deleted_during_a_run_is_not_written_half(emulator, client, book):
    run_export(client, book, ORDERS)
    delete = {"deleteSheet": {"sheetId": SHEET}}
    emulator.faults.add("before", ":batchUpdate", call=lambda _: emulator.person.do(book, delete))
    with pytest.raises(SpreadsheetGone, match="deleted during the run"):
        run_export(client, book, orders_of("1", "2", "3"))


def test_a_metadata_id_that_belongs_to_something_else_is_passed_over(emulator, client, book):
    from sheetsync.sheets.layout import marker_id

    _, tab = run_export(client, book, ORDERS)
    location = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}
    taken = {"metadataId": marker_id(SHEET, tab.ledger.newest.n + 1), "metadataKey": "theirs", "location": location}
    emulator.person.do(book, {"createDeveloperMetadata": {"developerMetadata": {**taken, "visibility": "DOCUMENT"}}})
    run_export(client, book, orders_of("1", "2", "3"))
    assert len(live_rows(emulator, book)) == 3
