"""What a load balancer and an operator are told about the parts that runs need."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from sheetsync import health, tasks
from sheetsync.health import Finding, Watch, look, ready
from sheetsync.models import Automation, Pulse, QuotaBucket, SyncRun
from sheetsync.models.fields import database_time
from sheetsync.scheduler import canary, tick
from tests.support.making import Maker
from tests.support.runs import LEASE, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch(settings):
    def choose(name):
        settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": name}

    choose("polling")
    return choose


@pytest.fixture
def alive(dispatch):
    for name in ("scheduler", "workers"):
        Pulse.objects.beat(name)


def silent(name, seconds):
    Pulse.objects.filter(name=name).update(beaten_at=Now() - timedelta(seconds=seconds))


def checks(client, status):
    """-> {name: detail} of what is told with this status."""
    response = client.get("/readyz")
    assert response.status_code == status and response["Cache-Control"].count("no-store")
    reply = response.json()
    assert reply["ready"] is (status == 200)
    return {name: check["detail"] for name, check in reply["checks"].items()}


def levels():
    """-> {name: level} of what is not well."""
    return {finding.name: finding.level for finding in look() if not finding.ok}


def test_it_is_ready_while_everything_shows_signs_of_life(client, alive):
    told = checks(client, 200)
    assert told["database"] == "answers" and told["queue"] == "nothing waits"
    assert levels() == {}


@pytest.mark.parametrize(
    ("name", "seconds", "remedy"),
    [("scheduler", 61, "start manage.py run_scheduler"), ("workers", 81, "start manage.py run_worker")],
)
def test_it_is_not_ready_when_a_part_is_silent_and_says_how_to_start_it(client, alive, name, seconds, remedy):
    silent(name, seconds)
    told = checks(client, 503)
    assert f"for {seconds}" in told[name] and remedy in told[name]
    assert levels() == {name: "error"}


def test_a_site_that_nobody_has_started_yet_is_not_ready(client, dispatch):
    told = checks(client, 503)
    assert "no scheduler has looked yet" in told["scheduler"] and "no worker has answered yet" in told["workers"]


def test_where_runs_are_executed_by_who_asks_no_worker_is_missed(client, alive, dispatch):
    silent("workers", 1_000)
    dispatch("inline")
    assert "none is needed" in checks(client, 200)["workers"]


def test_a_cluster_that_answers_is_all_that_django_q_needs(client, alive, dispatch):
    dispatch("django_q")
    Pulse.objects.filter(name="workers").delete()
    Pulse.objects.beat(Pulse.Name.CLUSTER)
    assert checks(client, 200)["cluster"].startswith("answered")


def test_a_wedged_cluster_is_told_although_another_worker_works(client, alive, dispatch):
    dispatch("django_q")
    Pulse.objects.beat(Pulse.Name.CLUSTER)
    silent("cluster", 81)
    told = checks(client, 200)
    assert "for 81 s: start Q_CLUSTER_NAME=sheetsync" in told["cluster"] and levels() == {"cluster": "warning"}


def test_with_a_wedged_cluster_and_nobody_else_runs_cannot_be_executed(client, alive, dispatch):
    dispatch("django_q")
    Pulse.objects.beat(Pulse.Name.CLUSTER)
    for name in ("cluster", "workers"):
        silent(name, 81)
    assert "Q_CLUSTER_NAME=sheetsync" in checks(client, 503)["workers"]
    assert levels() == {"workers": "error", "cluster": "warning"}


def test_a_cluster_that_was_never_started_may_not_be_wanted(alive, dispatch):
    dispatch("django_q")
    (finding,) = (each for each in look() if not each.ok)
    assert "has not answered yet" in finding.detail and 'set DISPATCH to "polling"' in finding.detail


def test_silent_workers_of_a_hosts_own_are_named_as_such(alive, dispatch):
    dispatch("shop.sync.ring")
    silent("workers", 81)
    (finding,) = (each for each in look() if not each.ok)
    assert "your own DISPATCH" in finding.detail


def test_it_says_how_long_runs_wait(client, alive):
    run_of(Maker().automation())
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(seconds=40))
    assert "1 ready, the oldest waits for 4" in checks(client, 200)["queue"]


def test_runs_that_wait_too_long_are_a_warning(client, alive):
    run_of(Maker().automation())
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(seconds=301))
    assert "start more workers" in checks(client, 200)["queue"] and levels() == {"queue": "warning"}


def test_runs_that_more_workers_would_not_help_are_not_counted_as_waiting(client, alive):
    account = run_of(Maker().automation()).automation.google_account()
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(seconds=301))
    later = database_time(QuotaBucket).timestamp() + 60
    QuotaBucket.objects.create(name="account x read", subject=account.subject, arrival=later, free_at=later)
    assert checks(client, 200)["queue"] == "nothing waits"


def test_a_run_that_takes_too_long_is_a_warning(client, alive):
    run_of(Maker().automation())
    SyncRun.objects.claim("w", LEASE)
    SyncRun.objects.update(started_at=Now() - timedelta(seconds=3_601))
    assert checks(client, 200)["runs"].startswith("1 running for more than 3600 s") and levels() == {"runs": "warning"}


def test_schedules_that_nobody_starts_are_a_warning(client, alive):
    automation = Maker().automation(schedule_enabled=True, cron="0 5 * * *")
    Automation.objects.filter(pk=automation.pk).update(next_run_at=Now() - timedelta(seconds=301))
    assert checks(client, 200)["schedules"].startswith("1 due, the longest for 301 s")
    assert levels() == {"schedules": "warning"}


def test_a_look_is_seven_statements(alive, django_assert_num_queries):
    run_of(Maker().automation())
    with django_assert_num_queries(7):
        look()


def test_a_database_that_does_not_answer_is_told_without_its_words(alive):
    def refuse(*call):
        raise OperationalError("password=hush-hush")

    with connection.execute_wrapper(refuse):
        assert look() == [Finding("database", False, "it does not answer: OperationalError", vital=True)]
    assert not ready([health.unreachable(OperationalError("x"))])


def test_the_process_says_that_it_is_there_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_can_be_posted(client, address):
    assert client.post(address).status_code == 405


# The log


@pytest.fixture
def watch(caplog):
    """What the log is told while so many seconds pass."""
    caplog.set_level(logging.INFO, "sheetsync.health")
    now = [1_000.0]
    watch = Watch(clock=lambda: now[0])

    def after(seconds):
        caplog.clear()
        for _ in range(seconds):
            now[0] += 1
            watch()
        return [(record.levelname, record.action, record.finding) for record in caplog.records]

    return after


def test_the_log_is_told_at_once_what_is_not_well_and_again_while_it_lasts(alive, watch):
    assert watch(100) == []
    silent("scheduler", 61)
    assert watch(5) == [("ERROR", "not_well", "scheduler")]
    assert watch(80) == []
    assert watch(10) == [("ERROR", "not_well", "scheduler")]


def test_the_log_is_told_when_it_is_well_again(alive, watch):
    silent("scheduler", 61)
    watch(100)
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    assert watch(20) == [("INFO", "well_again", "scheduler")]


def test_processes_that_start_together_do_not_complain_of_one_another(dispatch, watch):
    assert watch(79) == []
    assert watch(5) == [("ERROR", "not_well", "scheduler"), ("ERROR", "not_well", "workers")]


def test_what_is_late_is_a_warning_in_the_log(alive, dispatch, watch):
    dispatch("django_q")
    assert watch(85) == [("WARNING", "not_well", "cluster")]


def test_silence_is_told_within_a_minute_and_a_half():
    """The last answer may have come just before the end; the watch looks every few seconds."""
    assert health.WORKER_SILENCE + Watch.EVERY < 90
    assert health.WORKER_SILENCE > 2 * canary.EVERY + 10, "and two canaries may be lost before that"


# The canary


def test_each_look_at_the_clock_is_a_sign_of_life(dispatch):
    tick()
    assert Pulse.objects.ages()["scheduler"] < 5


def queued():
    from django_q.models import OrmQ

    return [task.task["func"] for task in OrmQ.objects.all()]


def test_the_workers_queue_is_tried_now_and_then(dispatch):
    dispatch("django_q")
    assert [canary.send(), canary.send()] == [True, False]
    assert queued() == ["sheetsync.tasks.answer_canary"]
    tasks.answer_canary()
    silent("canary", 31)
    silent("cluster", 30)
    assert canary.send() and len(queued()) == 2


def test_canaries_do_not_pile_up_in_a_queue_that_nobody_empties(dispatch):
    dispatch("django_q")
    canary.send()
    silent("canary", 599)
    assert not canary.send()
    silent("canary", 601)
    assert canary.send()


def test_canaries_do_not_pile_up_while_only_another_worker_works(alive, dispatch):
    dispatch("django_q")
    canary.send()
    silent("canary", 31)
    Pulse.objects.beat(Pulse.Name.WORKERS)
    assert not canary.send()


def test_workers_that_look_for_themselves_get_no_canary(dispatch):
    assert not canary.send() and not queued()
