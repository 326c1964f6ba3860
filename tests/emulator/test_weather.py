"""The weather: faults and people by chance, alike for the same seed, and a report of what they did."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Matcher, Request
from sheetsync.emulator.misbehaviour.weather import FAULT_RATES, PERSON_RATES, RATES, STORM
from tests.emulator.support import TOKEN, Client, line, write

APPEND = {"appendDimension": {"dimension": "ROWS", "length": 1}}


def a_client() -> Client:
    emulator = Emulator()
    client = Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders"))
    client.ok(write(0, 0, ["key", "name", "sum"], ["1", "pear", 3], ["2", "apple", 1], ["3", "fig", 2]))
    return client


def lived(client: Client, calls: int = 300) -> list[int]:
    """The statuses of so many calls, a write and a read in turn; 0 where there was no reply."""
    statuses = []
    for number in range(calls):
        status = 0
        with suppress(ConnectionError):
            status = (client.send("GET", "") if number % 2 else client.batch(APPEND)).status
        statuses.append(status)
    return statuses


QUICK = {name: rate for name, rate in STORM.items() if name not in ("slow", "expire_token")}


def test_the_same_seed_is_the_same_weather_for_the_same_calls() -> None:
    first, second = a_client(), a_client()
    storms = [client.emulator.weather(7, QUICK, Matcher(kind="write")) for client in (first, second)]
    assert lived(first) == lived(second)
    assert [(each.number, each.what) for each in storms[0].happened] == [
        (each.number, each.what) for each in storms[1].happened
    ]
    acts = [[(act.what, act.arguments) for act in client.emulator.person.acts] for client in (first, second)]
    assert acts[0] == acts[1] != []


def test_another_seed_is_another_weather() -> None:
    storms = [a_client().emulator.weather(seed, {"503": 0.3}) for seed in (1, 2)]
    struck = [[bool(storm.meet(Request(method="GET", path="/v4/x"))) for _ in range(200)] for storm in storms]
    assert struck[0] != struck[1]


@pytest.mark.parametrize("what", RATES)
def test_every_kind_strikes_about_as_often_as_its_rate_says(what: str) -> None:
    weather = a_client().emulator.weather(3, {what: 0.25})
    struck = sum(len(weather.meet(Request(method="GET", path="/v4/spreadsheets/x"))) for _ in range(4_000))
    assert struck == pytest.approx(1_000, rel=0.1)
    assert {each.what for each in weather.happened} == {what}


def test_a_rate_does_not_move_what_the_other_rates_do() -> None:
    """The persons come at the same calls, whether or not the network is bad."""
    moments = []
    for network in (0.0, 0.5):
        client = a_client()
        weather = client.emulator.weather(5, {"drop": network, "person before": 0.2}, acts=["type_note"])
        lived(client, 100)
        moments.append([each.number for each in weather.happened if each.what == "person before"])
    assert moments[0] == moments[1] != []


def test_a_call_meets_one_fault_at_most(client: Client) -> None:
    weather = client.emulator.weather(1, {name: 1 / len(FAULT_RATES) for name in FAULT_RATES})
    met = [weather.meet(Request(method="GET", path="/v4/spreadsheets/x")) for _ in range(500)]
    assert {len(each) for each in met} == {1}


def test_the_weather_does_what_it_reports() -> None:
    client = a_client()
    weather = client.emulator.weather(1, {"503": 0.2, "503 applied": 0.2, "drop": 0.2, "lose_reply": 0.2})
    statuses = lived(client, 200)
    met = {each.number: each.what for each in weather.happened}
    for number, status in enumerate(statuses, start=1):
        assert status == {"503": 503, "503 applied": 503, "drop": 0, "lose_reply": 0, "": 200}[met.get(number, "")]
    unapplied = sum(what in ("503", "drop") for number, what in met.items() if number % 2)
    assert client.sheet.row_count == 10 + 100 - unapplied


def test_it_only_blows_where_it_is_meant_to(client: Client) -> None:
    weather = client.emulator.weather(1, {"500": 1}, Matcher(kind="write"))
    assert [client.send("GET", "").status, client.batch(APPEND).status] == [200, 500]
    assert [(each.number, each.method, each.what) for each in weather.happened] == [(1, "POST", "500")]


def test_it_stops_when_it_is_told_and_says_what_it_did(client: Client) -> None:
    with client.emulator.weather(1, {"500": 1}) as weather:
        assert client.batch(APPEND).status == 500
    assert client.batch(APPEND).status == 200
    assert [each.what for each in weather.stop()] == ["500"]


def test_clearing_the_faults_ends_the_weather(client: Client) -> None:
    weather = client.emulator.weather(1, {"500": 1})
    client.emulator.faults.clear()
    assert client.batch(APPEND).status == 200
    assert weather.stopped


def test_a_new_weather_follows_the_old(client: Client) -> None:
    old = client.emulator.weather(1, {"500": 1})
    client.emulator.weather(1, {"503": 1})
    assert (client.batch(APPEND).status, old.stopped, old.happened) == (503, True, [])


def test_persons_act_in_the_file_that_the_call_is_about_and_are_reported() -> None:
    client = a_client()
    other = client.emulator.create_spreadsheet("Other")
    weather = client.emulator.weather(1, {"person after": 1}, acts=["type_note"])
    client.batch(APPEND)
    ((act,),) = [each.detail["acts"] for each in weather.happened]
    assert (act.what, act.spreadsheet_id, act.refused) == ("type_note", client.id, "")
    assert client.sheet.notes and not client.emulator.spreadsheet(other).sheets[0].notes


@pytest.mark.parametrize("network", ["drop", "lose_reply", "late", "503"])
@pytest.mark.parametrize("moment", ["person before", "person after"])
def test_persons_act_whatever_becomes_of_the_call(network: str, moment: str) -> None:
    client = a_client()
    client.emulator.weather(1, {network: 1, moment: 1}, acts=["type_note"])
    lived(client, 10)
    assert len(client.emulator.person.acts) == 10


def test_persons_leave_calls_alone_that_are_about_no_file(client: Client) -> None:
    weather = client.emulator.weather(1, {"person before": 1})
    request = Request(method="GET", path="/drive/v3/files", headers=TOKEN)
    assert client.emulator.handle(request).status == 200
    assert client.batch({"deleteDimension": {"range": line("ROWS", 0)}}).status in (200, 400)
    assert [bool(each.detail) for each in weather.happened] == [False, True]


def test_a_late_call_lands_before_a_later_one_of_the_storm() -> None:
    client = a_client()
    weather = client.emulator.weather(4, {"late": 0.5}, Matcher(kind="write"))
    statuses = lived(client, 40)
    late = [each for each in weather.happened if each.what == "late"]
    client.emulator.faults.release()
    assert statuses.count(0) == len(late) > 3
    assert client.sheet.row_count == 10 + 20


@pytest.mark.parametrize(
    ("rates", "refusal"),
    [
        ({"rain": 0.1}, "rain: 0.1 is not possible; leave it out; known here: 429, 500"),
        ({"503": 2}, "503: 2 is not possible; give a number from 0 to 1"),
        ({"503": 0.6, "drop": 0.6}, "rates: '1.2 in all' is not possible; let these add up to 1 at most: 429"),
        ({"person before": 0.6, "person after": 0.6}, "let these add up to 1 at most: person before, person after"),
        ([], "rates: \\[\\] is not possible; give an object"),
    ],
)
def test_rates_that_cannot_be_are_refused(client: Client, rates: Any, refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        client.emulator.weather(1, rates)


def test_an_act_that_nobody_knows_is_refused_before_the_storm(client: Client) -> None:
    with pytest.raises(ValueError, match="acts: 'dance' is not possible; give some of sort, sort_selection"):
        client.emulator.weather(1, acts=["sort", "dance"])
    assert client.emulator.faults.weather is None


def test_all_rates_are_in_the_storm() -> None:
    assert set(STORM) == set(RATES) == {*FAULT_RATES, *PERSON_RATES}
