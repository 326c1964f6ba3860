"""Over HTTP: writers that overlap, replies that are lost, calls that come late or twice."""

import threading

import pytest

from sheetsync.errors import LeaseLost, RequestRefused
from tests.support.wiring import SHEET, Lease, a_client, a_tab, live_rows, orders_of, run_export

ORDERS = orders_of("1", "2", "3")
EXPECTED = {key: [key, f"c-{key}", 1.5] for key in "123"}


@pytest.fixture
def http(emulator, server):
    """A new client over HTTP each time."""
    return lambda: a_client(emulator, server.url)


class FrozenWriter(threading.Thread):
    """A writer that stops on its way to the wire, its call unsent as far as anybody can see."""

    def __init__(self, emulator, client, book, orders):
        super().__init__(daemon=True)
        self.fault = emulator.faults.add("hold", ":batchUpdate", name="frozen")
        self.lease, self.error, self.calls = Lease("lease-old"), None, client.traffic
        self.args = (client, book, orders)

    def run(self):
        client, book, orders = self.args
        try:
            run_export(client, book, orders, tab=a_tab(client, book, fence=self.lease, run="old"))
        except LeaseLost as error:
            self.error = error


def freeze(emulator, http, book, orders):
    writer = FrozenWriter(emulator, http(), book, orders)
    writer.start()
    assert emulator.faults.wait_reached(writer.fault)
    return writer


def thaw(emulator, writer):
    writer.lease.lost = True
    emulator.faults.release("frozen")
    writer.join(20)


@pytest.mark.parametrize("changed", [ORDERS, orders_of("1", "2", "3", customer="new")])
def test_a_writer_frozen_past_a_takeover_is_refused_and_stops_quietly(emulator, http, book, changed):
    run_export(http(), book, orders_of("1"))
    frozen = freeze(emulator, http, book, ORDERS)
    run_export(http(), book, changed, tab=a_tab(http(), book, fence=Lease("lease-new"), run="new"))
    after_takeover = live_rows(emulator, book)
    thaw(emulator, frozen)
    assert isinstance(frozen.error, LeaseLost)
    assert live_rows(emulator, book) == after_takeover and len(after_takeover) == 3


def test_the_stale_writers_call_is_refused_by_the_marker_itself(emulator, http, book):
    run_export(http(), book, orders_of("1"))
    frozen = freeze(emulator, http, book, ORDERS)
    run_export(http(), book, ORDERS, tab=a_tab(http(), book, fence=Lease("lease-new"), run="new"))
    thaw(emulator, frozen)
    assert [call.status for call in emulator.calls if call.path.endswith(":batchUpdate")].count(400) == 1


def test_two_writers_that_both_go_on_leave_every_row_once(emulator, http, book):
    run_export(http(), book, orders_of("1"))
    frozen = freeze(emulator, http, book, ORDERS)
    run_export(http(), book, ORDERS, tab=a_tab(http(), book, run="new"))
    emulator.faults.release("frozen")
    frozen.join(20)
    assert live_rows(emulator, book) == EXPECTED


def test_two_writers_that_create_the_tab_at_once_make_one_tab(emulator, http, book):
    frozen = freeze(emulator, http, book, ORDERS)
    run_export(http(), book, ORDERS, tab=a_tab(http(), book, run="new"))
    emulator.faults.release("frozen")
    frozen.join(20)
    assert [sheet.title for sheet in emulator.spreadsheet(book).sheets] == ["Sheet1", "Orders"]
    assert live_rows(emulator, book) == EXPECTED


@pytest.mark.parametrize("call", [0, 1], ids=["creating the tab", "writing rows"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("lose_reply", {}),
        ("drop", {}),
        ("double", {}),
        ("double", {"reply": "second"}),
        ("status", {"status": 503}),
        ("status", {"status": 503, "applied": True}),
        ("status", {"status": "502-html", "applied": True}),
        ("status", {"status": 429}),
    ],
    ids=str,
)
def test_a_write_that_goes_wrong_on_its_way_is_made_exactly_once(emulator, http, book, call, kind, options):
    emulator.faults.add(kind, ":batchUpdate", after=call, **options)
    run_export(http(), book, ORDERS)
    assert live_rows(emulator, book) == EXPECTED


@pytest.mark.parametrize("calls", [1, 2])
def test_a_call_that_arrives_after_its_repeat_changes_nothing(emulator, http, book, calls):
    run_export(http(), book, orders_of("1"))
    emulator.faults.add("late", ":batchUpdate", calls=calls)
    run_export(http(), book, ORDERS)
    emulator.faults.release()
    assert live_rows(emulator, book) == EXPECTED


def test_a_call_that_arrives_after_the_run_ended_is_refused(emulator, http, book):
    run_export(http(), book, orders_of("1"))
    emulator.faults.add("late", ":batchUpdate")
    run_export(http(), book, ORDERS)
    emulator.faults.release()
    assert live_rows(emulator, book) == EXPECTED


def test_a_lost_reply_is_told_as_an_incident(emulator, http, book):
    run_export(http(), book, orders_of("1"))
    emulator.faults.add("lose_reply", ":batchUpdate")
    report, _ = run_export(http(), book, ORDERS)
    assert report.written.incidents.counts == {"reply_lost": 1}
    assert (report.written.inserted, report.written.commits) == (2, 1)


def test_a_request_that_google_refuses_for_itself_is_told_and_not_repeated_for_ever(emulator, http, book):
    run_export(http(), book, orders_of("1"))
    protect = {"protectedRange": {"range": {"sheetId": SHEET}, "editors": {"users": ["owner@example.com"]}}}
    emulator.person.do(book, {"addProtectedRange": protect})
    with pytest.raises(RequestRefused, match="protected cell"):
        run_export(http(), book, ORDERS)
    assert emulator.count("write") == 2 + 2
