"""What shows that workers live, for each way in which they may learn of runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from sheetsync import tasks
from sheetsync.models import Pulse
from sheetsync.models.pulse import Beat
from sheetsync.scheduler import canary
from tests.support.processes import until

pytestmark = pytest.mark.django_db(transaction=True)

HEARD: list[int | None] = []


def hear(run_id):
    """A host's own dispatcher, and its worker in one."""
    HEARD.append(run_id)
    tasks.execute(run_id)


def use(settings, dispatch):
    HEARD.clear()
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": dispatch}


def ago(name, seconds):
    Pulse.objects.update_or_create(name=name, defaults={"beaten_at": Now() - timedelta(seconds=seconds)})


def test_a_hosts_own_workers_show_that_they_live_by_answering_a_bell_for_nothing(settings):
    use(settings, "tests.dispatch.test_signs_of_life.hear")
    assert canary.send() and HEARD == [None]
    assert Pulse.objects.ages()["workers"] < 5
    assert not canary.send()
    ago("canary", 31), ago("workers", 30)
    assert canary.send()


def test_a_dispatcher_that_fails_is_tried_again_at_the_next_look(settings):
    use(settings, "tests.dispatch.test_signs_of_life.nowhere")
    assert not canary.send() and "canary" not in Pulse.objects.ages()


def test_into_a_silent_queue_canaries_go_ever_more_rarely(settings):
    use(settings, "django_q")
    pauses = []
    for silence in (20, 100, 400, 5_000):
        ago("cluster", silence)
        pauses.append(canary._pause(sent=silence - 1, answered=silence))
    assert pauses == [30, 50, 200, 600]


def test_the_answer_of_another_worker_is_not_the_clusters(settings):
    use(settings, "django_q")
    ago("workers", 0), ago("cluster", 100), ago("canary", 40)
    assert not canary.send()
    ago("canary", 51)
    assert canary.send()


def test_a_bell_that_is_answered_is_a_sign_of_life(settings):
    use(settings, "polling")
    tasks.execute()
    assert Pulse.objects.ages()["workers"] < 5


def test_a_sign_of_life_that_cannot_be_given_disturbs_nobody():
    def refuse(*call):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        Beat(Pulse.Name.WORKERS)()
    assert not Pulse.objects.exists()


@pytest.mark.slow
def test_a_worker_in_a_long_call_shows_that_it_lives(world, children, run_held):
    children.worker(DISPATCH="polling").says("worker ready")
    run_held()
    ago("workers", 1_000)
    until(lambda: Pulse.objects.ages()["workers"] < 100, "a sign of life in the middle of a call", 20)
