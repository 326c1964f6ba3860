"""The live line and the final table of a foreground export."""

import io

import pytest
from django.core.management.base import OutputWrapper

from sheetsync.export import Report
from sheetsync.management.progress import ProgressLine, final_table
from sheetsync.sheets.client import Traffic


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def a_report(orders, rows):
    report = Report(orders=orders)
    report.written.inserted = rows
    return report


@pytest.fixture
def clock():
    return Clock()


def line_of(clock, total, orders, rows, seconds):
    line = ProgressLine(OutputWrapper(Terminal()), total, clock=clock)
    return line.text(a_report(orders, rows), clock.now + seconds)


def test_the_line_shows_share_rate_and_time_left(clock):
    assert line_of(clock, 1_000, 250, 500, 10) == (
        "[######                  ]  25%  250 orders  500 rows  50 rows/s  30 s left"
    )


def test_without_a_total_the_line_shows_what_is_done(clock):
    assert line_of(clock, None, 250, 500, 10) == "250 orders  500 rows  50 rows/s"


def test_more_orders_than_expected_are_no_more_than_all_of_them(clock):
    assert "100%" in line_of(clock, 10, 20, 20, 1)


def test_a_terminals_line_is_written_over_itself(clock):
    out = Terminal()
    line = ProgressLine(OutputWrapper(out), 10, clock=clock)
    for orders in (1, 2):
        clock.now += 1
        line(a_report(orders, orders))
    line.end()
    assert out.getvalue().count("\r") == 3 and "\n" not in out.getvalue()


def test_elsewhere_a_line_is_printed_only_now_and_then(clock):
    out = io.StringIO()
    line = ProgressLine(OutputWrapper(out), 10, clock=clock)
    for _ in range(12):
        clock.now += 1
        line(a_report(1, 1))
    assert len(out.getvalue().splitlines()) == 2


def test_the_table_gives_an_example_of_every_warning_and_incident():
    report = a_report(1, 2)
    report.warnings.add("text_cut", "column 'Note', row 1", 3)
    report.written.incidents.add("row_copied", "row 7")
    table = final_table(report, Traffic(), 1.5)
    assert "warning text_cut: 3, for example: column 'Note', row 1" in table
    assert "incident row_copied: 1, for example: row 7" in table
