"""Groups of rows and columns, against the examples of the discovery document and the recordings."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, line, shown

COLUMNS = {"A": 0, "B": 1, "C": 2, "D": 3, "E": 4}


def add(span: str) -> Json:
    return {"addDimensionGroup": {"range": columns(span)}}


def columns(span: str) -> Json:
    return line("COLUMNS", COLUMNS[span[0]], COLUMNS[span[-1]] + 1)


def groups(client: Client) -> list[str]:
    """`B:E 1` for a group over columns B to E of depth 1."""
    letters = "ABCDE"
    found = shown(client, "columnGroups") or []
    return [
        f"{letters[each['range']['startIndex']]}:{letters[each['range']['endIndex'] - 1]} {each['depth']}"
        for each in found
    ]


def test_the_first_group_is_answered_and_shown_as_recorded(orders: Client) -> None:
    (reply,) = orders.ok({"addDimensionGroup": {"range": line("COLUMNS", 0, 2)}})
    group = {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}, "depth": 1}
    assert reply == {"addDimensionGroup": {"dimensionGroups": [group]}}
    assert shown(orders, "columnGroups") == [group]
    assert shown(orders, "properties")["gridProperties"]["columnGroupControlAfter"] is True


def test_the_first_group_of_rows_turns_their_control_on(orders: Client) -> None:
    orders.ok(
        {"addDimensionGroup": {"range": line("ROWS", 0, 2)}}, {"deleteDimensionGroup": {"range": line("ROWS", 0, 2)}}
    )
    assert shown(orders, "rowGroups") is None
    assert shown(orders, "properties")["gridProperties"]["rowGroupControlAfter"] is True  # REC test_group_rows


def test_the_last_group_that_goes_leaves_an_empty_reply_and_the_control(orders: Client) -> None:
    orders.ok({"addDimensionGroup": {"range": line("COLUMNS", 0, 2)}})
    assert orders.ok({"deleteDimensionGroup": {"range": line("COLUMNS", 0, 2)}}) == [{"deleteDimensionGroup": {}}]
    assert shown(orders, "columnGroups") is None
    assert shown(orders, "properties")["gridProperties"]["columnGroupControlAfter"] is True


@pytest.mark.parametrize(
    ("first", "second"),
    [("C:D", "B:E"), ("B:E", "C:D"), ("B:D", "C:E")],  # superset, subset, overlap: one outcome for all three
)
def test_groups_nest_as_documented(orders: Client, first: str, second: str) -> None:
    orders.ok(add(first), add(second))
    assert groups(orders) == ["B:E 1", "C:D 2"]


def test_a_deletion_takes_one_level_off_as_documented(orders: Client) -> None:
    orders.ok(add("B:E"), add("C:D"), {"deleteDimensionGroup": {"range": columns("D:E")}})
    assert groups(orders) == ["B:D 1", "C:C 2"]


def test_a_deletion_without_a_group_is_refused(orders: Client) -> None:
    message = orders.refusal({"deleteDimensionGroup": {"range": line("ROWS", 0, 2)}})
    assert message.endswith("There is no group over rows 0 to 2.")


def test_a_collapsed_group_hides_its_rows_and_an_open_one_shows_them(orders: Client) -> None:
    span = line("ROWS", 1, 3)
    orders.ok({"addDimensionGroup": {"range": span}})
    for closed in (True, False):
        change = {"range": span, "depth": 1, "collapsed": closed}
        orders.ok({"updateDimensionGroup": {"dimensionGroup": change, "fields": "collapsed"}})
        assert [bool((row := orders.sheet.rows[i]) and row.hidden) for i in range(4)] == [False, closed, closed, False]
        assert shown(orders, "rowGroups")[0].get("collapsed", False) is closed


def test_a_group_that_is_not_there_cannot_be_collapsed(orders: Client) -> None:
    change = {"range": line("ROWS", 1, 3), "depth": 2, "collapsed": True}
    orders.ok({"addDimensionGroup": {"range": line("ROWS", 1, 3)}})
    message = orders.refusal({"updateDimensionGroup": {"dimensionGroup": change, "fields": "collapsed"}})
    assert message.endswith("There is no group over rows 1 to 3 with depth 2.")


@pytest.mark.parametrize(
    ("request_", "start", "end"),
    [
        ({"insertDimension": {"range": line("ROWS", 0)}}, 3, 5),
        ({"insertDimension": {"range": line("ROWS", 3)}}, 2, 5),
        ({"deleteDimension": {"range": line("ROWS", 2)}}, 2, 3),
        ({"moveDimension": {"source": line("ROWS", 2, 4), "destinationIndex": 8}}, 6, 8),
    ],
)
def test_a_group_follows_its_rows(orders: Client, request_: Json, start: int, end: int) -> None:
    orders.ok({"addDimensionGroup": {"range": line("ROWS", 2, 4)}}, request_)
    (group,) = shown(orders, "rowGroups")
    assert (group["range"]["startIndex"], group["range"]["endIndex"]) == (start, end)


def test_a_group_goes_with_its_rows(orders: Client) -> None:
    orders.ok({"addDimensionGroup": {"range": line("ROWS", 2, 4)}}, {"deleteDimension": {"range": line("ROWS", 1, 5)}})
    assert shown(orders, "rowGroups") is None
