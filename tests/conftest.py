"""What every test may use, and which tests run on which database: see `tests/support/databases.py`."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from sheetsync.emulator import Emulator
from tests.support import browsers, databases, dispatchers, postgres
from tests.support.runs import World
from tests.support.watching import WATCH, watching

SERVER = pytest.StashKey[postgres.Server | None]()
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config):
    config.addinivalue_line("markers", "shows_secrets(why): tells things that look like secrets, on purpose")
    config.stash[SERVER] = databases.start_server()  # workers of xdist find the first process's in their environment


def pytest_unconfigure(config):
    if server := config.stash.get(SERVER, None):
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def no_secret_gets_out():
    with watching():
        yield


def pytest_runtest_setup(item):
    WATCH.begin(active=item.get_closest_marker("shows_secrets") is None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    if WATCH.active and ({"db", "transactional_db"} & {*item.fixturenames} or item.get_closest_marker("django_db")):
        WATCH.look_at_tables()
    yield
    leaks = list(dict.fromkeys(WATCH.leaks))
    WATCH.begin(active=False)
    assert not leaks, f"secrets got out: {leaks}"


def pytest_report_header(config):
    return f"database: {databases.describe(config.stash[SERVER])}"


def pytest_collection_modifyitems(config, items):
    askers = (databases.reason_to_leave_out, browsers.reason_to_leave_out, dispatchers.reason_to_leave_out)
    reasons = {item: next(filter(None, (ask(item) for ask in askers)), None) for item in items}
    items[:] = [item for item, reason in reasons.items() if not reason]
    config.hook.pytest_deselected(items=[item for item, reason in reasons.items() if reason])
    config.stash[LEFT_OUT] = Counter(filter(None, reasons.values()))


def pytest_report_collectionfinish(config):
    return [f"left out: {number} tests, {reason}" for reason, number in config.stash.get(LEFT_OUT, Counter()).items()]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """pytest-django's place for it: in force before the test database is made, until after it is gone."""
    with databases.named_for_this_process(tmp_path_factory.mktemp("database")):
        yield


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Its name is never used again, and it is removed with it."""
    return True


@pytest.fixture
def child_environment(transactional_db):
    """The environment in which another process, started by the test, works on the test's own database."""
    return databases.child_environment()


@pytest.fixture
def emulator():
    return Emulator()


@pytest.fixture
def book(emulator):
    """The id of an empty spreadsheet."""
    return emulator.create_spreadsheet("Shop")


@pytest.fixture
def world(emulator, tmp_path, settings):
    """Everything a run needs: an emulator over HTTP, and the settings with which runs find it."""
    with emulator.serve() as server:
        key = json.loads(emulator.accounts.write_account(tmp_path / "key.json", server.url).read_text())
        unpaced = dict.fromkeys(
            ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")
        )
        settings.SHEETSYNC = settings.SHEETSYNC | {"SHEETS_URL": server.url, "DISPATCH": "polling"} | unpaced
        settings.SHEETSYNC |= {"WEBHOOK_DEBOUNCE_SECONDS": 0}  # whoever asks for a run in a test executes it next
        yield World(emulator, server.url, tmp_path, key)
