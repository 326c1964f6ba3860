"""USER_ENTERED: what becomes of a text that is typed.

REC: recorded at Google. LIVE: somebody's dated measurements. DOC: Google's guide. USE: known from use of the product.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Client


@pytest.fixture
def autumn() -> Client:
    """A tab on 5 September 2026."""
    emulator = Emulator(clock=lambda: datetime(2026, 9, 5, tzinfo=UTC).timestamp())
    return Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))


@pytest.mark.parametrize(
    ("text", "value", "kind", "shown"),
    [
        ("007", 7, None, "7"),  # LIVE
        ("0042", 42, None, "42"),  # REC test_update_cell
        ("1-2", 46024, "DATE", "1-2"),  # LIVE
        ("2026-09-05", 46270, "DATE", "2026-09-05"),  # LIVE
        ("2020-01-01", 43831, "DATE", "2020-01-01"),  # REC
        ("1999-01-02", 36162, "DATE", "1999-01-02"),  # REC
        ("Mar 1 2016", 42430, "DATE", "Mar 1 2016"),  # DOC, the pattern USE
        ("March 1, 2016", 42430, "DATE", "March 1, 2016"),  # USE
        ("1/2/2020", 43832, "DATE", "1/2/2020"),  # USE
        ("1/2/20", 43832, "DATE", "1/2/20"),  # USE
        ("2019-10-26 20:06:46", 43764.83803240741, "DATE_TIME", "2019-10-26 20:06:46"),  # LIVE kind
        ("15:30", 0.6458333333333334, "TIME", "15:30"),  # LIVE kind
        ("3:30 PM", 0.6458333333333334, "TIME", "3:30 PM"),  # USE
        ("12:05 am", 0.003472222222222222, "TIME", "12:05 AM"),  # USE
        ("$100.15", 100.15, "CURRENCY", "$100.15"),  # LIVE
        ("-$5", -5, "CURRENCY", "-$5"),  # USE
        ("12%", 0.12, "PERCENT", "12%"),  # LIVE kind
        ("1.5e3", 1500, "SCIENTIFIC", "1.50E+03"),  # LIVE kind
        ("2,000,000.01", 2000000.01, "NUMBER", "2,000,000.01"),  # REC test_numeric_value
        ("TRUE", True, None, "TRUE"),  # LIVE
        ("false", False, None, "FALSE"),  # USE
        ("'0123", "0123", None, "0123"),  # LIVE
        ("=1+2", 3, None, "3"),  # LIVE
        ("= 1 / 1024", 0.0009765625, None, "0.0009765625"),  # REC test_numeric_value
        ("3_1_0", "3_1_0", None, "3_1_0"),  # REC
        ("Артур", "Артур", None, "Артур"),  # REC
        ("a\nb", "a\nb", None, "a\nb"),  # REC test_update_cell_multiline
        (53, 53, None, "53"),  # REC
        (42.01, 42.01, None, "42.01"),  # REC
        (True, True, None, "TRUE"),  # LIVE
        # What only looks like something else stays text.
        ("2026-13-40", "2026-13-40", None, "2026-13-40"),
        ("13:00 PM", "13:00 PM", None, "13:00 PM"),
        ("1e999", "1e999", None, "1e999"),
        ("$1,2,3", "$1,2,3", None, "$1,2,3"),
        ("Mum 1 2016", "Mum 1 2016", None, "Mum 1 2016"),
        ("-", "-", None, "-"),
        ("١٢", "١٢", None, "١٢"),
    ],
)
def test_a_text_is_taken_as_typed(autumn: Client, text: Any, value: Any, kind: str | None, shown: str) -> None:
    autumn.put("Orders!A1", [[text]], "USER_ENTERED")
    style = autumn.sheet.format_of(0, 0) or {}
    assert (autumn.sheet.cell(0, 0), style.get("numberFormat", {}).get("type")) == (value, kind)
    assert autumn.read("Orders!A1")["values"] == [[shown]]


def test_a_phone_number_with_blanks_becomes_a_formula_that_is_none(autumn: Client) -> None:
    autumn.put("Orders!A1", [["+49 30 1234"]], "USER_ENTERED")
    assert autumn.read("Orders!A1")["values"] == [["#ERROR!"]]
    assert autumn.read("Orders!A1", valueRenderOption="FORMULA")["values"] == [["=+49 30 1234"]]
