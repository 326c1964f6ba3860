"""Wrong clocks, where they can be had; and the figures of all sweeps over boundaries, as one table at the end."""

from __future__ import annotations

import pytest

from tests.support import clocks
from tests.support.sweeps import PROPERTY, STRIDE, table

LEFT_OUT = pytest.StashKey[list[str]]()


@pytest.fixture
def wrong_clock(tmp_path):
    return clocks.WrongClock(tmp_path)


def pytest_collection_modifyitems(config, items):
    reasons = {item: clocks.reason_to_leave_out(item) for item in items}
    items[:] = [item for item, reason in reasons.items() if not reason]
    config.hook.pytest_deselected(items=[item for item, reason in reasons.items() if reason])
    config.stash[LEFT_OUT] = list(filter(None, reasons.values()))


def pytest_report_collectionfinish(config):
    found = config.stash.get(LEFT_OUT, [])
    return [f"left out: {len(found)} tests, {found[0]}"] if found else []


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    rows = [row for report in reports for name, row in report.user_properties if name == PROPERTY]
    if rows:
        terminalreporter.section("deaths at every boundary" if STRIDE == 1 else f"deaths at each {STRIDE}th boundary")
        for line in table(rows):
            terminalreporter.line(line)
