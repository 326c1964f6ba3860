"""Faults: each kind does what its name says, deterministically."""

from __future__ import annotations

import threading
import timeit
import urllib.error
import urllib.request
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Matcher, Request, Response
from tests.emulator.support import TOKEN, Client, line, marker, write


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


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"), (429, "RESOURCE_EXHAUSTED")],
)
def test_a_status_has_googles_body(client: Client, status: int, reason: str) -> None:
    client.emulator.faults.add("status", status=status)
    error = insert(client).json()["error"]
    assert (error["code"], error["status"]) == (status, reason)


def test_a_429_can_be_the_projects(client: Client) -> None:
    client.emulator.faults.add("status", status=429, metric="read", per="project")
    assert "limit 'Read requests per minute' of" in insert(client).json()["error"]["message"]


def test_a_429_is_about_the_kind_of_the_call(client: Client) -> None:
    client.emulator.faults.add("status", "", times=2, status=429)
    answers = [client.send("GET", ""), insert(client)]
    assert [answer.json()["error"]["message"].split("'")[1] for answer in answers] == [
        "Read requests",
        "Write requests",
    ]


# -- which calls are meant


ROWS, OTHERS = {"insertDimension": {"range": line("ROWS", 0)}}, marker(7)


@pytest.mark.parametrize(
    ("matcher", "meant"),
    [
        (Matcher(), [True, True, True]),
        (Matcher(method="GET"), [True, False, False]),
        (Matcher(path=r"batchUpdate\Z"), [False, True, True]),
        (Matcher(kind="write"), [False, True, True]),
        (Matcher(request="insertDimension"), [False, True, False]),
        (Matcher(kind="read", request="insertDimension"), [False, False, False]),
        (Matcher(spreadsheet_id="another"), [False, False, False]),
        (Matcher(account="robot@sheets-emulator.iam.gserviceaccount.com"), [True, True, True]),
        (Matcher(account="owner@example.com"), [False, False, False]),
    ],
)
def test_a_matcher_means_the_calls_for_which_all_holds(client: Client, matcher: Matcher, meant: list[bool]) -> None:
    client.emulator.faults.add("status", matcher, times=3, status=500)
    answers = [client.send("GET", ""), client.batch(ROWS, OTHERS), client.batch(OTHERS)]
    assert [answer.status == 500 for answer in answers] == meant


def test_a_matcher_means_one_file(client: Client) -> None:
    other = Client(client.emulator, client.emulator.create_spreadsheet("Other"))
    client.emulator.faults.add("status", {"spreadsheetId": other.id, "kind": "write"}, times=9)
    assert (insert(client).status, other.batch(ROWS).status, other.send("GET", "").status) == (200, 503, 200)


def test_a_word_in_a_cell_is_no_request(client: Client) -> None:
    client.emulator.faults.add("status", Matcher(request="insertDimension"))
    assert client.batch(write(0, 0, ['{"insertDimension": {}}', "insertDimension"])).status == 200


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        ({"kind": "explode"}, "unknown fault 'explode'; give one of status"),
        ({"kind": "status", "status": 418}, "status: 418 is not possible; give one of 400, 401"),
        ({"kind": "status", "seconds": 1}, "seconds: 1 is not possible; leave it out"),
        ({"kind": "drop", "after": -1}, "after: -1 is not possible; give a whole number from 0"),
        ({"kind": "drop", "times": "all"}, "times: 'all' is not possible; give a whole number from 1"),
        ({"kind": "drop", "match": 7}, "match: 7 is not possible; give a part of the path"),
        ({"kind": "drop", "match": {"kind": "reads"}}, "match.kind: 'reads' is not possible; give one of read, write"),
        ({"kind": "drop", "match": {"request": "sort"}}, "match.request: 'sort' is not possible"),
        ({"kind": "drop", "match": {"path": "("}}, "match.path: '\\(' is not possible; give a regular expression"),
        ({"kind": "drop", "match": {"file": "x"}}, "file: 'x' is not possible; leave it out; known here: account"),
        ({"kind": "late", "calls": 0}, "calls: 0 is not possible; give a whole number from 1"),
        ({"kind": "slow", "seconds": float("nan")}, "seconds: nan is not possible; give a number from 0"),
        ({"kind": "before"}, "call: None is not possible; give a function"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_by_name(client: Client, plan: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        client.emulator.faults.add(**plan)


# -- the plan


def test_the_plan_tells_what_was_met_and_what_is_left(client: Client) -> None:
    faults = client.emulator.faults
    first = faults.add("status", Matcher(kind="write"), times=3, status=500)
    faults.add("drop", "no such path", after=2)
    insert(client)
    assert [fault.shown() for fault in faults.planned()] == [
        {"id": first.id, "kind": "status", "match": {"kind": "write"}, "after": 0, "left": 2, "met": 1}
        | {"status": 500, "applied": False, "metric": None, "per": "user"},
        {"id": first.id + 1, "kind": "drop", "match": "no such path", "after": 2, "left": 1, "met": 0},
    ]


def test_a_fault_that_has_done_its_work_is_still_listed(client: Client) -> None:
    client.emulator.faults.add("status")
    insert(client)
    assert [(fault.met, fault.times) for fault in client.emulator.faults.planned()] == [(1, 0)]


def test_one_fault_is_removed_and_the_others_stay(client: Client) -> None:
    faults = client.emulator.faults
    gone, kept = faults.add("status", status=500), faults.add("status", status=503)
    assert faults.remove(gone.id) is gone
    assert faults.planned() == [kept]
    assert insert(client).status == 503
    with pytest.raises(KeyError):
        faults.remove(gone.id)


def test_a_held_call_goes_on_when_its_fault_is_removed(client: Client) -> None:
    hold = client.emulator.faults.add("hold")
    held = threading.Thread(target=insert, args=(client,))
    held.start()
    assert client.emulator.faults.wait_reached(hold)
    client.emulator.faults.remove(hold.id)
    held.join(10)
    assert rows(client) == 11


def test_a_late_call_is_dropped_when_its_fault_is_removed(client: Client) -> None:
    late = client.emulator.faults.add("late")
    with pytest.raises(ConnectionError):
        insert(client)
    client.emulator.faults.remove(late.id)
    client.emulator.faults.release()
    assert rows(client) == 10


def test_without_faults_a_call_costs_microseconds(client: Client) -> None:
    request = Request(method="GET", path=f"/v4/spreadsheets/{client.id}")
    arrive = client.emulator.faults.arrive
    assert min(timeit.repeat(lambda: arrive(request), number=1_000, repeat=5)) < 0.01


# -- tokens


def call(emulator: Emulator, path: str, token: str) -> int:
    return emulator.handle(Request(method="GET", path=path, headers={"Authorization": f"Bearer {token}"})).status


def test_a_token_expires_at_a_chosen_call_for_good(client: Client) -> None:
    path = f"/v4/spreadsheets/{client.id}"
    client.emulator.faults.add("expire_token", Matcher(kind="read"), after=1)
    assert [call(client.emulator, path, "ya29.a") for _ in range(3)] == [200, 401, 401]
    assert call(client.emulator, path, "ya29.b") == 200


@pytest.mark.parametrize(("kind", "renewed"), [("expire_token", 200), ("revoke_grant", 400)])
def test_an_expired_token_can_be_renewed_and_a_revoked_grant_cannot(client: Client, kind: str, renewed: int) -> None:
    form = b"grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=1//x"
    refresh = Request(method="POST", path="/token", body=form)
    token = client.emulator.handle(refresh).json()["access_token"]
    client.emulator.faults.add(kind, Matcher(kind="read"))
    assert call(client.emulator, f"/v4/spreadsheets/{client.id}", token) == 401
    assert client.emulator.handle(refresh).status == renewed
