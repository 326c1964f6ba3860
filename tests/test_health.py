"""What a load balancer and an operator are told about the parts that runs need."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from sheetsync import tasks
from sheetsync.health import look
from sheetsync.models import Pulse, SyncRun
from sheetsync.scheduler import canary, tick
from tests.support.making import Maker
from tests.support.runs import run_of

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
    response = client.get("/readyz")
    assert response.status_code == status and response["Cache-Control"].count("no-store")
    reply = response.json()
    assert reply["ready"] is (status == 200)
    return {name: check["detail"] for name, check in reply["checks"].items()}


def test_it_is_ready_while_everything_shows_signs_of_life(client, alive):
    told = checks(client, 200)
    assert told["database"] == "answers" and told["queue"] == "nothing waits"


@pytest.mark.parametrize(
    ("name", "seconds", "remedy"),
    [("scheduler", 61, "start manage.py run_scheduler"), ("workers", 91, "start manage.py run_worker")],
)
def test_it_is_not_ready_when_a_part_is_silent_and_says_how_to_start_it(client, alive, name, seconds, remedy):
    silent(name, seconds)
    told = checks(client, 503)
    assert f"for {seconds}" in told[name] and remedy in told[name]


def test_a_site_that_nobody_has_started_yet_is_not_ready(client, dispatch):
    told = checks(client, 503)
    assert "no scheduler has looked yet" in told["scheduler"] and "no worker has answered yet" in told["workers"]


def test_where_runs_are_executed_by_who_asks_no_worker_is_missed(client, alive, dispatch):
    silent("workers", 1_000)
    dispatch("inline")
    assert "none is needed" in checks(client, 200)["workers"]


def test_it_says_how_long_runs_wait(client, alive):
    run_of(Maker().automation())
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(seconds=40))
    assert checks(client, 200)["queue"].startswith("the oldest ready run waits for 4")


def test_a_database_that_does_not_answer_is_told_without_its_words(alive):
    def refuse(*call):
        raise OperationalError("password=hush-hush")

    with connection.execute_wrapper(refuse):
        assert [(each.name, each.ok, each.detail) for each in look()] == [
            ("database", False, "it does not answer: OperationalError")
        ]


def test_the_process_says_that_it_is_there_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_can_be_posted(client, address):
    assert client.post(address).status_code == 405


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
    silent("workers", 30)
    assert canary.send() and len(queued()) == 2


def test_canaries_do_not_pile_up_in_a_queue_that_nobody_empties(dispatch):
    dispatch("django_q")
    canary.send()
    silent("canary", 599)
    assert not canary.send()
    silent("canary", 601)
    assert canary.send()


def test_workers_that_look_for_themselves_get_no_canary(dispatch):
    assert not canary.send() and not queued()
