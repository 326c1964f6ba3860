"""The API's description, as people read it."""

from __future__ import annotations

import pytest

from tests.support.browsers import expect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_pages_of_the_api_need_no_other_host(live_server, page):
    elsewhere, ours = [], (live_server.url, "data:")
    page.on("request", lambda request: request.url.startswith(ours) or elsewhere.append(request.url))
    page.goto(f"{live_server.url}/api/v1/docs")
    expect(page.get_by_role("heading", name="sheetsync")).to_be_visible()
    page.get_by_text("Exchange an install code for a token").click()
    expect(page.get_by_text("Once: a code is good for one token")).to_be_visible()
    assert elsewhere == []


def test_without_the_pages_the_remedy_is_told(client, settings):
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "drf_spectacular_sidecar"]
    response = client.get("/api/v1/docs")
    assert response.status_code == 404 and "sheetsync[openapi]" in response.json()["detail"]
