"""Tabs: their ids, titles, order and visibility."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json


def change(fields: str, **props: object) -> Json:
    return {"updateSheetProperties": {"properties": props, "fields": fields}}


def add(**props: object) -> Json:
    return {"addSheet": {"properties": props}}


def test_a_grid_of_nothing_becomes_the_default_one(client: Client) -> None:
    (reply,) = client.ok(add(gridProperties={"rowCount": 0, "columnCount": 0}))
    assert reply["addSheet"]["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


def test_a_negative_grid_is_refused(client: Client) -> None:
    assert "must be positive" in client.refusal(add(gridProperties={"rowCount": -5}))


@pytest.mark.parametrize("title", ["Orders", "ORDERS"])
def test_a_title_is_given_once(client: Client, title: str) -> None:
    quoted = f'A sheet with the name "{title}" already exists. Please enter another name.'
    assert client.refusal(add(title=title)) == f"Invalid requests[0].addSheet: {quoted}"


def test_a_mask_of_all_without_a_title_is_refused_as_recorded(client: Client) -> None:
    message = client.refusal(change("*", sheetId=0))
    assert message == "Invalid requests[0].updateSheetProperties: The sheet name cannot be empty."


def test_a_property_that_is_named_and_absent_is_reset(client: Client) -> None:
    frozen = "gridProperties.frozenRowCount"
    client.ok(change(f"{frozen},tabColor", gridProperties={"frozenRowCount": 1}, tabColor={"red": 1}))
    client.ok(change("gridProperties/frozenRowCount,tabColor"))
    (props,) = [each["properties"] for each in client.send("GET", "", fields="sheets.properties").json()["sheets"]]
    assert "tabColor" not in props
    assert "frozenRowCount" not in props["gridProperties"]


@pytest.mark.parametrize(("index", "order"), [(0, [2, 0, 1]), (1, [0, 2, 1]), (2, [0, 1, 2]), (3, [0, 1, 2])])
def test_the_last_tab_moves_to_the_index_read_before_its_removal(client: Client, index: int, order: list[int]) -> None:
    client.ok(add(sheetId=1), add(sheetId=2), change("index", sheetId=2, index=index))
    assert [sheet.id for sheet in client.emulator.spreadsheet(client.id).sheets] == order


def test_an_unknown_tab_is_refused_in_googles_words(client: Client) -> None:
    for request in (change("title", sheetId=9, title="x"), {"deleteSheet": {"sheetId": 9}}):
        assert client.refusal(request).endswith("No grid with id: 9")


def test_the_last_visible_tab_cannot_go(client: Client) -> None:
    client.ok(add(sheetId=1), change("hidden", sheetId=1, hidden=True))
    assert client.refusal({"deleteSheet": {"sheetId": 0}}).endswith("You can't remove all the sheets in a document.")
    assert client.refusal(change("hidden", hidden=True)).endswith("You can't hide all the sheets in a document.")
    client.ok({"deleteSheet": {"sheetId": 1}})
