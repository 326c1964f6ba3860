"""A real browser for tests: the system's Chromium, driven by Playwright in a thread of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

# No sandbox: it needs rights that containers lack, and the pages are our own. The rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 15
NO_BROWSER = "No browser test can run: no Chromium here. Install one, or name its program by SHEETSYNC_CHROMIUM."


def find_chromium() -> str | None:
    return os.environ.get("SHEETSYNC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def reason_to_leave_out(item: pytest.Item) -> str | None:
    """As in `databases.py`; where CI runs, a missing browser is an error."""
    if "browser" not in getattr(item, "fixturenames", ()) or find_chromium():
        return None
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(NO_BROWSER)
    return "no Chromium here (SHEETSYNC_CHROMIUM names one)"


class Remote:
    """Stands for an object of Playwright's that lives in the browser's thread; its results are remote as well.

    Playwright's blocking calls run an event loop in the thread that makes them. In the tests' own thread Django would
    then refuse every query, in these tests and in all that come after them: it takes the thread for asynchronous. The
    switch that lets it pass, DJANGO_ALLOW_ASYNC_UNSAFE, would also hide real mistakes; so no loop comes near.
    """

    def __init__(self, thread: ThreadPoolExecutor, target):
        self._thread, self._target = thread, target

    def __getattr__(self, name):
        return self._ask(getattr, self._target, name)

    def __call__(self, *values, **named):
        return self._ask(self._target, *map(_near, values), **{name: _near(value) for name, value in named.items()})

    def _ask(self, call, *values, **named):
        found = self._thread.submit(call, *values, **named).result()
        return Remote(self._thread, found) if callable(found) or _is_playwrights(found) else found


def _is_playwrights(value) -> bool:
    return type(value).__module__.startswith("playwright")


def _near(value):
    return value._target if isinstance(value, Remote) else value


@contextmanager
def running() -> Iterator[Remote]:
    """A browser that has started; gone afterwards, with its thread."""
    from playwright import sync_api  # half a second, which a run without browser tests need not wait

    with ThreadPoolExecutor(1, "browser") as thread:
        playwright = thread.submit(sync_api.sync_playwright().start).result()
        try:
            browser = Remote(thread, playwright).chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            yield browser
            browser.close()
        finally:
            thread.submit(playwright.stop).result()


def expect(remote: Remote):
    """Playwright's `expect`: waits until the page is as it should be, then fails."""
    from playwright import sync_api

    sync_api.expect.set_options(timeout=SECONDS * 1000)
    return Remote(remote._thread, sync_api.expect)(remote)


class Grid:
    """The page of a spreadsheet, as a person sees it."""

    def __init__(self, page: Remote):
        self.page = page

    def open(self, url: str, spreadsheet_id: str, gid: int = 0) -> Grid:
        self.page.goto(f"{url}/spreadsheets/d/{spreadsheet_id}/edit?gid={gid}")
        expect(self.page.locator("#live")).to_contain_text("Live")
        return self

    def cell(self, address):
        """`B2` -> the element of that cell, which need not be there yet."""
        letters = address.rstrip("0123456789")
        number, column = address.removeprefix(letters), 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        return self.page.locator(f"#c{int(number) - 1}-{column - 1}")

    def shows(self, **texts: str) -> None:
        """Wait until the cells show these texts: `shows(A1="key", B2="5")`."""
        for address, text in texts.items():
            expect(self.cell(address)).to_have_text(text)

    def type(self, address: str, text: str, then: str = "Enter") -> None:
        """Click on a cell, type over what is there, and leave it by a key."""
        self.cell(address).click()
        self.page.keyboard.type(text)
        self.page.keyboard.press(then)

    def choose(self, item: str, *, over: str | Remote) -> None:
        """Choose from the menu of a cell (by its address) or of another element."""
        element = self.cell(over) if isinstance(over, str) else over
        element.click(button="right")
        self.page.get_by_role("menuitem", name=item).click()
