"""The console as operators have it: the bundled site in a browser, logged in, and what must never be wrong there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client

from tests.admin.pages import adding, listing, page
from tests.support.browsers import Remote, expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# Preloading would put copies of the style sheets into the page, which its policy stops.
RUN_AXE = "async () => (await axe.run(document, {resultTypes: ['violations'], preload: false})).violations"
AT_REST = """() => document.getAnimations().forEach((each) =>
  each.effect.getComputedTiming().endTime === Infinity ? each.cancel() : each.finish())"""
SERIOUS = {"serious", "critical"}

# Faults of markup that comes with Django and Swagger UI, which is not ours to change. Each names the rule, a part of
# the element's markup and the reason; whatever else is found fails the test.
OTHERS: tuple[tuple[str, str, str], ...] = (
    ("label-title-only", 'id="searchbar"', "Django labels it by a picture, whose text axe-core does not count"),
    (
        "aria-input-field-name",
        "select2-selection",
        "select2, as Django sets it up, names an empty choice by nothing",
    ),
    ("nested-interactive", "opblock-summary-control", "Swagger UI puts a link to each operation into its button"),
)

SIZES = {1280: 800, 390: 844}
LOOKS = ((1280, "light"), (390, "dark"))
"""Each size and each theme once, which is what faults come from."""
EVERY_LOOK = tuple((width, theme) for width in SIZES for theme in ("light", "dark"))


class Complaints(list[str]):
    """What a page's scripts, its console and its policy had to complain of. A test may expect some of it."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """A page that is not there is told in the console too: where that is what is looked at, it is no fault."""
        self._expected.append(pattern)

    def watch(self, page) -> None:
        """`page`: Playwright's own, in the browser's thread."""
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message) -> None:
        if message.type == "error" or "Security Policy" in message.text:
            self.append(f"{message.text} ({message.location.get('url')})")

    @property
    def unexpected(self) -> list[str]:
        return [each for each in self if not any(re.search(pattern, each) for pattern in self._expected)]


class Console:
    """The admin's pages of one person, at one site."""

    def __init__(self, page: Remote, site: str) -> None:
        self.page, self.site = page, site

    def log_in(self, user: User) -> Console:
        """As if they had typed their password."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies["sessionid"]
        self.page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": self.site}])
        return self

    def open(self, place) -> Console:
        """`place`: an address, a model for its list, or a row for its page. Each brings a policy."""
        if isinstance(place, type):
            place = listing(place)
        response = self.page.goto(self.site + (place if isinstance(place, str) else page(place)))
        assert response.headers["content-security-policy"].startswith(("default-src 'self'", "default-src 'none'"))
        return self

    def add(self, model) -> Console:
        return self.open(adding(model))

    def press(self, name: str) -> Console:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        return self

    def follow(self, name: str) -> Console:
        self.page.get_by_role("link", name=name, exact=True).first.click()
        return self

    def told(self, *texts: str) -> Console:
        """The page begins with these messages."""
        for text in texts:
            expect(self.page.locator(".messagelist")).to_contain_text(text, ignore_case=True)
        return self

    def shows(self, *texts: str) -> Console:
        """Wait until they can be seen."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()
        return self

    def choose(self, label: str, text: str) -> Console:
        """Choose a row by searching for it, in a field that Django completes."""
        field = self.page.get_by_label(f"{label}:", exact=True)
        self.page.locator(f"#{field.get_attribute('id')} + .select2 [role=combobox]").click()
        self.page.locator(".select2-search__field").fill(text)
        self.page.locator(".select2-results__option--highlighted", has_text=text).click()
        return self

    def usable(self) -> Console:
        """Fails with what keeps people from using the page that is open."""
        accessible(self.page)
        return self

    def looks(self) -> Iterator[str]:
        """The page that is open, as it is looked at; where pictures are kept, in each size by each theme."""
        for width, theme in EVERY_LOOK if kept_in() else LOOKS:
            self.page.set_viewport_size({"width": width, "height": SIZES[width]})
            self.page.emulate_media(color_scheme=theme)
            self.page.evaluate(AT_REST)
            yield f"{width}-{theme}"
        self.page.set_viewport_size({"width": 1280, "height": SIZES[1280]})
        self.page.emulate_media(color_scheme="light")

    def judge(self, name: str) -> Console:
        """Fails with all that is wrong with the page that is open, however it is looked at."""
        wrong = []
        for look in self.looks():
            keep(self.page, f"{name}-{look}")
            wrong += [f"{name}, {look}: {each}" for each in (*violations(self.page), *overflow(self.page))]
        assert not wrong, "\n".join(wrong)
        return self


def violations(page: Remote) -> list[str]:
    """What axe-core finds that keeps people from using the page."""
    page.evaluate(AXE)
    found = []
    for rule in page.evaluate(RUN_AXE):
        if rule["impact"] in SERIOUS:
            found += [f"{rule['id']}: {_why(node)}" for node in rule["nodes"] if not _others(rule["id"], node)]
    return found


def accessible(page: Remote) -> None:
    """Fails with what is not."""
    found = violations(page)
    assert not found, f"{page.url}:\n" + "\n".join(found)


def overflow(page: Remote) -> list[str]:
    """Whether people have to scroll sideways, and what for."""
    found: list[str] = page.evaluate(
        """() => {
          const { clientWidth, scrollWidth } = document.documentElement;
          if (scrollWidth <= clientWidth) return [];
          const wide = (each) => each.getBoundingClientRect().right > clientWidth + 1;
          const named = [...document.body.querySelectorAll('*')].filter(wide).slice(0, 4).map(
            (each) => `${each.tagName}.${each.className}#${each.id}`);
          return [`wider than the window by ${scrollWidth - clientWidth}: ${named.join(', ')}`];
        }"""
    )
    return found


def kept_in() -> str:
    """The folder for pictures of all pages, for people to look at; none where nobody asks for them."""
    return os.environ.get("SHEETSYNC_PICTURES", "")


def keep(page: Remote, name: str) -> None:
    """A picture of the whole page, where pictures are kept."""
    if folder := kept_in():
        # To hide the caret would take a style of its own.
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True, caret="initial")


def _others(rule: str, node: dict) -> bool:
    return any(rule == known and part in node["html"] for known, part, _ in OTHERS)


def _why(node: dict) -> str:
    reason = next(iter([*node["any"], *node["all"], *node["none"]]), {"message": ""})
    return f"{' '.join(map(str, node['target']))} {node['html'][:160]} {reason['message']}"
