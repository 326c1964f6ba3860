"""The demo ends well, and its final check would notice if it did not."""

import subprocess
import sys
from pathlib import Path

import pytest

from sheetsync.management.demonstration.check import compare, expected_rows
from sheetsync.management.demonstration.shop import COLUMNS, Shop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shop():
    return Shop.opened(5)


def table_of(shop):
    header = ["key", "fingerprint", *(column["header"] for column in COLUMNS)]
    return [header, *([key, "f", *cells] for key, cells in expected_rows(shop.orders).items())]


def test_the_demo_ends_with_every_cell_right():
    ended = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "demo", "--orders", "150"], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("every cell equals the source") == 2


def test_the_check_finds_nothing_in_a_right_table(shop):
    verdict = compare(shop.orders, table_of(shop))
    assert verdict.differences == () and verdict.rows == len(expected_rows(shop.orders))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda table: table.pop(), "is missing"),
        (lambda table: table.append(table[1]), "stands in the tab twice"),
        (lambda table: table.append(["nobody:1", "f", *["x"] * len(COLUMNS)]), "should not be there"),
        (lambda table: table[1].__setitem__(5, 1067), "instead of"),  # a zip code that lost its leading zero
        (lambda table: table[1].__setitem__(7, 9.0e17), "instead of"),  # an 18-digit id that became a number
    ],
)
def test_the_check_notices_a_wrong_table(shop, spoil, words):
    table = table_of(shop)
    spoil(table)
    assert any(words in difference for difference in compare(shop.orders, table).differences)


def test_the_shop_is_the_same_each_time():
    assert Shop.opened(20).orders == Shop.opened(20).orders


def test_the_shop_sells_what_breaks_naive_exports():
    text = str(Shop.opened(300).orders)
    assert all(
        each in text for each in ["=IMPORTXML", "01067", "0012345", "山田", "'quantity': -", "900000000000007919"]
    )
