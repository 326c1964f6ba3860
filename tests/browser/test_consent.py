"""The consent page in a browser: what a person decides there is what the client is told."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.emulator.oauth_steps import FILE, SHEETS, an_app, exchange, query
from tests.support.browsers import expect

pytestmark = pytest.mark.slow


@pytest.fixture
def app(emulator):
    return an_app(emulator, name="Cactus <shop>")


@pytest.fixture
def consent(emulator, app, server, page):
    """The page on which a person is asked for two scopes; the client's own address is not to be reached."""
    page.route("https://shop.example/**", lambda route: route.fulfill(body="back at the shop"))
    page.goto(f"{server.url}/o/oauth2/v2/auth?{urlencode(query(app, scope=f'{SHEETS} {FILE}'))}")
    expect(page.get_by_role("heading")).to_have_text("Cactus <shop> wants access to your account")
    return page


def told(page):
    """What the redirect brings to the client."""
    expect(page.locator("body")).to_have_text("back at the shop")
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_an_approval_gives_the_client_a_code_that_is_good_for_all_it_asked_for(emulator, app, consent):
    consent.get_by_role("button", name="Continue").click()
    answer = told(consent)
    assert answer["state"] == "s-1"
    granted = exchange(emulator, app, answer["code"]).json()
    assert set(granted["scope"].split()) == {SHEETS, FILE} and granted["refresh_token"]


def test_a_refusal_tells_the_client_that_access_was_denied(consent):
    consent.get_by_role("button", name="Cancel").click()
    answer = told(consent)
    assert (answer["error"], answer["state"]) == ("access_denied", "s-1") and "code" not in answer


def test_a_scope_that_was_unticked_is_not_granted(emulator, app, consent):
    consent.get_by_role("checkbox").first.uncheck()
    consent.get_by_role("button", name="Continue").click()
    granted = exchange(emulator, app, told(consent)["code"]).json()
    assert granted["scope"] == FILE
