"""Five strict fields; what croniter takes beyond them is refused with a reason."""

from __future__ import annotations

import pytest

from sheetsync.cron import check, parse
from sheetsync.errors import BadSchedule


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "0 fields instead of 5"),
        ("* * * *", "4 fields instead of 5"),
        ("0 0 6 * * 1", "6 fields instead of 5"),  # seconds
        ("0 6 * * 1 2030 *", "7 fields instead of 5"),  # and years
        ("R * * * *", "'r' is no minute"),  # random, anew each time
        ("R(0-9) * * * *", "is no minute"),
        ("@daily", "1 fields instead of 5"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 2,4,6,9,11 *", "never comes"),
        ("61 * * * *", "61 is out of 0-59 for the minute"),
        ("0 24 * * *", "24 is out of 0-23 for the hour"),
        ("0 0 0 * *", "0 is out of 1-31 for the day of month"),
        ("0 0 * 13 *", "13 is out of 1-12 for the month"),
        ("0 0 * * 8", "8 is out of 0-7 for the day of week"),
        ("a * * * *", "'a' is no minute"),
        ("0 0 * mai *", "'mai' is no month: write jan, feb"),
        ("0 0 * * 5-3", "runs backwards: write two ranges"),
        ("0 0 * * fri-mon", "runs backwards"),
        ("*-5 * * * *", "already is the whole range"),
        ("0-59/61 * * * *", "the step of '0-59/61' is out of 1-59"),
        ("*/0 * * * *", "the step of"),
        ("0 0 L-3 * *", "'l-3' is no day of month"),
        ("0 0 15W * *", "'15w' is no day of month"),
        ("0 0 ? * *", "is no day of month"),
        ("0 0 * * 1#6", "is no day of week"),
        ("H * * * *", "is no minute"),
        ("* * * * ; rm -rf", "7 fields"),
        ("1,,2 * * * *", "'' is no minute"),
        ("\u0661 * * * *", "is no minute"),  # a digit to Python, but not to cron
        ("0," * 100 + "0 * * * *", "write at most 128"),
        ("0 0 1 * 1#2", "'1#2' needs * as day of month instead of '1'"),
        ("0 0 * * 1#2,3", "mixes weekdays with weekdays of the month"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(expression, why):
    with pytest.raises(BadSchedule, match=r"^cron ") as refusal:
        check(expression)
    assert why in str(refusal.value)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "x\x00y"])
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(BadSchedule, match="time zone"):
        check("0 6 * * *", zone)


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("5/15 * * * *", "5,20,35,50 * * * *"),
        ("59/15 * * * *", "59 * * * *"),  # croniter 6: as if it were */15
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * JAN-mar Mon", "0 0 * 1,2,3 1"),
        ("0 0 * * sat-sun", "0 0 * * 0,6"),
        ("0 0 * * 0-7", "0 0 * * *"),
        ("0 0 1-31 * 1", "0 0 * * *"),  # one of the two day fields is enough, and this one always fits
        ("  0   6 * * * ", "0 6 * * *"),
    ],
)
def test_there_is_one_spelling_of_the_same_times(expression, same):
    assert parse(expression).text == same


@pytest.mark.parametrize(
    ("expression", "fixed"),
    [("0 6 * * *", True), ("0,30 6-8 * * *", True), ("*/15 6 * * *", False), ("0 */2 * * *", False)],
)
def test_times_of_the_day_are_told_from_intervals(expression, fixed):
    assert parse(expression).fixed is fixed
