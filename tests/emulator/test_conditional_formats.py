"""Conditional format rules: a list per tab that is kept in order and shown."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line, shown

RED: Json = {"rgbColor": {"red": 1}}


def boolean(value: str, top: int = 1, bottom: int = 4) -> Json:
    """A rule over A2:A4 that is told apart by its value."""
    condition = {"type": "NUMBER_GREATER", "values": [{"userEnteredValue": value}]}
    look = {"backgroundColor": {"red": 1}, "backgroundColorStyle": RED}
    return {"ranges": [area(top, 0, bottom, 1)], "booleanRule": {"condition": condition, "format": look}}


def add(client: Client, *values: str) -> None:
    client.ok(*({"addConditionalFormatRule": {"rule": boolean(value), "index": i}} for i, value in enumerate(values)))


def listed(client: Client) -> list[str]:
    rules = shown(client, "conditionalFormats") or []
    return [rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for rule in rules]


def test_a_rule_is_shown_as_it_was_given_with_both_forms_of_a_colour(orders: Client) -> None:
    rule = boolean("5")
    del rule["booleanRule"]["format"]["backgroundColorStyle"]
    assert orders.ok({"addConditionalFormatRule": {"rule": rule}}) == [{}]
    assert shown(orders, "conditionalFormats") == [boolean("5")]


def test_a_rule_without_an_index_comes_first(orders: Client) -> None:
    add(orders, "1", "2")
    orders.ok({"addConditionalFormatRule": {"rule": boolean("0")}})
    assert listed(orders) == ["0", "1", "2"]


def test_an_update_replaces_the_rule_and_answers_with_both(orders: Client) -> None:
    add(orders, "1", "2")
    (reply,) = orders.ok({"updateConditionalFormatRule": {"index": 1, "rule": boolean("9")}})
    assert reply == {"updateConditionalFormatRule": {"newRule": boolean("9"), "newIndex": 1, "oldRule": boolean("2")}}
    assert listed(orders) == ["1", "9"]


def test_an_update_moves_a_rule_to_where_it_then_is(orders: Client) -> None:
    add(orders, "1", "2", "3")
    (reply,) = orders.ok({"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 2}})
    assert reply == {"updateConditionalFormatRule": {"newRule": boolean("1"), "newIndex": 2}}
    assert listed(orders) == ["2", "3", "1"]


def test_a_deletion_answers_with_the_rule(orders: Client) -> None:
    add(orders, "1", "2")
    (reply,) = orders.ok({"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}})
    assert reply == {"deleteConditionalFormatRule": {"rule": boolean("2")}}
    assert listed(orders) == ["1"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deleteConditionalFormatRule", {"index": 2}),
        ("updateConditionalFormatRule", {"index": 2, "newIndex": 0}),
        ("updateConditionalFormatRule", {"index": 2, "rule": boolean("1")}),
    ],
)
def test_an_index_without_a_rule_is_refused_in_googles_words(orders: Client, kind: str, body: Json) -> None:
    add(orders, "1", "2")
    message = orders.refusal({kind: body})
    assert message == f"Invalid requests[0].{kind}: No conditional format on sheet: 0 at index: 2"


def test_a_rule_follows_its_cells_and_goes_with_them(orders: Client) -> None:
    add(orders, "1")
    orders.ok({"insertDimension": {"range": line("ROWS", 2)}})
    assert shown(orders, "conditionalFormats")[0]["ranges"] == [area(1, 0, 5, 1)]
    orders.ok({"deleteDimension": {"range": line("COLUMNS", 0)}})
    assert shown(orders, "conditionalFormats") is None


def test_a_pasted_format_carries_the_rule_along(orders: Client) -> None:
    add(orders, "1")
    paste = {"source": area(3, 0, 4, 1), "destination": area(4, 0, 6, 1), "pasteType": "PASTE_FORMAT"}
    orders.ok({"copyPaste": paste})
    assert shown(orders, "conditionalFormats")[0]["ranges"] == [area(1, 0, 6, 1)]


def gradient(low: Json | None, high: Json | None) -> Json:
    ends = {"minpoint": low, "maxpoint": high}
    rule = {name: {**point, "colorStyle": RED} for name, point in ends.items() if point is not None}
    return {"ranges": [area(1, 0, 4, 1)], "gradientRule": rule}


def test_a_value_on_a_minimum_is_dropped(orders: Client) -> None:
    orders.ok({"addConditionalFormatRule": {"rule": gradient({"type": "MIN", "value": "2"}, {"type": "MAX"})}})
    point = shown(orders, "conditionalFormats")[0]["gradientRule"]["minpoint"]
    assert point == {"type": "MIN", "color": {"red": 1}, "colorStyle": RED}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (gradient({"type": "MIN"}, None), "No interpolationPointType specified."),
        (gradient({"value": "1"}, {"type": "MAX"}), "No interpolationPointType specified."),
        (gradient({"type": "NUMBER"}, {"type": "MAX"}), "InterpolationPoint.value is required."),
    ],
)
def test_a_colour_scale_is_refused_in_googles_words(orders: Client, rule: Json, message: str) -> None:
    refused = orders.refusal({"addConditionalFormatRule": {"rule": rule}})
    assert refused == f"Invalid requests[0].addConditionalFormatRule: {message}"


def test_a_rule_of_both_kinds_is_refused_in_googles_words(orders: Client) -> None:
    rule = {**boolean("1"), **gradient({"type": "MIN"}, {"type": "MAX"})}
    assert orders.refusal({"addConditionalFormatRule": {"rule": rule}}) == (
        "Invalid value at 'requests[0].add_conditional_format_rule.rule' (oneof), "
        "oneof field 'rule' is already set. Cannot set 'gradientRule'"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ranges": []}, "ranges must hold at least one range"),
        ({"ranges": [area(0, 0, 1, 1), area(0, 0, 1, 1, 5)]}, "must be on the same sheet"),
        ({"booleanRule": {"condition": {"type": "BOOLEAN"}}}, "BOOLEAN is not supported for conditional formatting"),
        ({"booleanRule": {"condition": {"type": "BLANK"}, "format": {"padding": {}}}}, "cannot set padding"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(orders: Client, change: Json, message: str) -> None:
    orders.ok({"addSheet": {"properties": {"sheetId": 5}}})
    assert message in orders.refusal({"addConditionalFormatRule": {"rule": {**boolean("1"), **change}}})
