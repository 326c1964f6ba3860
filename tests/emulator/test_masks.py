"""Field masks in queries and updates."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.emulator import ApiError
from sheetsync.emulator.api import masks
from tests.emulator.support import Client

WHOLE = {"a": {"b": 1, "c": [{"d": 2, "e": 3}, {"e": 4}]}, "f": 5}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a.b", {"a": {"b": 1}}),
        ("a/b", {"a": {"b": 1}}),
        ("a(b,c(d))", {"a": {"b": 1, "c": [{"d": 2}, {}]}}),
        ("a.c.e,f", {"a": {"c": [{"e": 3}, {"e": 4}]}, "f": 5}),
        ("f, a.b", {"a": {"b": 1}, "f": 5}),
        ("a.b,a.c.d", {"a": {"b": 1, "c": [{"d": 2}, {}]}}),
        ("a,a.b", {"a": WHOLE["a"]}),
        ("a.b,a", {"a": WHOLE["a"]}),
        ("a.*", {"a": WHOLE["a"]}),
        ("*", WHOLE),
        ("nothing", {}),
    ],
)
def test_a_mask_selects(text: str, part: Any) -> None:
    assert masks.apply(masks.parse(text), WHOLE) == part


@pytest.mark.parametrize("text", ["a(b", "a)b", "a..b", "a b-c", ",", "a,", "()"])
def test_a_malformed_mask_is_refused(text: str) -> None:
    with pytest.raises(ApiError):
        masks.parse(text)


def test_a_mask_that_names_no_field_of_the_reply_is_refused(client: Client) -> None:
    response = client.send("GET", "", fields="sheets.proprties")
    assert response.status == 400
    (violation,) = response.json()["error"]["details"][0]["fieldViolations"]
    assert violation["field"] == "sheets.proprties"


def test_a_named_field_that_is_absent_is_reset(client: Client) -> None:
    style = {"numberFormat": {"type": "DATE", "pattern": "yyyy"}, "textFormat": {"bold": True}}
    request = {"range": {"endRowIndex": 2, "endColumnIndex": 1}, "cell": {"userEnteredFormat": style}}
    client.ok({"repeatCell": {**request, "fields": "userEnteredFormat"}})
    client.ok({"repeatCell": {**request, "cell": {}, "fields": "userEnteredFormat.numberFormat"}})
    assert client.sheet.format_of(1, 0) == {"textFormat": {"bold": True}}


def test_a_column_format_covers_rows_that_come_later_and_costs_no_rows(client: Client) -> None:
    style = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0.00"}}}
    area = {"startRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 3}
    client.ok({"repeatCell": {"range": area, "cell": style, "fields": "userEnteredFormat.numberFormat"}})
    client.put("Orders!C1:C2", [[1], [2]])
    assert client.read("Orders!C1:C2")["values"] == [["1"], ["2.00"]]
    assert sum(row is not None for row in client.sheet.rows) == 2


def test_an_update_needs_a_mask(client: Client) -> None:
    assert "At least one field" in client.refusal({"updateCells": {"rows": []}})


def test_an_update_mask_with_an_unknown_field_is_refused(client: Client) -> None:
    assert "Invalid field: valeu" in client.refusal({"updateCells": {"rows": [], "fields": "valeu"}})


def test_a_range_clears_the_masked_fields_that_its_rows_do_not_cover(orders: Client) -> None:
    area = {"startRowIndex": 1, "endRowIndex": 4, "endColumnIndex": 2}
    rows = [{"values": [{"userEnteredValue": {"stringValue": "new"}}]}]
    orders.ok({"updateCells": {"range": area, "rows": rows, "fields": "userEnteredValue"}})
    assert orders.sheet.values()[1:] == [["new", None, 3], [None, None, 1], [None, None, 2]]


def test_rows_wider_than_the_range_are_refused(orders: Client) -> None:
    rows: list[Any] = [{"values": [{}, {}, {}]}]
    message = orders.refusal({"updateCells": {"range": {"endColumnIndex": 2}, "rows": rows, "fields": "note"}})
    assert "Attempting to write column: 2, beyond the last requested column of: 1" in message


def colours(client: Client, fields: str, **style: Any) -> Any:
    """The format of A2 after a repeatCell over it."""
    area = {"startRowIndex": 1, "endRowIndex": 2, "endColumnIndex": 2}
    client.ok({"repeatCell": {"range": area, "cell": {"userEnteredFormat": style}, "fields": fields}})
    return client.sheet.format_of(1, 0)


def test_a_colour_is_kept_in_both_forms_as_recorded(client: Client) -> None:
    text = {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True}
    fields = "userEnteredFormat(backgroundColor,textFormat)"
    cyan, yellow = {"green": 1, "blue": 1}, {"red": 1, "green": 1}
    assert colours(client, fields, backgroundColor=cyan, textFormat=text) == {
        "backgroundColor": cyan,
        "backgroundColorStyle": {"rgbColor": cyan},
        "textFormat": {**text, "foregroundColorStyle": {"rgbColor": yellow}},
    }


@pytest.mark.parametrize("field", ["backgroundColor", "backgroundColorStyle"])
def test_naming_one_form_of_a_colour_changes_both(client: Client, field: str) -> None:
    red = {"red": 1}
    value = {"rgbColor": red} if field.endswith("Style") else red
    both = {"backgroundColor": red, "backgroundColorStyle": {"rgbColor": red}}
    colours(client, "userEnteredFormat.backgroundColor", backgroundColor={"blue": 1})
    assert colours(client, f"userEnteredFormat.{field}", **{field: value}) == both
    assert colours(client, f"userEnteredFormat.{field}") is None
