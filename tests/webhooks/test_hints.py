"""Hints that nobody signs: the address is the secret, and the body says no more than where to look."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.test import Client

from sheetsync.models import SyncRun, WebhookDelivery, ending
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Completed
from tests.support.runs import LEASE
from tests.support.shops import hooks
from tests.webhooks.conftest import nothing_is_left

pytestmark = pytest.mark.django_db(transaction=True)

RECORDING = Path(__file__).resolve().parents[3] / "shared" / "data" / "recordings" / "pretix_webhook.log"
PRETIX = {"notification_id": 3, "organizer": "demo", "event": "conf", "code": "GHAL3"}


@pytest.mark.needs(RECORDING)
def test_a_recorded_hint_of_pretix_names_its_order(shop, post):
    body = RECORDING.read_bytes().splitlines()[1]
    assert post(shop.hint(body)).json()["verdict"] == "accepted" and shop.told() == ["GHAL3"]
    assert WebhookDelivery.objects.get().topic == "pretix.event.order.canceled"


def test_an_address_that_nobody_was_told_is_refused(shop, post):
    given = shop.secrets["hint"]
    for wrong in (given[:-1], given + "a", given.upper(), "ssw_", "x" * 5_000, "%00", "ü"):
        assert post(hooks.hint(shop.source, PRETIX, wrong)).status_code == 401, wrong
    assert nothing_is_left()


def test_what_is_stored_does_not_open_the_door(shop, post):
    (digest,) = shop.source.webhook_secrets("hint")
    assert post(hooks.hint(shop.source, PRETIX, digest)).status_code == 401


def test_the_address_of_one_source_is_none_of_another(shop, make, post):
    other = make.automation().source
    other.rotate_webhook_secret("hint")
    assert post(hooks.hint(other, PRETIX, shop.secrets["hint"])).status_code == 401 and nothing_is_left()


def test_a_repeated_hint_needs_no_other_look_while_its_run_has_not_begun(shop, post):
    first, again = post(shop.hint(PRETIX)).json(), post(shop.hint(PRETIX)).json()
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["runs"] == again["runs"] and shop.told() == ["GHAL3"]


def test_a_repeated_hint_during_its_run_is_looked_at_after_it(shop, post):
    """The run may have fetched the order before it changed for the second time."""
    post(shop.hint(PRETIX))
    SyncRun.objects.update(next_attempt_at="2020-01-01T00:00Z")
    run = SyncRun.objects.claim("w", LEASE)
    assert not post(shop.hint(PRETIX)).json()["duplicate"]
    run.refresh_from_db()
    assert run.again and shop.told() == ["GHAL3"] * 2 and WebhookDelivery.objects.count() == 1


def test_a_repeated_hint_after_its_run_gets_another_run(shop, post):
    post(shop.hint(PRETIX))
    SyncRun.objects.update(next_attempt_at="2020-01-01T00:00Z")
    first = SyncRun.objects.claim("w", LEASE)
    ending.settle(first, Completed(), Snapshot())
    again = post(shop.hint(PRETIX)).json()
    assert not again["duplicate"] and again["runs"] != [first.pk]
    assert WebhookDelivery.objects.get().run_id == again["runs"][0]


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_log_holds_the_address(shop, method, caplog):
    caplog.set_level(logging.DEBUG)
    path = shop.hint(PRETIX).path
    sent = {"data": PRETIX, "content_type": "application/json"} if method == "post" else {}
    getattr(Client(), method)(path, **sent)
    assert shop.secrets["hint"] not in caplog.text
