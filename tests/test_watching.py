"""What looks over every test's shoulder sees what it should."""

from __future__ import annotations

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sheetsync.models import ApiToken, Automation, GoogleAccount, Source, Tenant
from tests.support.watching import WATCH

KEY = "-----BEGIN PRIVATE KEY-----"
TELLING = [KEY, "ya29.a0AfH6SMBx1234", "1//0gabcdefghijklmnopq", "GOCSPX-abcdefgh1234", "shpat_" + "0f" * 16]


@pytest.fixture
def leaks():
    """What was found so far; this test is not failed for it."""
    yield WATCH.leaks
    WATCH.leaks.clear()


@pytest.mark.parametrize("secret", TELLING)
def test_a_secret_in_a_log_is_seen(leaks, secret):
    logging.getLogger("sheetsync.sheets.client").debug("called with %s", secret)
    assert leaks and secret not in leaks[0]


def test_a_secret_in_a_traceback_is_seen(leaks):
    try:
        raise ValueError(KEY)
    except ValueError:
        logging.getLogger("sheetsync").exception("it failed")
    assert leaks


def test_a_secret_beside_a_log_line_is_seen(leaks):
    logging.getLogger("sheetsync").info("all well", extra={"token": TELLING[1]})
    assert leaks


@pytest.mark.parametrize("response", [HttpResponse(KEY), HttpResponse(headers={"X-Key": TELLING[1]})])
def test_a_secret_in_a_response_is_seen(leaks, response):
    WATCH.answered(RequestFactory().get("/"), response, 0)
    assert leaks


@pytest.mark.django_db
def test_a_token_may_be_shown_by_the_response_that_it_was_made_for_and_by_no_other(leaks):
    before = WATCH.mints()
    _, text = ApiToken.objects.mint(Tenant.objects.create(name="Cactus"), name="ci", scope="read")
    WATCH.answered(RequestFactory().post("/"), HttpResponse(text), before)
    assert not leaks
    WATCH.answered(RequestFactory().get("/"), HttpResponse(text), WATCH.mints())
    assert leaks


@pytest.fixture
def sealed():
    """An account with a key of no telling form."""
    tenant = Tenant.objects.create(name="Cactus")
    account = GoogleAccount(tenant=tenant, kind="oauth", subject="1", email="a@b.example")
    account.seal({"refresh_token": "nobody-would-guess-this", "token_uri": "https://example.com/token"})
    account.save()
    return account


@pytest.mark.django_db
def test_what_is_sealed_may_stand_in_its_column_alone(leaks, sealed):
    WATCH.look_at_tables()
    assert not leaks
    Source.objects.create(tenant=sealed.tenant, name="nobody-would-guess-this", kind="file")
    WATCH.look_at_tables()
    assert [where.partition(":")[0] for where in leaks] == ["sheetsync_source.name"]


@pytest.mark.django_db
def test_what_is_sealed_is_seen_in_a_log_too(leaks, sealed):
    logging.getLogger("sheetsync").info("https://example.com/?key=nobody-would-guess-this")
    WATCH.look_at_tables()
    assert leaks


@pytest.mark.django_db
def test_a_sealed_text_in_another_column_is_seen(leaks, sealed):
    source = Source.objects.create(tenant=sealed.tenant, name="shop", kind="file", config={"path": sealed.sealed})
    Automation.objects.create(tenant=sealed.tenant, name="a", source=source, spreadsheet_id="s")
    WATCH.look_at_tables()
    assert leaks
