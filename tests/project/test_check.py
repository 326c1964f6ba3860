"""The demo's judge notices whatever is wrong in a tab."""

from __future__ import annotations

import pytest

from project.demonstration.check import EXPECTED, compare
from project.shop.seeding import seed

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["order", "line"])
def expected(request):
    seed(12)
    return EXPECTED[request.param]()


def table_of(expected):
    """A tab that shows just that: technical columns first, and one column of somebody else's."""
    header = ["key", "fingerprint", *next(iter(expected.values())), "mine"]
    return [header, *([key, "f", *cells.values(), "note"] for key, cells in expected.items())]


def test_the_check_finds_nothing_in_a_right_table(expected):
    verdict = compare(expected, table_of(expected))
    assert (verdict.differences, verdict.rows) == ((), len(expected))


def test_columns_may_stand_in_any_order(expected):
    table = [[*row[:2], *reversed(row[2:])] for row in table_of(expected)]
    assert compare(expected, table).differences == ()


def test_emptied_rows_do_not_count(expected):
    table = table_of(expected)
    assert compare(expected, [*table, ["gone", "-cleared"]]).differences == ()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda table: table.pop(), "is missing"),
        (lambda table: table.append(table[1]), "stands in the tab twice"),
        (lambda table: table.append(["nobody", "f", *["x"] * (len(table[0]) - 2)]), "should not be there"),
        (lambda table: table[1].__setitem__(2, int(table[1][2])), "instead of"),  # an order id that became a number
        (lambda table: table[1].__setitem__(3, table[1][3] + 1), "instead of"),  # a day later
        (lambda table: table[1].__setitem__(9, str(table[1][9])), "instead of"),  # a boolean that became a text
        (lambda table: table[0].__setitem__(4, "Client"), "the column 'Customer' is missing"),
    ],
)
def test_the_check_notices_a_wrong_table(expected, spoil, words):
    table = table_of(expected)
    spoil(table)
    assert any(words in difference for difference in compare(expected, table).differences)
