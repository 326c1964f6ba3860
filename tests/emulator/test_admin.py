"""`/_emulator/…`: every misbehaviour over HTTP, and refusals that say what to mend."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sheetsync.emulator import Emulator, Request, Response
from sheetsync.emulator.admin import endpoint as admin
from sheetsync.emulator.admin.misbehaviour import SWITCHES
from sheetsync.emulator.admin.person import READERS
from sheetsync.emulator.misbehaviour.fault_kinds import KINDS
from sheetsync.emulator.misbehaviour.weather import RATES, STORM
from sheetsync.emulator.people.acts import ACTS
from sheetsync.emulator.people.chance import CHANCES
from tests.emulator.support import Client, write

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
INSERT = {"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}}}
APPEND = {"appendDimension": {"dimension": "ROWS", "length": 1}}


def send(emulator: Emulator, method: str, name: str, body: Any = None) -> Response:
    data = b"" if body is None else json.dumps(body).encode()
    return admin.answer(emulator, Request(method=method, path=f"/_emulator/{name}", body=data))


@pytest.fixture
def ask(emulator: Emulator) -> Callable[..., Json]:
    """A switch that must work; its reply."""

    def asked(method: str, name: str, body: Any = None) -> Json:
        response = send(emulator, method, name, body)
        assert response.status == 200, response.body
        return dict(response.json())

    return asked


# -- faults


def test_a_fault_is_planned_listed_met_and_removed(ask: Callable[..., Json], client: Client) -> None:
    match = {"kind": "write", "request": "insertDimension", "spreadsheetId": client.id}
    planned = ask("POST", "faults", {"kind": "status", "status": 500, "match": match, "times": 2})
    other = ask("POST", "faults", {"kind": "drop", "match": "/never"})
    assert (client.batch(APPEND).status, client.batch(INSERT).status) == (200, 500)
    (listed, _) = ask("GET", "faults")["faults"]
    assert listed == {"id": planned["id"], "kind": "status", "match": match, "after": 0, "left": 1, "met": 1} | {
        "status": 500,
        "applied": False,
        "metric": None,
        "per": "user",
    }
    assert ask("DELETE", f"faults/{planned['id']}")["met"] == 1
    assert client.batch(INSERT).status == 200
    assert [fault["id"] for fault in ask("GET", "faults")["faults"]] == [other["id"]]


def test_all_faults_are_cleared(ask: Callable[..., Json], client: Client) -> None:
    ask("POST", "faults", {"kind": "status"})
    ask("DELETE", "faults")
    assert ask("GET", "faults") == {"faults": []}
    assert client.batch(INSERT).status == 200


@pytest.mark.parametrize("kind", ["expire_token", "revoke_grant"])
def test_tokens_end_at_a_planned_call(ask: Callable[..., Json], client: Client, kind: str) -> None:
    ask("POST", "faults", {"kind": kind, "match": {"kind": "read"}})
    assert (client.batch(INSERT).status, client.send("GET", "").status) == (200, 401)
    assert client.batch(INSERT).status == 401


def test_a_person_acts_at_a_planned_call(ask: Callable[..., Json], orders: Client) -> None:
    act = {"act": "sort", "spreadsheetId": orders.id, "column": 2}
    ask("POST", "faults", {"kind": "before", "person": act})
    orders.ok(write(1, 1, ["meant for pear"]))
    assert orders.sheet.values()[1] == ["2", "meant for pear", 1]


def test_raw_requests_of_a_person_are_applied_at_a_planned_call(ask: Callable[..., Json], client: Client) -> None:
    ask("POST", "faults", {"kind": "after", "spreadsheetId": client.id, "requests": [INSERT]})
    client.ok(APPEND)
    assert client.sheet.row_count == 12


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        ({"act": "delete_rows", "at": 99}, "Cannot delete a row that doesn't exist"),
        ({"act": "sort", "column": 1, "tab": "Gone"}, "there is no tab 'Gone'"),
        ({"requests": [{"deleteSheet": {"sheetId": 7}}]}, "No grid with id: 7"),
    ],
)
def test_what_a_planned_person_is_refused_is_on_the_record(
    ask: Callable[..., Json], client: Client, act: Json, refusal: str
) -> None:
    """The call itself goes on: nobody was there to stop it."""
    ask("POST", "faults", {"kind": "before", "person": {"spreadsheetId": client.id, **act}})
    client.ok(APPEND)
    (done,) = ask("GET", "person")["acts"]
    assert refusal in done["refused"]


def test_a_person_can_act_apart_from_a_call_that_gets_no_reply(ask: Callable[..., Json], client: Client) -> None:
    ask("POST", "faults", {"kind": "after", "apart": True, "spreadsheetId": client.id, "requests": [INSERT]})
    ask("POST", "faults", {"kind": "drop"})
    with pytest.raises(ConnectionError):
        client.batch(APPEND)
    assert client.sheet.row_count == 11


# -- persons


def test_every_act_can_be_asked_for() -> None:
    taken = {parameter.annotation for signature in ACTS.values() for parameter in signature.parameters.values()}
    assert taken <= set(READERS)
    assert {"sort", "filter", "clear_filter", "hide_rows", "hide_columns", "insert_rows", "delete_rows"} < set(ACTS)
    assert {"insert_column", "delete_column", "move_row", "move_column", "copy_row", "rename_tab"} < set(ACTS)
    assert {"type_text", "type_note", "undo"} < set(ACTS)


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ({"act": "sort", "column": 1, "descending": True}, [["1", "pear", 3], ["3", "fig", 2], ["2", "apple", 1]]),
        ({"act": "move_row", "source": 3, "to": 1}, [["3", "fig", 2], ["1", "pear", 3], ["2", "apple", 1]]),
        ({"act": "type_text", "row": 1, "column": 2, "value": "=1+1"}, [["1", "pear", 2]]),
        ({"act": "type_text", "row": 1, "column": 2, "value": None}, [["1", "pear"]]),
        ({"act": "copy_row", "source": 3, "target": 1}, [["3", "fig", 2], ["2", "apple", 1], ["3", "fig", 2]]),
    ],
)
def test_a_person_does_what_is_named(ask: Callable[..., Json], orders: Client, act: Json, values: list[Any]) -> None:
    reply = ask("POST", "person", {"spreadsheetId": orders.id, "tab": "Orders", **act})
    assert [done["what"] for done in reply["acts"]] == [act["act"]]
    assert orders.sheet.values()[1 : 1 + len(values)] == values


def test_a_person_does_raw_requests(ask: Callable[..., Json], client: Client) -> None:
    reply = ask("POST", "person", {"spreadsheetId": client.id, "requests": [INSERT, APPEND]})
    assert reply["replies"] == [{}, {}]
    assert client.sheet.row_count == 12


def test_a_person_acts_at_random_and_all_is_told(ask: Callable[..., Json], orders: Client) -> None:
    acts = ["type_note", "rename_tab"]
    asked = {"spreadsheetId": orders.id, "sheetId": 0, "act": "random", "seed": 5, "times": 20, "acts": acts}
    done = ask("POST", "person", asked)["acts"]
    assert (len(done), {act["what"] for act in done}) == (20, set(acts))
    assert ask("GET", "person")["acts"] == done


def test_a_person_takes_back(ask: Callable[..., Json], orders: Client) -> None:
    ask("POST", "person", {"spreadsheetId": orders.id, "act": "delete_rows", "at": 1})
    ask("POST", "person", {"spreadsheetId": orders.id, "act": "undo"})
    assert orders.sheet.values()[1] == ["1", "pear", 3]


# -- the weather, latency, quotas


def test_the_weather_begins_is_watched_and_ends(ask: Callable[..., Json], client: Client) -> None:
    assert ask("GET", "weather") == {"weather": None}
    begun = ask("POST", "weather", {"seed": 7, "rates": {"503": 1}, "match": {"kind": "write"}, "acts": ["sort"]})
    assert begun["weather"] == {"seed": 7, "rates": {"503": 1}, "stopped": False, "calls": 0, "happened": []}
    assert client.batch(APPEND).status == 503
    (met,) = ask("DELETE", "weather")["weather"]["happened"]
    assert (met["number"], met["what"], met["method"]) == (1, "503", "POST")
    assert client.batch(APPEND).status == 200
    assert ask("GET", "weather")["weather"]["stopped"]


def test_a_weather_of_a_seed_alone_is_the_storm(ask: Callable[..., Json]) -> None:
    assert ask("POST", "weather", {"seed": 1})["weather"]["rates"] == STORM


def test_the_weather_over_http_tells_what_persons_did(ask: Callable[..., Json], orders: Client) -> None:
    ask("POST", "weather", {"seed": 7, "rates": {"person before": 1}, "acts": ["type_note"]})
    orders.ok(APPEND)
    (met,) = ask("GET", "weather")["weather"]["happened"]
    assert [act["what"] for act in met["detail"]["acts"]] == ["type_note"]


def test_latency_is_set_and_ended(ask: Callable[..., Json], emulator: Emulator) -> None:
    given = {"call": 0.2, "byte_in": 0, "byte_out": 1e-6, "jitter": 0.1, "seed": 3}
    assert ask("POST", "latency", given) == {"latency": given} == ask("GET", "latency")
    assert ask("DELETE", "latency") == {"latency": None}
    assert emulator.latency is None


def test_quotas_are_set_used_and_ended(ask: Callable[..., Json], client: Client) -> None:
    googles = {"user_reads": 60, "user_writes": 60, "project_reads": 300, "project_writes": 300}
    assert ask("POST", "quotas", {}) == {"quotas": googles, "used": []}
    ask("POST", "quotas", {"user_writes": 1, "project_writes": None})
    assert [client.batch(APPEND).status for _ in range(2)] == [200, 429]
    found = ask("GET", "quotas")
    assert found["quotas"] == googles | {"user_writes": 1, "project_writes": None}
    assert [(each["user"] is None, each["kind"], each["calls"]) for each in found["used"]] == [
        (False, "write", 1),
        (True, "write", 1),
    ]
    assert ask("DELETE", "quotas")["quotas"] is None
    assert client.batch(APPEND).status == 200


# -- refusals


@pytest.mark.parametrize(
    ("method", "name", "body", "refusal"),
    [
        ("POST", "faults", {}, "kind: unknown fault None; give one of status, lose_reply"),
        ("POST", "faults", {"kind": ["status"]}, "kind: unknown fault ['status']"),
        ("POST", "faults", {"kind": "status", "self": 1}, "self: 1 is not possible; leave it out; known here"),
        ("POST", "faults", {"kind": "slow", "seconds": "3"}, "seconds: '3' is not possible; give a number from 0"),
        ("POST", "faults", {"kind": "drop", "match": {"account": 3}}, "account: 3 is not possible; give a text"),
        ("POST", "faults", {"kind": "before"}, "spreadsheetId: None is not possible; give a text"),
        ("POST", "faults", {"kind": "after", "person": {}, "name": 1}, "name: 1 is not possible; leave it out"),
        ("DELETE", "faults/77", None, "id: '77' is not possible; give the id of a planned fault: none is planned"),
        ("DELETE", "faults/x", None, "id: 'x' is not possible"),
        ("POST", "release", {"name": 1}, "name: 1 is not possible; give a text"),
        ("POST", "weather", {}, "seed: None is not possible; give a whole number from 0"),
        ("POST", "weather", {"seed": 1, "rates": {"503": "much"}}, "503: 'much' is not possible; give a number"),
        ("POST", "weather", {"seed": 1, "acts": ["dance"]}, "acts: 'dance' is not possible; give some of sort"),
        (
            "POST",
            "person",
            {"spreadsheetId": "x"},
            "requests: None is not possible; give a list of",
        ),
        ("POST", "person", {"spreadsheetId": "x", "act": "dance"}, "act: 'dance' is not possible; give one of random"),
        ("POST", "person", {"spreadsheetId": "x", "act": "sort"}, "column: None is not possible; give a whole number"),
        ("POST", "person", {"spreadsheetId": "x", "act": "undo"}, "spreadsheetId: 'x' is not possible; give the id of"),
        ("POST", "person", {"spreadsheetId": "x", "act": "random"}, "seed: None is not possible"),
        (
            "POST",
            "latency",
            {"calls": 1},
            "calls: 1 is not possible; leave it out; known here: byte_in",
        ),
        ("POST", "quotas", {"user_reads": -1}, "user_reads: -1 is not possible; give a whole number from 0"),
        ("POST", "spreadsheets", {"rows": 0}, "rows: 0 is not possible; give a whole number from 1"),
        ("POST", "spreadsheets", {"rows": 10**9}, "above the limit of 10000000 cells"),
        ("POST", "forbid", {}, "spreadsheetId: None is not possible; give a text"),
        ("POST", "revoke", {"revoked": "yes"}, "revoked: 'yes' is not possible; give true or false"),
    ],
)
def test_a_refusal_names_the_field_the_value_and_the_remedy(
    emulator: Emulator, method: str, name: str, body: Any, refusal: str
) -> None:
    response = send(emulator, method, name, body)
    assert response.status == 400
    assert refusal in response.json()["error"]["message"]


@pytest.mark.parametrize("act", [{"act": name} for name in (*ACTS, "random")])
@pytest.mark.parametrize("value", [None, -1, 10**30, "x", [], {}, True])
def test_no_argument_of_an_act_is_a_defect(client: Client, act: Json, value: Any) -> None:
    """All are refused or done; none is an exception that looks like a broken emulator."""
    names = ACTS[act["act"]].parameters if act["act"] in ACTS else ("seed", "acts", "times")
    body = {"spreadsheetId": client.id, **act, **dict.fromkeys(names, value)}
    assert send(client.emulator, "POST", "person", body).status in (200, 400)


def test_an_unknown_switch_is_told_which_are_known(emulator: Emulator) -> None:
    response = send(emulator, "POST", "explode")
    assert response.status == 404
    assert "POST /_emulator/explode is not known; known are POST faults" in response.json()["error"]["message"]


def test_a_huge_value_is_not_repeated_whole(emulator: Emulator) -> None:
    message = send(emulator, "POST", "latency", {"call": "x" * 100_000}).json()["error"]["message"]
    assert len(message) < 200


def test_it_all_works_over_http(client: Client) -> None:
    with client.emulator.serve() as server:
        body = json.dumps({"kind": "status", "status": 500}).encode()
        url = f"{server.url}/_emulator/faults"
        with urllib.request.urlopen(urllib.request.Request(url, data=body)) as reply:  # noqa: S310 (our own http address)
            planned = json.loads(reply.read())["id"]
        asked = urllib.request.Request(f"{url}/{planned}", method="DELETE")  # noqa: S310
        with urllib.request.urlopen(asked) as reply:  # noqa: S310
            assert json.loads(reply.read())["left"] == 1


# -- the command


@pytest.mark.parametrize(
    ("option", "refusal"),
    [
        ("--weather=rain=1", "rain: 1 is not possible; leave it out"),
        ("--weather=503", "--weather: '503' is not possible; give name=number pairs"),
        ("--latency=call=fast", "--latency call: 'fast' is not possible; give a number, or none"),
        ("--quotas=user_reads=-1", "user_reads: -1 is not possible"),
    ],
)
def test_the_command_refuses_what_cannot_be(option: str, refusal: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("sheets_emulator", "--port", "0", option)
    assert refusal in str(caught.value)


def test_the_command_begins_all_of_it(tmp_path: Path) -> None:
    options = ["--seed", "3", "--weather", "503=1", "--latency", "call=0.01", "--quotas", "user_writes=5"]
    command = [sys.executable, "manage.py", "sheets_emulator", "--port", "0", "--data", str(tmp_path), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        said = {}
        for name in ("weather", "latency", "quotas"):
            with urllib.request.urlopen(f"{url}/_emulator/{name}") as reply:  # noqa: S310 (our own http address)
                said[name] = json.loads(reply.read())[name]
        process.terminate()
        assert process.wait(30) == 0
    assert (said["weather"]["seed"], said["weather"]["rates"]) == (3, {"503": 1})
    assert (said["latency"]["call"], said["latency"]["seed"], said["quotas"]["user_writes"]) == (0.01, 3, 5)


@pytest.mark.parametrize("name", [*KINDS, *ACTS, *RATES, *(f"`{switch.rstrip('/')}" for switch in SWITCHES)])
def test_the_page_knows_every_kind_act_rate_and_switch(name: str) -> None:
    page = (ROOT / "docs" / "emulator.md").read_text()
    assert name.removesuffix(" applied") in page


def test_all_chances_are_acts_or_ways_of_doing_one() -> None:
    assert set(CHANCES) - set(ACTS) == {"sort_selection", "type_below"}
