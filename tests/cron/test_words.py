"""A schedule read aloud."""

from __future__ import annotations

import pytest

from sheetsync.cron import describe


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("* * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "On the hour every hour"),
        ("15 * * * *", "At 15 minutes past every hour"),
        ("5 */2 * * *", "Every 2 hours at 5 past"),
        ("0 */2 * * *", "Every 2 hours on the hour"),
        ("0 6 * * *", "At 06:00, every day"),
        ("0 6 * * 1-5", "At 06:00, Monday to Friday"),
        ("0 6,18 * * sat,sun", "At 06:00 and 18:00, Sunday and Saturday"),
        ("0,30 8-18 * * 1-5", "Every 30 minutes in the time from 08:00 to 18:59, Monday to Friday"),
        ("*/7 * * * *", "At 9 minutes (0, 7, 14 to 56) of every hour"),
        ("0 0 1,L * *", "At 00:00, on day 1 and the last day of the month"),
        ("30 9 * * 1#2", "At 09:30, the second Monday of the month"),
        ("0 9 1,15 * 1", "At 09:00, on day 1 and 15 of the month or Monday"),
        ("0 9 13 * */5", "At 09:00, on day 13 of the month where it is Sunday and Friday"),
        ("7 3 29 2 *", "At 03:07, on day 29 of the month, in February"),
    ],
)
def test_it_says_when(expression, sentence):
    assert describe(expression) == sentence


def test_it_says_where():
    assert describe("0 6 * * *", "Europe/Berlin") == "At 06:00, every day (Europe/Berlin)"
