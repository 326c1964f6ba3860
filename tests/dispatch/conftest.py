"""Each dispatcher with real processes, on the test's own database and against one emulator."""

from __future__ import annotations

import pytest

from sheetsync.models import SyncRun
from tests.support import bells
from tests.support.dispatchers import DISPATCHERS
from tests.support.processes import Children, until
from tests.support.runs import orders_of, run_of


@pytest.fixture
def children(child_environment, world, tmp_path):
    """As for the other tests with processes."""
    environment = child_environment | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2}
        yield children


@pytest.fixture
def arranged(children, settings, monkeypatch, tmp_path):
    """Chooses a dispatcher for this process and all its children."""
    chosen = []

    def arrange(kind):
        dispatcher = kind(children, tmp_path, monkeypatch)
        chosen.append(dispatcher)
        dispatcher.set_up()
        children.settings["DISPATCH"] = dispatcher.setting
        settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": dispatcher.setting}
        return dispatcher

    yield arrange
    for dispatcher in chosen:
        dispatcher.tear_down()


@pytest.fixture(params=DISPATCHERS, ids=lambda kind: kind.__name__)
def dispatcher(request, arranged):
    """Each of them in turn."""
    return arranged(request.param)


@pytest.fixture
def post_office(children, settings, monkeypatch, tmp_path):
    """Stands in front of the dispatcher from when it is called, for all who ring. -> its folder"""

    def open_post_office():
        folder = tmp_path / "bells"
        folder.mkdir()
        monkeypatch.setenv(bells.FOLDER, str(folder))
        children.environment[bells.FOLDER] = str(folder)
        children.python("from tests.support.bells import carry; carry()").says("carrying")
        children.settings["DISPATCH"] = "tests.support.bells.ring"
        settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "tests.support.bells.ring"}
        return folder

    return open_post_office


@pytest.fixture
def all_over():
    """Wait until no run is active."""

    def wait(seconds=60):
        until(lambda: not SyncRun.objects.active().exists(), "all runs to be over", seconds, every=0.1)

    return wait


@pytest.fixture
def run_held(world):
    """Asks for a run, and returns when its worker hangs in its first write."""

    def held():
        fault = world.emulator.faults.add("hold")
        run = run_of(world.automation(orders=orders_of(3)))
        until(fault.reached.is_set, "a worker to be in the middle of a call")
        return run

    yield held
    world.emulator.faults.release()
