"""Protected ranges: who may edit, what is refused, and what is shown."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line, shown, write

REFUSED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)
OWNER = "owner@example.com"


def by_owner(client: Client, *requests: Json) -> list[Json]:
    return client.emulator.person.do(client.id, *requests)


def protect(client: Client, **wanted: object) -> int:
    """Protected by the file's owner, so that the caller is no editor."""
    (reply,) = by_owner(client, {"addProtectedRange": {"protectedRange": wanted}})
    return int(reply["addProtectedRange"]["protectedRange"]["protectedRangeId"])


WRITES: list[Json] = [
    write(1, 0, ["x"]),
    {"repeatCell": {"range": area(1, 0, 2, 1), "cell": {"note": "n"}, "fields": "note"}},
    {"deleteDimension": {"range": line("ROWS", 1)}},
    {"deleteDimension": {"range": line("COLUMNS", 0)}},
    {"moveDimension": {"source": line("ROWS", 1), "destinationIndex": 4}},
    {"sortRange": {"range": area(1, 0, 4, 3), "sortSpecs": [{"dimensionIndex": 2}]}},
    {"mergeCells": {"range": area(1, 0, 2, 2)}},
    {"setDataValidation": {"range": area(1, 0, 2, 1), "rule": {"condition": {"type": "BOOLEAN"}}}},
    {"updateBorders": {"range": area(1, 0, 2, 1), "top": {"style": "SOLID"}}},
    {"copyPaste": {"source": area(2, 0, 3, 3), "destination": area(1, 0, 2, 3)}},
    {"cutPaste": {"source": area(1, 0, 2, 3), "destination": {"rowIndex": 7, "columnIndex": 0}}},
    {"cutPaste": {"source": area(2, 0, 3, 3), "destination": {"rowIndex": 1, "columnIndex": 0}}},
    {"pasteData": {"coordinate": {"rowIndex": 1, "columnIndex": 0}, "data": "a,b", "delimiter": ","}},
    {"insertRange": {"range": area(0, 0, 1, 1), "shiftDimension": "ROWS"}},
    {"deleteRange": {"range": area(0, 0, 1, 1), "shiftDimension": "ROWS"}},
    {"deleteDuplicates": {"range": area(0, 0, 4, 3)}},
    {"trimWhitespace": {"range": area(0, 0, 4, 3)}},
    {"textToColumns": {"source": area(0, 0, 4, 1), "delimiterType": "COMMA"}},
    {"randomizeRange": {"range": area(0, 0, 4, 3)}},
    {"findReplace": {"find": "1", "replacement": "2", "allSheets": True}},
    {"deleteSheet": {"sheetId": 0}},
    {"updateSheetProperties": {"properties": {"gridProperties": {"rowCount": 1}}, "fields": "gridProperties.rowCount"}},
]


@pytest.mark.parametrize("request_", WRITES, ids=lambda each: next(iter(each)))
def test_a_write_to_a_protected_cell_is_refused_with_400_and_googles_words(orders: Client, request_: Json) -> None:
    orders.ok({"addSheet": {"properties": {"sheetId": 5}}})
    protect(orders, range=area(1, 0, 2, 1))
    assert orders.refusal(request_) == f"Invalid requests[0].{next(iter(request_))}: {REFUSED}"


def test_a_write_beside_the_protected_cells_passes(orders: Client) -> None:
    protect(orders, range=area(1, 0, 2, 1))
    orders.ok(write(2, 0, ["x"]))


def test_a_protected_sheet_refuses_changes_of_its_grid_and_name(orders: Client) -> None:
    protect(orders, range={"sheetId": 0})
    for request in (
        {"insertDimension": {"range": line("ROWS", 1)}},
        {"appendDimension": {"dimension": "ROWS", "length": 1}},
        {"updateSheetProperties": {"properties": {"title": "x"}, "fields": "title"}},
    ):
        assert orders.refusal(request).endswith(REFUSED)


def test_the_unprotected_ranges_of_a_protected_sheet_may_be_written(orders: Client) -> None:
    protect(orders, range={"sheetId": 0}, unprotectedRanges=[area(1, 0, 3, 2), area(3, 0, 4, 3)])
    orders.ok(write(1, 0, ["a", "b"], ["c", "d"]), write(2, 0, ["e", "f"], ["g", "h"]))
    assert orders.refusal(write(2, 0, ["a", "b", "c"])).endswith(REFUSED)


def test_unprotected_ranges_need_a_protected_sheet(orders: Client) -> None:
    wanted = {"range": area(0, 0, 9, 3), "unprotectedRanges": [area(1, 0, 2, 1)]}
    message = orders.refusal({"addProtectedRange": {"protectedRange": wanted}})
    assert message.endswith("Unprotected ranges are only supported on protected sheets.")


def test_a_warning_refuses_nobody(orders: Client) -> None:
    protect(orders, range=area(1, 0, 2, 1), warningOnly=True)
    orders.ok(write(1, 0, ["x"]))


def test_the_reply_shows_no_editors_and_a_read_shows_them_all_as_recorded(orders: Client) -> None:
    wanted = {"range": area(0, 0, 2, 2), "description": None, "warningOnly": True, "editors": None}
    (reply,) = orders.ok({"addProtectedRange": {"protectedRange": wanted}})
    added = reply["addProtectedRange"]["protectedRange"]
    key = added["protectedRangeId"]
    base = {"protectedRangeId": key, "range": area(0, 0, 2, 2), "warningOnly": True, "requestingUserCanEdit": True}
    assert added == {**base, "editors": {}}
    (seen,) = shown(orders, "protectedRanges")
    assert seen == {**base, "editors": {"users": [OWNER, seen["editors"]["users"][1]]}}


def test_who_may_not_edit_sees_no_editors(orders: Client) -> None:
    key = protect(orders, range=area(1, 0, 2, 1), description="mine")
    assert shown(orders, "protectedRanges") == [
        {"protectedRangeId": key, "range": area(1, 0, 2, 1), "description": "mine"}
    ]


def test_an_update_changes_the_masked_fields_and_lets_an_editor_in(orders: Client) -> None:
    key = protect(orders, range=area(1, 0, 2, 1), description="mine")
    assert orders.refusal(write(1, 0, ["x"])).endswith(REFUSED)
    robot = orders.ok({"addProtectedRange": {"protectedRange": {"range": area(8, 0, 9, 1)}}})
    assert robot
    me = shown(orders, "protectedRanges")[1]["editors"]["users"][1]
    change = {"protectedRangeId": key, "editors": {"users": [me]}, "description": "ignored"}
    by_owner(orders, {"updateProtectedRange": {"protectedRange": change, "fields": "editors"}})
    orders.ok(write(1, 0, ["x"]))
    assert shown(orders, "protectedRanges")[0]["description"] == "mine"


def test_an_update_moves_the_protection(orders: Client) -> None:
    key = protect(orders, range=area(1, 0, 2, 1))
    change = {"protectedRangeId": key, "range": area(2, 0, 3, 1)}
    by_owner(orders, {"updateProtectedRange": {"protectedRange": change, "fields": "range"}})
    orders.ok(write(1, 0, ["x"]))
    assert orders.refusal(write(2, 0, ["x"])).endswith(REFUSED)


def test_only_an_editor_changes_or_lifts_a_protection(orders: Client) -> None:
    key = protect(orders, range=area(1, 0, 2, 1))
    change = {"protectedRange": {"protectedRangeId": key, "description": "x"}, "fields": "description"}
    assert orders.refusal({"updateProtectedRange": change}).endswith(REFUSED)
    assert orders.refusal({"deleteProtectedRange": {"protectedRangeId": key}}).endswith(REFUSED)
    by_owner(orders, {"deleteProtectedRange": {"protectedRangeId": key}})
    orders.ok(write(1, 0, ["x"]))


@pytest.mark.parametrize("kind", ["updateProtectedRange", "deleteProtectedRange"])
def test_an_unknown_protection_is_refused(orders: Client, kind: str) -> None:
    body: Json = {"protectedRangeId": 77}
    if kind == "updateProtectedRange":
        body = {"protectedRange": body, "fields": "description"}
    assert orders.refusal({kind: body}) == f"Invalid requests[0].{kind}: No protected range with id 77"


def test_a_protection_can_be_backed_by_a_named_range(orders: Client) -> None:
    named = {"namedRangeId": "n1", "name": "keys", "range": area(1, 0, 4, 1)}
    orders.ok({"addNamedRange": {"namedRange": named}})
    protect(orders, namedRangeId="n1")
    assert shown(orders, "protectedRanges")[0]["namedRangeId"] == "n1"
    assert orders.refusal(write(2, 0, ["x"])).endswith(REFUSED)


def test_a_protection_follows_its_cells(orders: Client) -> None:
    protect(orders, range=area(1, 0, 2, 1))
    orders.ok({"insertDimension": {"range": line("ROWS", 0)}}, write(1, 0, ["x"]))
    assert orders.refusal(write(2, 0, ["x"])).endswith(REFUSED)


def test_a_values_write_is_refused_with_the_prefix_of_its_range(orders: Client) -> None:
    protect(orders, range=area(1, 0, 2, 1))
    body = {"valueInputOption": "RAW", "data": [{"range": "Orders!A2", "values": [["x"]]}]}
    response = orders.send("POST", "/values:batchUpdate", body)
    assert (response.status, response.json()["error"]["message"]) == (400, f"Invalid data[0]: {REFUSED}")
