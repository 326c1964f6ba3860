"""Faults: each kind does what its name says, deterministically."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request

import pytest

from sheetsync.emulator import Emulator, Response
from tests.emulator.support import TOKEN, Client, line, write


def insert(client: Client) -> Response:
    return client.batch({"insertDimension": {"range": line("ROWS", 0)}})


def rows(client: Client) -> int:
    return client.sheet.row_count


@pytest.mark.parametrize(("applied", "count"), [(False, 10), (True, 11)])
def test_a_status_is_answered_before_or_after_the_effect(client: Client, applied: bool, count: int) -> None:
    client.emulator.faults.add("status", status=503, applied=applied)
    response = insert(client)
    assert response.status == 503
    assert response.json()["error"]["message"] == "The service is currently unavailable."
    assert rows(client) == count


def test_the_front_end_page_is_html(client: Client) -> None:
    client.emulator.faults.add("status", status="502-html")
    response = insert(client)
    assert (response.status, response.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")


def test_a_fault_skips_then_strikes_the_asked_number_of_times(client: Client) -> None:
    client.emulator.faults.add("status", after=1, times=2, status=500)
    assert [insert(client).status for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_meets_only_what_it_matches(client: Client) -> None:
    client.emulator.faults.add("drop", match=lambda request: request.method == "GET")
    assert insert(client).status == 200
    with pytest.raises(ConnectionError):
        client.send("GET", "")


def test_a_lost_reply_is_applied(client: Client) -> None:
    client.emulator.faults.add("lose_reply")
    with pytest.raises(ConnectionError):
        insert(client)
    assert rows(client) == 11


def test_a_dropped_call_is_not_applied(client: Client) -> None:
    client.emulator.faults.add("drop")
    with pytest.raises(ConnectionError):
        insert(client)
    assert rows(client) == 10


def test_a_late_call_is_applied_when_it_is_released(client: Client) -> None:
    client.emulator.faults.add("late")
    with pytest.raises(ConnectionError):
        client.batch(write(0, 0, ["late"]))
    client.ok(write(0, 0, ["in time"]))
    client.emulator.faults.release()
    assert client.sheet.cell(0, 0) == "late"


def test_a_late_call_is_applied_just_before_the_nth_further_call(client: Client) -> None:
    client.emulator.faults.add("late", calls=2)
    with pytest.raises(ConnectionError):
        client.batch(write(0, 0, ["late"]))
    client.ok(write(0, 0, ["first"]))
    assert client.sheet.cell(0, 0) == "first"
    client.ok(write(0, 1, ["second"]))
    assert client.sheet.values() == [["late", "second"]]


@pytest.mark.parametrize(("reply", "status"), [("first", 200), ("second", 400)])
def test_a_doubled_call_is_applied_twice(client: Client, reply: str, status: int) -> None:
    client.emulator.faults.add("double", reply=reply)
    response = client.batch({"addSheet": {"properties": {"sheetId": 5}}})
    assert response.status == status
    client.emulator.faults.add("double")
    insert(client)
    assert rows(client) == 12


def test_a_held_call_waits_unapplied_until_it_is_released(client: Client) -> None:
    fault = client.emulator.faults.add("hold", name="zombie")
    zombie = threading.Thread(target=insert, args=(client,))
    zombie.start()
    assert client.emulator.faults.wait_reached(fault)
    assert client.send("GET", "").status == 200
    assert rows(client) == 10
    client.emulator.faults.release("zombie")
    zombie.join(10)
    assert rows(client) == 11


def test_a_person_acts_right_before_a_call(orders: Client) -> None:
    def person_sorts(emulator: Emulator) -> None:
        emulator.person.sort(orders.sheet, 2)

    orders.emulator.faults.add("before", call=person_sorts)
    orders.ok(write(1, 1, ["meant for pear"]))
    assert orders.sheet.values()[1] == ["2", "meant for pear", 1]


def test_a_person_acts_right_after_a_call(orders: Client) -> None:
    orders.emulator.faults.add("after", call=lambda emulator: emulator.person.delete_rows(orders.sheet, 1))
    orders.ok(write(1, 1, ["lost"]))
    assert orders.sheet.values()[1] == ["2", "apple", 1]


def test_faults_nest_in_the_order_they_were_planned(client: Client) -> None:
    client.emulator.faults.add("lose_reply")
    client.emulator.faults.add("double")
    with pytest.raises(ConnectionError):
        insert(client)
    assert rows(client) == 12


def test_a_slow_call_takes_its_time_and_succeeds(client: Client) -> None:
    client.emulator.faults.add("slow", seconds=0.01)
    assert insert(client).status == 200


def test_an_unknown_fault_is_a_mistake(client: Client) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        client.emulator.faults.add("explode")


def test_over_http_a_lost_reply_is_a_closed_connection(client: Client) -> None:
    client.emulator.faults.add("lose_reply")
    with client.emulator.serve() as server:
        url = f"{server.url}/v4/spreadsheets/{client.id}:batchUpdate"
        body = b'{"requests":[{"appendDimension":{"dimension":"ROWS","length":1}}]}'
        call = urllib.request.Request(url, data=body, headers=TOKEN)  # noqa: S310 (our own http address)
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            urllib.request.urlopen(call)  # noqa: S310
    assert rows(client) == 11


def test_a_person_is_not_counted_as_a_call(orders: Client) -> None:
    before = len(orders.emulator.calls)
    orders.emulator.person.type_text(orders.sheet, 5, 0, "007")
    orders.emulator.person.copy_row(orders.sheet, 1, 6)
    orders.emulator.person.move_column(orders.sheet, 0, 2)
    orders.emulator.person.insert_column(orders.sheet, 0)
    orders.emulator.person.rename_tab(orders.sheet, "Renamed")
    assert orders.sheet.values()[5:] == [[None, None, 7], [None, "pear", "1", 3]]
    assert (orders.sheet.title, len(orders.emulator.calls)) == ("Renamed", before)


def test_another_process_can_ask_which_calls_are_held(client: Client) -> None:
    fault = client.emulator.faults.add("hold", name="zombie")
    with client.emulator.serve() as server:

        def held() -> bytes:
            with urllib.request.urlopen(f"{server.url}/_emulator/held") as reply:  # noqa: S310 (our own http address)
                return bytes(reply.read())

        assert held() == b'{"held":[]}'
        zombie = threading.Thread(target=insert, args=(client,))
        zombie.start()
        client.emulator.faults.wait_reached(fault)
        assert held() == b'{"held":["zombie"]}'
        client.emulator.faults.release("zombie")
        zombie.join(10)
        assert held() == b'{"held":[]}'
