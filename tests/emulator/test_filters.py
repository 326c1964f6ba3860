"""The basic filter and filter views."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line, shown

CRITERIA: Json = {"0": {"hiddenValues": ["1"]}}
SPECS: list[Json] = [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["1"]}}]


@pytest.mark.parametrize("asked", [{"criteria": CRITERIA}, {"filterSpecs": SPECS}])
def test_criteria_are_shown_in_both_forms_and_hide_nothing_from_reads(orders: Client, asked: Json) -> None:
    orders.ok({"setBasicFilter": {"filter": {"range": area(0, 0, 4, 3), **asked}}})
    assert shown(orders, "basicFilter") == {"range": area(0, 0, 4, 3), "criteria": CRITERIA, "filterSpecs": SPECS}
    assert len(orders.read("Orders")["values"]) == 4


def test_the_open_sides_of_a_basic_filter_are_filled_from_the_grid(orders: Client) -> None:
    orders.ok({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
    assert shown(orders, "basicFilter") == {"range": area(0, 0, 10, 5)}
    orders.ok({"clearBasicFilter": {"sheetId": 0}})
    assert shown(orders, "basicFilter") is None


def test_criteria_of_no_column_are_refused(orders: Client) -> None:
    message = orders.refusal({"setBasicFilter": {"filter": {"criteria": {"A": {}}}}})
    assert message.endswith("criteria key [A] is not a column index.")


def add(client: Client, **wanted: object) -> Json:
    (reply,) = client.ok({"addFilterView": {"filter": {"range": area(0, 0, 4, 3), **wanted}}})
    return dict(reply["addFilterView"]["filter"])


def test_a_filter_view_is_answered_and_shown(orders: Client) -> None:
    view = add(orders, filterViewId=7, title="Big", filterSpecs=SPECS)
    expected = {"filterViewId": 7, "title": "Big", "range": area(0, 0, 4, 3)}
    assert view == {**expected, "criteria": CRITERIA, "filterSpecs": SPECS}
    assert shown(orders, "filterViews") == [view]


def test_a_filter_view_gets_an_id_and_a_title_of_its_own(orders: Client) -> None:
    first, second = add(orders), add(orders)
    assert first["filterViewId"] != second["filterViewId"]
    assert [first["title"], second["title"]] == ["Filter 1", "Filter 2"]


def test_an_id_that_exists_is_refused(orders: Client) -> None:
    add(orders, filterViewId=7)
    assert "id 7 already exists" in orders.refusal({"addFilterView": {"filter": {"filterViewId": 7}}})


def test_an_update_resets_a_field_that_is_named_and_absent(orders: Client) -> None:
    add(orders, filterViewId=7, title="Big", criteria=CRITERIA, sortSpecs=[{"dimensionIndex": 2}])
    change = {"filter": {"filterViewId": 7, "title": "Small"}, "fields": "title,criteria"}
    orders.ok({"updateFilterView": change})
    (view,) = shown(orders, "filterViews")
    assert view == {
        "filterViewId": 7,
        "title": "Small",
        "range": area(0, 0, 4, 3),
        "sortSpecs": [{"dimensionIndex": 2}],
    }


def test_a_duplicate_is_a_view_of_its_own(orders: Client) -> None:
    view = add(orders, filterViewId=7, title="Big")
    (reply,) = orders.ok({"duplicateFilterView": {"filterId": 7}})
    twin = reply["duplicateFilterView"]["filter"]
    assert twin == {**view, "filterViewId": twin["filterViewId"], "title": "Copy of Big"}
    orders.ok({"deleteFilterView": {"filterId": 7}})
    assert shown(orders, "filterViews") == [twin]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deleteFilterView", {"filterId": 9}),
        ("duplicateFilterView", {"filterId": 9}),
        ("updateFilterView", {"filter": {"filterViewId": 9}, "fields": "title"}),
    ],
)
def test_an_unknown_view_is_refused(orders: Client, kind: str, body: Json) -> None:
    assert orders.refusal({kind: body}) == f"Invalid requests[0].{kind}: No filter view with id: 9"


def test_a_view_follows_its_rows_and_goes_with_them(orders: Client) -> None:
    add(orders)
    orders.ok({"insertDimension": {"range": line("ROWS", 1)}})
    assert shown(orders, "filterViews")[0]["range"] == area(0, 0, 5, 3)
    orders.ok({"deleteDimension": {"range": line("ROWS", 0, 6)}})
    assert shown(orders, "filterViews") is None
