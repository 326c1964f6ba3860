"""Bandings: alternating colours of a range."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line, shown

WHITE, GREY = {"red": 1, "green": 1, "blue": 1}, {"red": 0.5}
ROWS: Json = {"firstBandColor": WHITE, "secondBandColorStyle": {"rgbColor": GREY}}


def banding(top: int = 0, bottom: int = 4, **wanted: object) -> Json:
    return {"addBanding": {"bandedRange": {"range": area(top, 0, bottom, 3), "rowProperties": ROWS, **wanted}}}


def test_a_banding_is_answered_and_shown_with_both_forms_of_its_colours(orders: Client) -> None:
    (reply,) = orders.ok(banding(bandedRangeId=7))
    colors = {
        "firstBandColor": WHITE,
        "firstBandColorStyle": {"rgbColor": WHITE},
        "secondBandColor": {"red": 0.49803922},
        "secondBandColorStyle": {"rgbColor": {"red": 0.49803922}},
    }
    added = {"bandedRangeId": 7, "range": area(0, 0, 4, 3), "rowProperties": colors}
    assert reply == {"addBanding": {"bandedRange": added}}
    assert shown(orders, "bandedRanges") == [added]


def test_two_bandings_do_not_overlap(orders: Client) -> None:
    orders.ok(banding(0, 4))
    assert orders.refusal(banding(3, 6)) == (
        "Invalid requests[0].addBanding: You cannot add alternating background colors to a range "
        "that already has alternating background colors."
    )
    orders.ok(banding(4, 6))


def test_an_id_that_exists_is_refused(orders: Client) -> None:
    orders.ok(banding(0, 4, bandedRangeId=7))
    assert "id 7 already exists" in orders.refusal(banding(5, 6, bandedRangeId=7))


def test_a_banding_needs_both_bands(orders: Client) -> None:
    message = orders.refusal(banding(rowProperties={"firstBandColor": WHITE}))
    assert message.endswith("rowProperties.secondBandColor must be specified.")


def test_an_update_moves_a_banding_and_keeps_its_colours(orders: Client) -> None:
    orders.ok(banding(bandedRangeId=7))
    before = shown(orders, "bandedRanges")[0]["rowProperties"]
    change = {"bandedRange": {"bandedRangeId": 7, "range": area(1, 0, 5, 3)}, "fields": "range"}
    orders.ok({"updateBanding": change})
    assert shown(orders, "bandedRanges") == [{"bandedRangeId": 7, "range": area(1, 0, 5, 3), "rowProperties": before}]


def test_a_deleted_banding_makes_room(orders: Client) -> None:
    orders.ok(banding(bandedRangeId=7), {"deleteBanding": {"bandedRangeId": 7}}, banding(bandedRangeId=8))
    assert [each["bandedRangeId"] for each in shown(orders, "bandedRanges")] == [8]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("deleteBanding", {"bandedRangeId": 9}),
        ("updateBanding", {"bandedRange": {"bandedRangeId": 9}, "fields": "range"}),
    ],
)
def test_an_unknown_banding_is_refused(orders: Client, kind: str, body: Json) -> None:
    assert orders.refusal({kind: body}) == f"Invalid requests[0].{kind}: No banded range with id: 9"


@pytest.mark.parametrize(
    ("request_", "rows"),
    [
        ({"insertDimension": {"range": line("ROWS", 1)}}, (2, 5)),  # pushed down by an insert where it begins: measured
        ({"insertDimension": {"range": line("ROWS", 2)}}, (1, 5)),
        ({"deleteDimension": {"range": line("ROWS", 1)}}, (1, 3)),
    ],
)
def test_a_banding_follows_its_rows(orders: Client, request_: Json, rows: tuple[int, int]) -> None:
    orders.ok(banding(1, 4), request_)
    assert shown(orders, "bandedRanges")[0]["range"] == area(rows[0], 0, rows[1], 3)
