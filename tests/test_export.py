"""The whole road, from a source to a tab, with no database: what a run does, and what it leaves for a resume."""

import pytest

from sheetsync.errors import Unavailable
from sheetsync.export import Job, Report, export, preview
from sheetsync.pipeline.batching import Caps
from sheetsync.pipeline.filters import filters_from
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer
from sheetsync.sheets.layout import MARKERS_KEPT
from sheetsync.sources.base import BAD_RECORD, Capabilities, Mode, OrderQuery
from tests.support.wiring import (
    COLUMNS,
    LINE_COLUMNS,
    SHEET,
    ListSource,
    a_client,
    a_tab,
    live_rows,
    orders_of,
    run_export,
)

SMALL = Caps(groups=3, rows=12)


@pytest.fixture
def client(emulator):
    return a_client(emulator)


def with_lines(order_id, count, sku="a"):
    return {"id": order_id, "lines": [{"id": str(n), "sku": sku, "qty": n} for n in range(1, count + 1)]}


def export_lines(client, book, orders, **job):
    return run_export(client, book, orders, columns=LINE_COLUMNS, rows_per=RowsPer.LINE, caps=SMALL, **job)[0]


def quantities(emulator, book):
    return {key: cells[2] for key, cells in live_rows(emulator, book).items()}


class Broken(ListSource):
    """A source that fails when it is asked for the order number `fails_at`."""

    fails_at = 4

    def stream(self, query, cursor):
        for number, row in enumerate(super().stream(query, cursor), start=int(cursor or 0)):
            if number == self.fails_at + 1:
                raise Unavailable("the shop does not answer")
            yield row


def test_an_order_beyond_the_caps_is_written_in_several_commits(emulator, client, book):
    report = export_lines(client, book, [with_lines("big", 30), with_lines("small", 1)])
    assert report.written.commits == 4 and len(quantities(emulator, book)) == 31


def test_vanished_lines_of_an_order_beyond_the_caps_are_let_go(emulator, client, book):
    export_lines(client, book, [with_lines("big", 30)])
    report = export_lines(client, book, [with_lines("big", 14, sku="b")])
    assert report.written.removed == 16 and quantities(emulator, book) == {f"big:{n}": n for n in range(1, 15)}


def test_a_large_order_of_which_one_line_changed_is_one_small_commit(emulator, client, book):
    export_lines(client, book, [with_lines("big", 30)])
    changed = with_lines("big", 30)
    changed["lines"][7]["qty"] = 99
    report = export_lines(client, book, [changed])
    assert (report.written.updated, report.written.commits) == (1, 1)


def test_an_order_met_again_leaves_its_later_version(emulator, client, book):
    export_lines(client, book, [with_lines("a", 3), with_lines("b", 1), with_lines("a", 1, sku="new")])
    assert live_rows(emulator, book)["a:1"][1] == "new" and set(quantities(emulator, book)) == {"a:1", "b:1"}


def test_an_order_that_lost_all_its_lines_is_let_go(emulator, client, book):
    export_lines(client, book, [with_lines("a", 2), with_lines("b", 1)])
    export_lines(client, book, [with_lines("a", 0), with_lines("b", 1)])
    assert set(quantities(emulator, book)) == {"b:1"}


def test_an_order_that_no_longer_matches_the_filters_is_let_go(emulator, client, book):
    filters = filters_from([{"path": "customer", "operator": "ne", "value": "gone"}])
    run_export(client, book, orders_of("1", "2"), filters=filters)
    run_export(client, book, orders_of("1") + orders_of("2", customer="gone"), filters=filters)
    assert set(live_rows(emulator, book)) == {"1"}


def test_an_order_that_comes_back_comes_back_to_its_old_row(emulator, client, book):
    for orders in (orders_of("1", "2"), orders_of("2"), orders_of("1", "2", "3")):
        run_export(client, book, orders)
    keys = [row[0] for row in emulator.spreadsheet(book).sheet(id=SHEET).values()]
    assert keys == ["sheetsync key", "1", "2", "3"]


def test_a_marked_order_that_comes_back_is_no_longer_struck_through(emulator, client, book):
    for orders in (orders_of("1", "2"), orders_of("2"), orders_of("1", "2")):
        run_export(client, book, orders, removed=Removed.MARK)
    assert live_rows(emulator, book)["1"] == ["1", "c-1", 1.5]
    reply = client.read(
        "get",
        f"/v4/spreadsheets/{book}",
        params=[("ranges", "'Orders'!C2"), ("fields", "sheets.data.rowData.values.userEnteredFormat.textFormat")],
    )
    assert "true" not in str(reply).lower()


def test_a_run_that_failed_goes_on_where_its_last_commit_left_it(emulator, client, book):
    orders = orders_of("1", "2", "3", "4", "5", "6")
    reports = []
    job = Job(columns=COLUMNS, caps=Caps(groups=2))
    with pytest.raises(Unavailable):
        export(job, Broken(orders), a_tab(client, book).open(), lambda report: reports.append(report.cursor))
    assert reports[-1] == "4"
    resumed = Job(columns=COLUMNS, caps=Caps(groups=2), cursor=reports[-1])
    report = export(resumed, ListSource(orders), a_tab(client, book).open(), lambda report: None)
    assert (report.written.inserted, len(live_rows(emulator, book))) == (2, 6)


def test_a_resumed_walk_lets_go_only_what_the_source_says_is_gone(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    run_export(client, book, orders_of("1", "3"), cursor="1")
    assert set(live_rows(emulator, book)) == {"1", "3"}


def test_a_source_that_cannot_fetch_lets_go_only_after_a_whole_walk(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    source = ListSource(orders_of("1", "3"), capabilities=Capabilities())
    report = export(Job(columns=COLUMNS, cursor="1"), source, a_tab(client, book).open(), lambda report: None)
    assert report.needs_full and len(live_rows(emulator, book)) == 3
    export(Job(columns=COLUMNS), source, a_tab(client, book).open(), lambda report: None)
    assert set(live_rows(emulator, book)) == {"1", "3"}


def test_rows_that_move_before_the_unmet_ones_are_named_let_no_other_order_go(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    sort = lambda _: emulator.person.sort(sheet, 2, descending=True)  # noqa: E731
    emulator.faults.add("before", "values:batchGetByDataFilter", after=1, call=sort)
    source = ListSource(orders_of("2", "3"), capabilities=Capabilities())
    export(Job(columns=COLUMNS), source, a_tab(client, book).open(), lambda report: None)
    assert set(live_rows(emulator, book)) >= {"2", "3"}


def test_an_order_that_cannot_be_read_when_it_is_asked_for_is_not_taken_for_gone(emulator, client, book):
    """The walk did not meet it, say because it was edited; and of its record nobody can tell whose it is."""
    run_export(client, book, orders_of("1", "2", "3"))
    report = Report()

    class Unreadable(ListSource):
        def fetch(self, order_ids):
            report.warnings.add(BAD_RECORD, "an order without an id")
            yield from super().fetch(order_ids)

    tab = a_tab(client, book).open()
    export(Job(columns=COLUMNS), Unreadable(orders_of("1", "3")), tab, lambda report: None, report)
    assert set(live_rows(emulator, book)) == {"1", "2", "3"}


@pytest.mark.parametrize("query", [OrderQuery(), OrderQuery(mode=Mode.ORDERS, order_ids=("2", "4"))])
def test_only_what_the_source_says_is_gone_is_let_go(emulator, client, book, query):
    run_export(client, book, orders_of("1", "2", "3", "4"))

    class Forgetful(ListSource):
        def gone(self, order_ids):
            return [each for each in order_ids if each != "2"]

    export(Job(columns=COLUMNS, query=query), Forgetful(orders_of("1", "3")), a_tab(client, book).open(), print)
    assert set(live_rows(emulator, book)) >= {"2"} and "4" not in live_rows(emulator, book)


def test_a_grid_that_shrinks_before_the_unmet_rows_are_named_does_no_harm(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    sheet = emulator.spreadsheet(book).sheet(id=SHEET)
    shrink = lambda _: emulator.person.delete_rows(sheet, 3, 2)  # noqa: E731
    emulator.faults.add("before", "values:batchGetByDataFilter", after=1, call=shrink)
    run_export(client, book, orders_of("1", "2"))
    assert set(live_rows(emulator, book)) == {"1", "2"}


def test_a_second_walk_that_meets_nothing_lets_nothing_go(emulator, client, book):
    report, _ = run_export(client, book, orders_of("1", "2"))
    again = export(Job(columns=COLUMNS), ListSource([]), a_tab(client, book).open(), lambda report: None, report)
    assert "source_empty" in again.warnings.counts and len(live_rows(emulator, book)) == 2


def test_a_resumed_walk_puts_hand_edits_right_too(emulator, client, book):
    run_export(client, book, orders_of("1", "2"))
    emulator.person.type_text(emulator.spreadsheet(book).sheet(id=SHEET), 1, 3, "edited")
    run_export(client, book, orders_of("1", "2"), cursor="1", hand_edits=HandEdits.REPAIR)
    assert live_rows(emulator, book)["1"][1] == "c-1"


def test_a_run_of_named_orders_lets_nothing_else_go(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    query = OrderQuery(mode=Mode.ORDERS, order_ids=("2",))
    run_export(client, book, orders_of("2", customer="new"), query=query)
    assert live_rows(emulator, book)["2"][1] == "new" and len(live_rows(emulator, book)) == 3


def test_a_source_that_gives_nothing_at_all_lets_nothing_go(emulator, client, book):
    run_export(client, book, orders_of("1", "2"))
    report, _ = run_export(client, book, [])
    assert report.warnings.counts == {"source_empty": 1} and len(live_rows(emulator, book)) == 2


def test_no_body_passes_the_cap_of_bytes(emulator, client, book):
    orders = [{"id": str(n), "customer": "é" * 9_000, "total": 1} for n in range(60)]
    run_export(client, book, orders, caps=Caps(bytes=100_000))
    run_export(client, book, [order | {"customer": "ü" * 9_000} for order in orders], caps=Caps(bytes=100_000))
    writes = [call.bytes_in for call in emulator.calls if call.kind == "write"]
    assert max(writes) <= 100_000 and len(live_rows(emulator, book)) == 60


def test_only_the_last_markers_stay_in_the_tab(emulator, client, book):
    run_export(client, book, orders_of(*map(str, range(MARKERS_KEPT + 10))), caps=Caps(groups=1))
    reply = client.read(
        "get", f"/v4/spreadsheets/{book}", params=[("fields", "sheets.developerMetadata.metadataValue")]
    )
    markers = next(sheet["developerMetadata"] for sheet in reply["sheets"] if "developerMetadata" in sheet)
    numbers = sorted(int(marker["metadataValue"].split()[0]) for marker in markers)
    assert numbers == list(range(11, MARKERS_KEPT + 11))


def test_rows_right_after_a_first_export_need_no_look(emulator, client, book):
    run_export(client, book, orders_of("1", "2", "3"))
    assert (emulator.count("read"), emulator.count("write")) == (1, 2)


def test_a_preview_shows_rows_without_any_tab():
    rows = preview(Job(columns=COLUMNS), ListSource(orders_of("1", "2")), 1)
    assert [row.cells for row in rows] == [("1", "c-1", 1.5)]
