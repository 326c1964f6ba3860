"""Who loads the site: shops that send webhooks, an operator who looks, and one who presses buttons."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from random import Random
from urllib.parse import urlencode, urlsplit

from tests.support.soak.plan import Journal, Plan
from tests.support.soak.shops import Shop

AGAIN = 0.1
"""Of all deliveries, so many come twice."""

PAGES = [
    "/admin/",
    "/admin/sheetsync/syncrun/",
    "/admin/sheetsync/syncrun/?status__exact=completed&p=20",
    "/admin/sheetsync/syncattempt/",
    "/admin/sheetsync/automation/",
    "/admin/sheetsync/dirtyorder/",
    "/readyz",
    "/healthz",
]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
RUN = re.compile(r"/admin/sheetsync/syncrun/(\d+)/change/")


class Browser:
    """One connection to a site that is kept alive, with its cookies."""

    def __init__(self, site: str, journal: Journal) -> None:
        self._connection = HTTPConnection(urlsplit(site).netloc, timeout=60)
        self._cookies: dict[str, str] = {}
        self._journal = journal

    def get(self, path: str) -> str:
        return self.ask("GET", path, kind=path.partition("?")[0])

    def ask(self, method: str, path: str, body: str = "", kind: str = "", form: bool = False) -> str:
        """The answer, noted in the journal."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self._journal.timed(kind or path) as entry:
            self._connection.request(method, path, body.encode() if body else None, headers)
            response = self._connection.getresponse()
            text = response.read().decode()
            entry.status = response.status
            entry.detail = text[:300] if response.status >= 400 else ""
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return text

    def post_form(self, path: str, kind: str, **values: str) -> str:
        values["csrfmiddlewaretoken"] = self._cookies["csrftoken"]
        return self.ask("POST", path, urlencode(values), kind, form=True)

    def log_in(self, user: str, password: str) -> None:
        self.get("/admin/login/?next=/admin/")
        self.post_form("/admin/login/?next=/admin/", "log in", username=user, password=password)
        assert "sessionid" in self._cookies, "the operator could not log in"

    def close(self) -> None:
        self._connection.close()


def is_ready(site: str) -> bool:
    """Whether it has seen its scheduler and its workers."""
    journal = Journal()
    browser = Browser(site, journal)
    browser.get("/readyz")
    browser.close()
    return journal.done[0].status == 200


def pace(seconds: float, until: float, random: Random) -> Iterator[None]:
    """Every so many seconds on average, until then; who is late does not hurry."""
    while (now := time.monotonic()) < until:
        yield
        time.sleep(max(0.0, min(until, now + seconds * random.uniform(0.5, 1.5)) - time.monotonic()))


def send_webhooks(plan: Plan, shops: list[Shop], journal: Journal, site: str, until: float, random: Random) -> None:
    """Orders change, then the shop tells of it; some deliveries come twice, and have to be answered alike."""
    browser = Browser(site, journal)
    for _ in pace(plan.clients / plan.rate, until, random):
        shop = random.choice(shops)
        body = json.dumps({"key": uuid.uuid4().hex, "orders": shop.change(random)})
        answer = browser.ask("POST", f"/hooks/{shop.automation}", body, "webhook")
        if random.random() < AGAIN and journal.done[-1].status == 202:
            again = browser.ask("POST", f"/hooks/{shop.automation}", body, "webhook again")
            assert again == answer, f"a delivery was answered by {answer}, and when it came again by {again}"
        elif journal.done[-1].status == 409:
            journal.done[-1].detail = shop.automation
    browser.close()


def look_around(plan: Plan, shops: list[Shop], journal: Journal, site: str, until: float, random: Random) -> None:
    """Somebody who reads lists and pages all the time."""
    browser = Browser(site, journal)
    browser.log_in(plan.user, plan.password)
    for _ in pace(0.2, until, random):
        text = browser.get(random.choice(PAGES))
        if runs := RUN.findall(text):
            browser.ask("GET", f"/admin/sheetsync/syncrun/{random.choice(runs)}/change/", kind="a run's page")
    browser.close()


def press_buttons(plan: Plan, shops: list[Shop], journal: Journal, site: str, until: float, random: Random) -> None:
    """Somebody who starts, stops and pauses; what was paused is set going again a moment later."""
    browser = Browser(site, journal)
    browser.log_in(plan.user, plan.password)
    for _ in pace(1.0, until, random):
        automation = f"/admin/sheetsync/automation/{random.choice(shops).automation}"
        act = random.choices(["run_now", "pause", "cancel"], [6, 1, 3])[0]
        if act == "cancel":
            if runs := RUN.findall(browser.get("/admin/sheetsync/syncrun/?status__exact=pending")):
                browser.post_form(f"/admin/sheetsync/syncrun/{random.choice(runs)}/cancel/", "cancel")
            continue
        browser.post_form(f"{automation}/{act}/", act)
        if act == "pause":
            time.sleep(random.uniform(0, 0.5))
            browser.post_form(f"{automation}/activate/", "activate")
    browser.close()
