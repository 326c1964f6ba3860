"""Web, scheduler, two workers and webhooks on one SQLite file, for minutes: nobody ever finds the database locked."""

from __future__ import annotations

import os
import sys

import pytest
from django.contrib.auth.models import User
from django.db import connection

from sheetsync.models import Automation
from tests.support.processes import until
from tests.support.runs import expected, run_of
from tests.support.soak import town, verdict
from tests.support.soak.people import is_ready
from tests.support.soak.plan import Journal, Plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.only_on("sqlite")]

SECONDS = float(os.environ.get("SHEETSYNC_SOAK_SECONDS", "600"))
PASSWORD = "correct horse"
OLD_RUNS_A_SECOND = 100


@pytest.fixture(params=["polling", "django_q"])
def workers(request, children, settings):
    """Two of them, of either kind; everybody rings for that kind."""
    children.settings["DISPATCH"] = request.param
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": request.param}
    if request.param == "django_q":
        return [children.qcluster()]
    return [children.worker(), children.worker()]


def test_nobody_finds_the_database_locked(world, children, site, workers, tmp_path):
    soak(world, children, site, 20, tmp_path)


@pytest.mark.thorough
def test_nobody_finds_the_database_locked_for_minutes(world, children, site, workers, tmp_path):
    soak(world, children, site, SECONDS, tmp_path)


def soak(world, children, site, seconds, folder):
    automations = town.settle(world)
    town.remember_old_runs(automations, round(seconds * OLD_RUNS_A_SECOND))
    children.scheduler()
    for automation in automations:
        run_of(automation)
    until(town.is_calm, "the first export of everything", 300, every=0.5)
    town.start_schedules(automations)
    done = loaded(children, automations, [site(), site()], seconds, folder)
    come_to_rest(done)
    tell(done, seconds)
    assert list(verdict.locked_out(children.all, done)) == []
    assert verdict.wrong_answers(done) == []
    assert verdict.wrong_runs() == []
    assert [each.pk for each in automations if world.rows(each) != expected(town.orders_in(each))] == []


def loaded(children, automations, sites, seconds, folder):
    """The load, once everybody is there. -> what it did"""
    User.objects.create_superuser("operator", password=PASSWORD)
    plan = Plan(
        sites=sites,
        orders={str(each.pk): each.source.config["path"] for each in automations},
        user="operator",
        password=PASSWORD,
        journal=str(folder / "journal.json"),
        database=str(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else "",
        seconds=seconds,
    )
    until(lambda: all(map(is_ready, sites)), "scheduler and workers to be seen", 300, every=0.5)
    load = children.start("load", [sys.executable, "-m", "tests.support.soak.load", str(plan.save(folder / "plan"))])
    assert load.wait(seconds + 120) == 0, load.output
    return Journal.load(folder / "journal.json")


def come_to_rest(done):
    """Schedules are over, and what waits is worked off. Who was paused when an order changed needs a full run."""
    Automation.objects.update(schedule_enabled=False, next_run_at=None)
    until(town.is_calm, "all changed orders to be looked at", 300, every=0.5)
    for automation in Automation.objects.filter(pk__in={int(each.detail) for each in done if each.status == 409}):
        run_of(automation)
    until(town.is_calm, "the orders of those who were paused to be looked at", 300, every=0.5)


def tell(done, seconds):
    log = max(entry.log for entry in done) / 2**20
    print(f"\n{seconds:.0f} s, the largest log {log:.1f} MB\n{verdict.told(done, seconds)}\n{verdict.told_of_runs()}")
