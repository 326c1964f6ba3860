"""The main job from end to end: a shop's orders into two tabs, people who work in them, a day later, and once more."""

from __future__ import annotations

from project.demonstration.showing import aligned, first_rows, run_rows
from project.demonstration.stage import Stage
from sheetsync.models import Automation, SyncRun

NOTED_ROWS = 40
SHOWN_ROWS = 6
FORMULA = "=IMPORTXML"
"""A customer's name in this shop, which a careless export would turn into a formula."""


def tour(stage: Stage) -> None:
    """Raises CommandError where a single cell differs, a note is lost, or an idle run writes."""
    orders, lines = stage.automations
    runs = _export(stage, "Two automations are asked for a run: one row per order, and one row per line of an order")
    stage.say(stage.equal(orders, lines))

    stage.title("People work in the sheet, and the shop lives a day")
    column, notes = _people_at_work(stage, orders)
    stage.say("the shop lives a day: " + stage.live_a_day())
    runs += _export(stage, "Both are asked again")
    stage.say(stage.equal(orders, lines))
    stage.judge(stage.person(orders).notes(column), notes, "notes and the rows that they stand on")
    stage.say(f"all {len(notes)} notes are still on the rows they were written on")

    idle = _export(stage, "And once more, with nothing changed")
    stage.judge(sum(run.counters["writes"] for run in idle), 0, "calls that wrote")
    stage.say("nothing to do, and not one call that writes")

    stage.title("What ran")
    stage.show(aligned(run_rows(runs + idle)))
    stage.title("The first rows of the tab Orders as people see them, and a customer who is called like a formula")
    stage.show(aligned(first_rows(stage.person(orders).table("FORMATTED_VALUE"), SHOWN_ROWS, FORMULA)))


def _export(stage: Stage, title: str) -> list[SyncRun]:
    stage.title(title)
    runs = [stage.request(automation) for automation in stage.automations]
    stage.watch(*runs)
    for run in runs:
        stage.expect(run, SyncRun.Status.COMPLETED)
    return runs


def _people_at_work(stage: Stage, automation: Automation) -> tuple[int, dict[str, str]]:
    """-> where their column is, and the notes in it, by the row that each belongs to"""
    person = stage.person(automation)
    column = person.add_notes_column("Our notes")
    notes = person.write_notes(column, NOTED_ROWS)
    person.sort("Customer")
    stage.say(
        f"somebody inserts a column of their own, writes {len(notes)} notes into it and sorts the tab by customer"
    )
    return column, notes
