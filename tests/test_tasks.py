"""What django-q2 calls: nothing of one execution is left for the next."""

from __future__ import annotations

import gc
import threading
import time
from multiprocessing import Event

import pytest
import requests
from django.db import connection

from sheetsync import tasks
from sheetsync.models import SyncRun
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(action):
    """What the action gives, done by a thread of its own: it begins without any connection, as a forked worker does."""
    found = []
    thread = threading.Thread(target=lambda: found.append(action()))
    thread.start()
    thread.join()
    return found[0]


def test_a_bell_is_answered_by_the_best_ready_run_whatever_its_id_says(world):
    run = run_of(world.automation(orders=orders_of(3)))
    tasks.execute(run.pk + 1_000)
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_bell_for_nothing_does_nothing(world):
    tasks.execute(7)
    assert not SyncRun.objects.exists()


def test_it_leaves_no_database_connection_behind(world):
    run_of(world.automation(orders=orders_of(3)))

    def executed():
        tasks.execute()
        return connection.connection

    assert in_a_thread(executed) is None


def test_it_leaves_no_session_behind(world):
    def sessions():
        gc.collect()
        return {id(each) for each in gc.get_objects() if type(each) is requests.Session}

    before = sessions()
    run_of(world.automation(orders=orders_of(3)))
    tasks.execute()
    assert sessions() <= before


def test_each_execution_signs_in_for_itself(world):
    automation = world.automation(orders=orders_of(3))
    for _ in range(2):
        run_of(automation)
        tasks.execute()
    assert sum(call.path == "/token" for call in world.emulator.calls) == 2


def test_outside_of_a_cluster_nobody_tells_it_to_stop():
    assert tasks._sentinel() is None and tasks.cluster_stopping(None)() is False


def test_the_cluster_is_not_asked_for_every_order_whether_it_stops():
    asked = []
    stopping = tasks.now_and_then(lambda: bool(asked.append(1)))
    assert not any(stopping() for _ in range(10_000)) and len(asked) == 1


def test_a_cluster_that_stops_is_noticed_within_a_second():
    event = Event()
    stopping = tasks.now_and_then(event.is_set)
    assert not stopping()
    event.set()
    time.sleep(tasks.ASK_AGAIN)
    assert stopping() and stopping()
