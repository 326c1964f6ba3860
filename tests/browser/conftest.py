"""One browser for all tests, a fresh page for each."""

from __future__ import annotations

import pytest

from tests.support import browsers


@pytest.fixture(scope="session")
def browser():
    with browsers.running() as browser:
        yield browser


@pytest.fixture
def page(browser):
    """A page in a context of its own. An error of its scripts, or anything its policy had to stop, fails the test."""
    wrong = []
    context = browser.new_context(viewport={"width": 1280, "height": 760})
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: "Security Policy" in message.text and wrong.append(message.text))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def grid(page):
    return browsers.Grid(page)


@pytest.fixture
def server(emulator):
    with emulator.serve() as running:
        yield running
