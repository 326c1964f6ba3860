"""One browser for all tests, a fresh page for each."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.support import browsers
from tests.support.console import Complaints, Console
from tests.support.processes import Children


@pytest.fixture(scope="session")
def browser():
    with browsers.running() as browser:
        yield browser


@pytest.fixture
def complaints():
    """What was wrong with the test's pages; what it does not expect fails it."""
    return Complaints()


@pytest.fixture
def page(browser, complaints):
    """A page in a context of its own. An error of its scripts, or anything its policy had to stop, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints.watch(page)
    yield page
    context.close()
    assert complaints.unexpected == []


@pytest.fixture
def grid(page):
    return browsers.Grid(page)


@pytest.fixture
def server(emulator):
    with emulator.serve() as running:
        yield running


@pytest.fixture
def console(page, live_server):
    """The bundled site, with an operator logged in."""
    return Console(page, live_server.url).log_in(User.objects.create_superuser("operator"))


@pytest.fixture
def children(child_environment, world, tmp_path):
    """Workers and schedulers of the test's own, which find the world; all of them are gone when the test is over."""
    environment = child_environment | {"SHEETSYNC_SHEETS_URL": world.url, "SHEETSYNC_PACING": "off"}
    with Children(environment, tmp_path) as children:
        children.settings = {"DISPATCH": "polling", "POLL_SECONDS": 0.1, "SCHEDULER_SECONDS": 0.2}
        yield children
