"""What the database itself says of deliveries, for how long they are known, and what operators see of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from sheetsync.models import Source, SyncRun, Tenant, WebhookDelivery
from sheetsync.models.retention import ended, forget
from tests.support.runs import run_of

pytestmark = pytest.mark.django_db(transaction=True)


def a_delivery(source, key="k", **values):
    values = {"verdict": "ignored", "digest": "d", "expires_at": Now() + timedelta(days=7), **values}
    return WebhookDelivery.objects.create(source=source, key=key, **values)


def refused(name, action):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        action()
    # SQLite names a check, but of a unique constraint only its columns.
    assert name in str(caught.value) or "UNIQUE constraint failed" in str(caught.value)


def test_a_second_delivery_of_a_key(shop):
    a_delivery(shop.source)
    refused("one_delivery_per_key", lambda: a_delivery(shop.source))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("delivery_verdict_is_known", {"verdict": "maybe"}),
        ("delivery_has_a_key", {"key": ""}),
        ("delivery_expires_after_it_came", {"expires_at": Now() - timedelta(days=1)}),
    ],
)
def test_a_delivery_that_cannot_be(shop, name, values):
    refused(name, lambda: a_delivery(shop.source, **values))


def test_a_run_of_a_delivery_that_asked_for_none(shop):
    run = run_of(shop.automation)
    refused("only_accepted_deliveries_have_a_run", lambda: a_delivery(shop.source, run=run))


def past(source, days, key):
    came = Now() - timedelta(days=days)
    return a_delivery(source, key, received_at=came, expires_at=came + timedelta(days=7))


def test_they_are_forgotten_after_a_week(shop):
    kept, _gone = past(shop.source, 6, "kept"), past(shop.source, 8, "gone")
    assert forget() == {"webhook deliveries": 1} and WebhookDelivery.objects.get() == kept


def test_how_long_they_are_known_is_a_setting(shop, post, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"KEEP_DELIVERIES_DAYS": 30}
    post(shop.shopify({"id": 7}))
    row = WebhookDelivery.objects.get()
    assert timedelta(days=29, hours=23) < row.expires_at - row.received_at < timedelta(days=30, hours=1)


def test_a_delivery_outlives_its_run(shop, post):
    post(shop.shopify({"id": 7}))
    run = SyncRun.objects.get()
    SyncRun.objects.all().delete()
    row = WebhookDelivery.objects.get()
    assert (row.run, row.runs, row.verdict) == (None, [run.pk], "accepted")
    assert post(shop.shopify({"id": 7})).json() == {"verdict": "accepted", "runs": [run.pk], "duplicate": True}


@pytest.mark.parametrize("model", [Tenant, Source])
def test_they_go_with_their_source(shop, post, model):
    post(shop.shopify({"id": 7}))
    SyncRun.objects.all().delete()
    shop.automation.delete()
    model.objects.all().delete()
    assert not WebhookDelivery.objects.exists()


def test_old_ones_and_those_of_a_source_are_found_without_looking_at_all(shop):
    now = datetime.now(UTC)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            source=shop.source,
            key=f"k{number}",
            digest="d",
            verdict="ignored",
            received_at=now,
            expires_at=now + timedelta(minutes=number),
        )
        for number in range(1, 3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    of_source = WebhookDelivery.objects.filter(source=shop.source).order_by("-pk")[:50]
    assert "deliveries_by_end" in ended()["webhook deliveries"].explain()
    assert "deliveries_of_source" in of_source.explain() or "pkey" in of_source.explain()
