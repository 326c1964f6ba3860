"""Data validation: rules are kept, shown and carried, not enforced."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line

LIST: Json = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "y"}]}
BOX: Json = {"type": "BOOLEAN"}


def set_rule(client: Client, top: int, left: int, bottom: int, right: int, rule: Json | None) -> None:
    body = {"range": area(top, left, bottom, right), **({"rule": rule} if rule else {})}
    client.ok({"setDataValidation": body})


def rule_at(client: Client, cell: str) -> Json | None:
    fields = "sheets.data.rowData.values.dataValidation"
    data = client.send("GET", "", ranges=f"Orders!{cell}", fields=fields).json()["sheets"][0]["data"][0]
    rows = data.get("rowData") or [{}]
    values = rows[0].get("values") or [{}]
    return dict(values[0]).get("dataValidation")


def test_a_rule_is_shown_on_each_cell_without_what_is_false(orders: Client) -> None:
    rule = {"condition": LIST, "showCustomUi": False, "strict": True, "inputMessage": "n"}
    set_rule(orders, 1, 0, 3, 1, rule)
    assert rule_at(orders, "A3") == {"condition": LIST, "strict": True, "inputMessage": "n"}
    assert rule_at(orders, "A4") is None


def test_no_rule_clears_the_range_and_leaves_the_notes(orders: Client) -> None:
    start = {"rowIndex": 1, "columnIndex": 0}
    orders.ok({"updateCells": {"start": start, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}})
    set_rule(orders, 1, 0, 3, 1, {"condition": LIST})
    set_rule(orders, 0, 0, 9, 5, None)
    assert rule_at(orders, "A2") is None
    assert orders.sheet.notes == {(1, 0): "n"}


def test_a_strict_rule_does_not_stop_a_write_through_the_api(orders: Client) -> None:
    set_rule(orders, 1, 0, 2, 1, {"condition": LIST, "strict": True})
    assert orders.put("Orders!A2", [["other"]], "USER_ENTERED").status == 200
    assert rule_at(orders, "A2") == {"condition": LIST, "strict": True}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({}, "No condition type specified."),
        ({"type": "BLANK"}, "Condition type BLANK is not supported for data validation."),
        ({"type": "NUMBER_EQ"}, "Condition type NUMBER_EQ takes one value, not 0."),
        ({"type": "ONE_OF_LIST"}, "Condition type ONE_OF_LIST takes at least one value, not 0."),
        ({"type": "DATE_AFTER", "values": [{"relativeDate": "TODAY"}]}, "Relative dates are not supported"),
    ],
)
def test_a_condition_that_cannot_be_a_rule_is_refused(orders: Client, condition: Json, message: str) -> None:
    body = {"range": area(0, 0, 1, 1), "rule": {"condition": condition}}
    assert message in orders.refusal({"setDataValidation": body})
    cell = {"dataValidation": {"condition": condition}}
    update = {"start": {"rowIndex": 0, "columnIndex": 0}, "rows": [{"values": [cell]}], "fields": "dataValidation"}
    assert message in orders.refusal({"updateCells": update})


def test_an_unknown_condition_type_is_refused_by_the_json_layer(orders: Client) -> None:
    body = {"range": area(0, 0, 1, 1), "rule": {"condition": {"type": "WEIRD"}}}
    message = orders.refusal({"setDataValidation": body})
    assert message.startswith("Invalid value at 'requests[0].set_data_validation.rule.condition.type'")


@pytest.mark.parametrize("dimension", ["ROWS", "COLUMNS"])
def test_an_inserted_line_takes_over_the_rules_and_unticks_checkboxes(orders: Client, dimension: str) -> None:
    set_rule(orders, 1, 1, 2, 2, {"condition": BOX})
    orders.put("Orders!B2", [[True]])
    orders.ok({"insertDimension": {"range": line(dimension, 2), "inheritFromBefore": True}})
    cell, place = ("B3", (2, 1)) if dimension == "ROWS" else ("C2", (1, 2))
    assert rule_at(orders, cell) == {"condition": BOX}
    assert orders.sheet.cell(*place) is False


def test_clearing_values_keeps_the_rule(orders: Client) -> None:
    set_rule(orders, 1, 0, 2, 1, {"condition": LIST})
    orders.send("POST", "/values/Orders!A1:C9:clear")
    assert rule_at(orders, "A2") == {"condition": LIST}
