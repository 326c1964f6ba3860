"""Runs as people see them in the browser, and what becomes of their edits."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.pipeline.batching import Caps
from tests.support.browsers import expect
from tests.support.runs import orders_of, run_of
from tests.support.wiring import SHEET, a_client, run_export

pytestmark = pytest.mark.slow


def test_rows_appear_while_the_export_goes_on(emulator, book, server, grid):
    seen = []

    def look(report):
        """Between two commits: what is in the tab so far is in the page, and no more."""
        if not seen:
            grid.open(server.url, book, SHEET)
        grid.shows(**{f"C{report.orders + 1}": f"{report.orders:05}", f"C{report.orders + 2}": ""})
        seen.append(report.orders)

    run_export(a_client(emulator, server.url), book, orders_of(9), caps=Caps(groups=3, rows=12), on_commit=look)
    assert seen == [3, 6, 9]
    assert "fresh" in grid.cell("C9").get_attribute("class")
    expect(grid.page.locator("#live")).to_contain_text("2 writes seen")


def edited_then_run(world, grid, **values):
    """A run has filled the tab; a person writes into an order's row and beside it; another run is over."""
    automation = world.automation(orders=orders_of(3), **values)
    for _ in range(2):
        run = run_of(automation)
        execute_next()
        run.refresh_from_db()
        assert run.status == "completed", run.error
        automation.refresh_from_db()
        if grid.page.url == "about:blank":
            grid.open(world.url, automation.spreadsheet_id, automation.sheet_id)
            grid.shows(D2="c1")
            grid.type("D2", "by hand")
            grid.shows(D2="by hand")
    return automation


@pytest.mark.django_db(transaction=True)
def test_an_edit_by_hand_is_kept_by_the_next_run(world, grid):
    automation = edited_then_run(world, grid, hand_edits="keep")
    grid.page.reload()
    grid.shows(D2="by hand", D3="c2")
    assert world.rows(automation)["00001"][1] == "by hand"


@pytest.mark.django_db(transaction=True)
def test_an_edit_by_hand_is_put_right_before_the_persons_eyes_where_edits_are_repaired(world, grid):
    edited_then_run(world, grid, hand_edits="repair")
    grid.shows(D2="c1")
    assert "fresh" in grid.cell("D2").get_attribute("class")
