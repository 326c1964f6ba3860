"""A call that is refused, at whatever place, leaves the whole state as it was, to the last detail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sheetsync.emulator import Request
from sheetsync.emulator.batch import kinds as batch
from tests.emulator.dump import dump, dump_all
from tests.emulator.examples import EXAMPLES, IN_ONE_BATCH, area, furnished
from tests.emulator.support import TOKEN, Client, line, marker, write

BAD = {"deleteSheet": {"sheetId": 77}}
#: A shuffle may be none.
WITHOUT_TRACE = {"randomizeRange"}


@pytest.fixture
def shop(client: Client) -> Client:
    return furnished(client)


def test_every_request_kind_has_an_example() -> None:
    assert EXAMPLES.keys() == batch.KINDS.keys()
    assert sorted(IN_ONE_BATCH) == sorted(EXAMPLES)


@pytest.mark.parametrize("kind", sorted(EXAMPLES.keys() - WITHOUT_TRACE))
def test_the_example_of_a_kind_changes_something(shop: Client, kind: str) -> None:
    before = _contents(shop)
    shop.ok({kind: EXAMPLES[kind]})
    assert _contents(shop) != before


def _contents(shop: Client) -> Any:
    """The spreadsheet without what every call changes."""
    state = vars(shop.emulator.spreadsheet(shop.id)).items()
    return dump({name: value for name, value in state if name not in ("modified", "writes", "epoch")})


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_what_a_kind_did_is_undone_when_the_next_request_is_refused(shop: Client, kind: str) -> None:
    before = dump_all(shop.emulator)
    assert "requests[1].deleteSheet" in shop.refusal({kind: EXAMPLES[kind]}, BAD)
    assert dump_all(shop.emulator) == before


def test_a_batch_of_all_kinds_is_undone_when_its_last_request_is_refused(shop: Client) -> None:
    before = dump_all(shop.emulator)
    requests = [{kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH]
    assert f"requests[{len(requests)}].deleteSheet" in shop.refusal(*requests, BAD)
    assert dump_all(shop.emulator) == before
    assert len(shop.ok(*requests)) == len(requests)


@pytest.mark.parametrize("position", range(0, len(IN_ONE_BATCH), 7))
def test_a_defect_in_the_middle_of_a_batch_leaves_nothing(
    shop: Client, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    def defective(*_: object) -> None:
        raise ZeroDivisionError

    before = dump_all(shop.emulator)
    requests = [{kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH]
    monkeypatch.setitem(batch.KINDS, IN_ONE_BATCH[position], defective)
    with pytest.raises(ZeroDivisionError):
        shop.batch(*requests)
    assert dump_all(shop.emulator) == before


def test_a_batch_whose_answer_cannot_be_given_is_undone(shop: Client) -> None:
    before = dump_all(shop.emulator)
    asked = {"includeSpreadsheetInResponse": True, "responseRanges": ["Nowhere!A1"]}
    requests = [{kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH]
    assert shop.send("POST", ":batchUpdate", {"requests": requests, **asked}).status == 400
    assert dump_all(shop.emulator) == before


def test_after_a_refused_batch_the_next_one_can_be_refused_too(shop: Client) -> None:
    shop.refusal(write(0, 0, ["refused"]), BAD)
    shop.ok(write(0, 0, ["kept"]))
    before = dump_all(shop.emulator)
    shop.refusal(write(0, 0, ["refused"]), BAD)
    assert dump_all(shop.emulator) == before
    assert shop.sheet.cell(0, 0) == "kept"


#: values:batchUpdate is refused at its last range: outside of the grid, too wide, of no tab, not a number, no list.
BAD_DATA = {
    "outside": {"range": "Orders!A99", "values": [["x"]]},
    "too wide": {"range": "Orders!A1:B1", "values": [["x", "y", "z"]]},
    "no tab": {"range": "Nowhere!A1", "values": [["x"]]},
    "too long": {"range": "Orders!A1", "values": [["x" * 50_001]]},
    "too large": {"range": "Orders!A1", "values": [[10**400]]},
    "no list": {"range": "Orders!A1", "values": "x"},
}


@pytest.mark.parametrize("why", BAD_DATA)
def test_values_batch_update_writes_all_its_ranges_or_none(shop: Client, why: str) -> None:
    before = dump_all(shop.emulator)
    good = [{"range": f"Orders!A{row}", "values": [["=1+1", "1-2", None]]} for row in range(1, 6)]
    body = {"valueInputOption": "USER_ENTERED", "data": [*good, BAD_DATA[why]]}
    assert shop.send("POST", "/values:batchUpdate", body).status == 400
    assert dump_all(shop.emulator) == before


def test_a_protected_cell_refuses_a_whole_batch_clear(shop: Client) -> None:
    emulator = shop.emulator
    emulator.person.do(shop.id, {"addProtectedRange": {"protectedRange": {"range": area(4, 0, 5, 1)}}})
    before = dump_all(emulator)
    reply = shop.send("POST", "/values:batchClear", {"ranges": ["Orders!A1:C3", "Orders!A5"]})
    assert (reply.status, "protected" in reply.json()["error"]["message"]) == (400, True)
    assert dump_all(emulator) == before


@pytest.mark.parametrize("insert", ["INSERT_ROWS", "OVERWRITE"])
def test_an_append_that_is_refused_has_not_grown_the_grid(shop: Client, insert: str) -> None:
    before = dump_all(shop.emulator)
    query = {"valueInputOption": "RAW", "insertDataOption": insert}
    body = {"values": [["new"] * 9, ["x" * 50_001]]}
    assert shop.send("POST", "/values/Orders!A1:append", body, **query).status == 400
    assert dump_all(shop.emulator) == before


#: spreadsheets.create is refused at its last tab.
BAD_TABS = {
    "taken title": {"properties": {"title": "First"}},
    "no title": {"properties": {"title": ""}},
    "taken id": {"properties": {"sheetId": 3}},
    "data outside": {"properties": {"title": "x"}, "data": [{"startRow": 5000, "rowData": [{"values": [{}]}]}]},
    "too many cells": {"properties": {"gridProperties": {"rowCount": 10_000_000, "columnCount": 2}}},
}


@pytest.mark.parametrize("why", BAD_TABS)
def test_a_spreadsheet_with_a_bad_tab_is_not_made(client: Client, why: str) -> None:
    before = dump_all(client.emulator)
    tabs = [{"properties": {"title": "First", "sheetId": 3}}, BAD_TABS[why]]
    body = json.dumps({"sheets": tabs}).encode()
    request = Request(method="POST", path="/v4/spreadsheets", headers=TOKEN, body=body)
    assert client.emulator.handle(request).status == 400
    assert dump_all(client.emulator) == before


def test_a_tab_that_finds_no_room_leaves_the_file_it_was_to_join_as_it_was(shop: Client) -> None:
    target = Client(shop.emulator, shop.emulator.create_spreadsheet("Full", rows=384_615, columns=26))
    before = repr(dump(vars(shop.emulator.spreadsheet(target.id)) | {"sheets": []}))
    reply = shop.send("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": target.id})
    assert (reply.status, "above the limit" in reply.json()["error"]["message"]) == (400, True)
    assert repr(dump(vars(shop.emulator.spreadsheet(target.id)) | {"sheets": []})) == before


def test_no_way_leads_to_more_than_two_hundred_tabs(client: Client) -> None:
    tabs = [{"addSheet": {"properties": {"gridProperties": {"rowCount": 1, "columnCount": 1}}}}] * 199
    client.ok(*tabs)
    assert "more than 200 sheets" in client.refusal(tabs[0])
    assert "more than 200 sheets" in client.refusal({"duplicateSheet": {"sourceSheetId": 0}})
    reply = client.send("POST", "/sheets/0:copyTo", {"destinationSpreadsheetId": client.id})
    assert (reply.status, "more than 200 sheets" in reply.json()["error"]["message"]) == (400, True)


def test_a_copied_file_and_its_original_share_nothing_that_changes(shop: Client) -> None:
    emulator = shop.emulator
    path = f"/drive/v3/files/{shop.id}/copy"
    made = emulator.handle(Request(method="POST", path=path, headers=TOKEN, body=b"{}"))
    twin = Client(emulator, made.json()["id"])
    for one, other in ((shop, twin), (twin, shop)):
        before = _contents(other)
        one.ok(*({kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH))
        one.refusal(write(0, 0, ["refused"]), BAD)
        assert _contents(other) == before


def test_a_dump_tells_any_two_states_apart(client: Client) -> None:
    seen = [dump_all(client.emulator)]
    steps = [
        write(0, 0, [1]),
        write(0, 0, [1.5]),
        write(0, 0, [True]),
        write(0, 0, ["1"]),
        {"updateDimensionProperties": {"range": line("ROWS", 1), "properties": {"pixelSize": 5}, "fields": "*"}},
        marker(1, {"dimensionRange": line("ROWS", 3)}),
        {"moveDimension": {"source": line("ROWS", 3), "destinationIndex": 0}},
    ]
    for step in steps:
        client.ok(step)
        seen.append(dump_all(client.emulator))
    assert len({repr(each) for each in seen}) == len(seen)
