"""The few formulas that are computed; all others show that they are not."""

from __future__ import annotations

import pytest

from sheetsync.emulator.grid.cells import CellError
from sheetsync.emulator.grid.formulas import compute
from tests.emulator.support import Client


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("=4/2", 2),  # recorded
        ("=3/2", 1.5),  # recorded
        ("= 1 / 1024", 0.0009765625),  # recorded
        ("=1+1", 2),  # recorded
        ("=(1+2)*-3", -9),
        ("=2^10", 1024),
        ('="a"&1', "a1"),
        ('="say ""x"""', 'say "x"'),
        ("=1<2", True),
        ("=TRUE", True),
        ('=HYPERLINK("https://example.com","shop")', "shop"),
        ('=HYPERLINK("https://example.com")', "https://example.com"),
    ],
)
def test_a_formula_of_literals_is_computed(text: str, value: object) -> None:
    formula = compute(text)
    assert (formula.value, formula.text) == (value, text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1/0", "#DIV/0!"),
        ("=SUM(A1:A9)", "#ERROR!"),
        ("=A1", "#ERROR!"),
        ("=1+", "#ERROR!"),
        ("=(1", "#ERROR!"),
        ('="open', "#ERROR!"),
        ('=1<"a"', "#ERROR!"),
        ("=9^999", "#ERROR!"),
        ("=" + "(" * 5_000 + "1" + ")" * 5_000, "#ERROR!"),
        ("=" + "-" * 5_000 + "1", "#ERROR!"),
    ],
)
def test_any_other_formula_shows_an_error(text: str, shown: str) -> None:
    value = compute(text).value
    assert isinstance(value, CellError)
    assert value.text == shown


def test_a_formula_comes_back_as_it_was_typed(client: Client) -> None:
    client.put("Orders!A1", [["=3/2", "=SUM(A1:A9)", "=1/0"]], "USER_ENTERED")
    assert client.read("Orders!A1:C1")["values"] == [["1.5", "#ERROR!", "#DIV/0!"]]
    assert client.read("Orders!A1:C1", valueRenderOption="FORMULA")["values"] == [["=3/2", "=SUM(A1:A9)", "=1/0"]]


def test_an_error_in_the_grid_has_its_kind_and_its_reason(client: Client) -> None:
    client.put("Orders!A1", [["=1/0"]], "USER_ENTERED")
    fields = "sheets.data.rowData.values(userEnteredValue,effectiveValue,formattedValue)"
    (cell,) = client.send("GET", "", fields=fields).json()["sheets"][0]["data"][0]["rowData"][0]["values"]
    reason = {"type": "DIVIDE_BY_ZERO", "message": "Function DIVIDE parameter 2 cannot be zero."}
    assert cell == {
        "userEnteredValue": {"formulaValue": "=1/0"},
        "effectiveValue": {"errorValue": reason},
        "formattedValue": "#DIV/0!",
    }
