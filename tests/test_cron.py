"""Five strict fields in a time zone; what croniter takes beyond them is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sheetsync.cron import check, next_after
from sheetsync.errors import BadSchedule

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("*/15 * * * *", "UTC", datetime(2026, 3, 1, 12, 15, tzinfo=UTC)),
        ("0 6 * * 1-5", "Europe/Berlin", datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
        ("0 6 * * MON", "America/New_York", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("0 0 29 2 *", "UTC", datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_the_next_time_is_found_in_the_zone_and_given_in_utc(expression, zone, expected):
    assert next_after(expression, zone, START) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "0 0 6 * * 1",  # seconds
        "0 6 * * 1 2030",
        "R * * * *",  # random, anew each time
        "R(0-9) * * * *",
        "@daily",
        "0 0 30 2 *",  # never comes
        "61 * * * *",
        "a * * * *",
        "* * * * * ; rm -rf",
        "0," * 100 + "0 * * * *",
    ],
)
def test_what_cannot_be_used_is_refused(expression):
    with pytest.raises(BadSchedule, match="cron"):
        check(expression)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe"])
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(BadSchedule, match="time zone"):
        check("0 6 * * *", zone)


def test_a_naive_time_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="no time zone"):
        next_after("* * * * *", "UTC", datetime(2026, 1, 1))
