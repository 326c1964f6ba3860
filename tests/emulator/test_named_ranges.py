"""Named ranges: what they follow, and the names that stay taken."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, area, line

TAKEN = "Cannot add named range with name fruit, a named range with that name already exists."


@pytest.fixture
def named(orders: Client) -> Client:
    """`fruit`, id n1, over the names in B2:B4."""
    item = {"name": "fruit", "namedRangeId": "n1", "range": area(1, 1, 4, 2)}
    orders.ok({"addNamedRange": {"namedRange": item}})
    return orders


def listed(client: Client) -> list[Json]:
    return list(client.send("GET", "", fields="namedRanges").json().get("namedRanges", []))


def add(name: str, **more: str) -> Json:
    return {"addNamedRange": {"namedRange": {"name": name, "range": area(0, 0, 1, 1), **more}}}


def test_a_named_range_follows_its_rows(named: Client) -> None:
    named.ok({"insertDimension": {"range": line("ROWS", 2)}})
    assert listed(named)[0]["range"] == area(1, 1, 5, 2)


@pytest.mark.parametrize("name", ["fruit", "FRUIT"])
def test_a_name_is_given_once(named: Client, name: str) -> None:
    message = named.refusal(add(name))
    assert message == f"Invalid requests[0].addNamedRange: {TAKEN.replace('fruit', name)}"


@pytest.mark.parametrize("name", ["two words", "A1", "R1C1", "", "1st"])
def test_a_bad_name_is_refused_in_googles_words(orders: Client, name: str) -> None:
    assert orders.refusal(add(name)).endswith("The name given to this range is invalid")


def test_a_range_whose_cells_are_gone_is_unlisted_and_its_name_stays_taken(named: Client) -> None:
    named.ok({"deleteDimension": {"range": line("ROWS", 1, 5)}})
    assert listed(named) == []
    assert named.refusal(add("fruit")).endswith(TAKEN)
    assert "No named range with id n1" in named.refusal({"deleteNamedRange": {"namedRangeId": "n1"}})
    assert named.send("GET", "/values/fruit").status == 400


def test_a_range_on_a_deleted_tab_is_unlisted_and_its_name_stays_taken(named: Client) -> None:
    named.ok({"addSheet": {"properties": {"sheetId": 5}}}, {"deleteSheet": {"sheetId": 0}})
    assert listed(named) == []
    request = add("fruit")
    request["addNamedRange"]["namedRange"]["range"]["sheetId"] = 5
    assert named.refusal(request).endswith(TAKEN)


def test_a_refused_batch_gives_the_name_back_to_its_cells(named: Client) -> None:
    named.refusal({"deleteDimension": {"range": line("ROWS", 1, 5)}}, {"deleteSheet": {"sheetId": 77}})
    assert [each["name"] for each in listed(named)] == ["fruit"]
    named.ok({"deleteNamedRange": {"namedRangeId": "n1"}}, add("fruit"))


def test_an_unknown_id_is_refused_in_googles_words(orders: Client) -> None:
    change = {"namedRange": {"namedRangeId": "x", "name": "a_b"}, "fields": "name"}
    assert orders.refusal({"updateNamedRange": change}).endswith("No NamedRange with id: x")
    assert orders.refusal({"deleteNamedRange": {"namedRangeId": "x"}}).endswith("No named range with id x")
