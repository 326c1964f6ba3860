"""Webhooks of a source through the API: where to send them, and secrets that change without a gap."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from sheetsync.models import AuditEntry, Source
from sheetsync.models.webhook_secrets import Platform
from tests.support.runs import orders_of
from tests.support.shops import hooks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.shows_secrets("a webhook's secret is in the one answer that makes it"),
]

SEND = {"woocommerce": hooks.woocommerce, "standard": hooks.standard, "shopify": hooks.shopify}
GIVEN = {"shopify": ["shpss_of-the-app-1", "shpss_of-the-app-2"], "woocommerce": [None, None], "standard": [None, None]}


@pytest.fixture
def source(owner, world):
    return world.automation(owner.tenant, orders=orders_of(1)).source


def rotate(caller, source, platform, secret=None, **headers):
    body = {} if secret is None else {"secret": secret}
    return caller.call("post", f"sources/{source.pk}/webhooks/{platform}", body, **headers)


def webhooks(caller, source):
    found = caller.call("get", f"sources/{source.pk}/webhooks").json()
    return {each["platform"]: each for each in found["platforms"]}, found["last_delivery_at"]


def retire(caller, source, platform):
    return caller.call("delete", f"sources/{source.pk}/webhooks/{platform}/old").status_code


def status(source, platform, secret):
    return SEND[platform](source, {"id": 1}, secret).send(Client()).status_code


@pytest.mark.parametrize("platform", SEND)
def test_a_secret_changes_without_a_gap(owner, source, platform):
    answers = [rotate(owner, source, platform, given) for given in GIVEN[platform]]
    assert [(each.status_code, each.json()["secrets"]) for each in answers] == [(201, 1), (201, 2)]
    old, new = [each.json()["secret"] or given for each, given in zip(answers, GIVEN[platform], strict=True)]
    assert status(source, platform, old) == status(source, platform, new) == 200
    assert retire(owner, source, platform) == 204
    assert (status(source, platform, old), status(source, platform, new)) == (401, 200)


def test_the_address_to_paste_is_where_webhooks_are_taken(owner, source):
    secret = rotate(owner, source, "standard").json()["secret"]
    found, last = webhooks(owner, source)
    assert set(found) == set(Platform.values) and found["standard"]["secrets"] == 1 and last is None
    hook = hooks.standard(source, {"id": 1}, secret)
    assert urlsplit(found["standard"]["address"]).path == hook.path
    assert hook.send(Client()).status_code == 200 and webhooks(owner, source)[1].endswith("Z")


def test_the_address_of_hints_is_shown_once_and_whole(owner, source):
    made = rotate(owner, source, "hint").json()
    assert made["secret"] is None and "/hint/ssw_" in made["address"]
    assert hooks.Hook(urlsplit(made["address"]).path, b'{"id": 1}').send(Client()).status_code == 200
    assert webhooks(owner, source)[0]["hint"] == {"platform": "hint", "address": None, "secrets": 1}


def test_a_third_secret_is_refused_with_the_remedy(owner, source):
    for _ in range(2):
        rotate(owner, source, "standard")
    accepted = Source.objects.get().webhook_secrets("standard")
    response = rotate(owner, source, "standard")
    assert response.status_code == 409
    assert f"DELETE sources/{source.pk}/webhooks/standard/old" in response.json()["detail"]
    assert Source.objects.get().webhook_secrets("standard") == accepted


def test_the_only_secret_is_not_retired(owner, source):
    rotate(owner, source, "standard")
    assert retire(owner, source, "standard") == 404 and len(Source.objects.get().webhook_secrets("standard")) == 1


@pytest.mark.parametrize(
    ("platform", "body", "pointer"),
    [
        ("shopify", {}, "/secret"),  # Shopify makes it
        ("hint", {"secret": "of-my-own-choice"}, "/secret"),  # could be guessed
        ("standard", {"secret": "whsec_!!notbase64"}, "/secret"),
        ("woocommerce", {"secret": " padded "}, "/secret"),
        ("woocommerce", {"secret": "x" * 201}, "/secret"),
        ("woocommerce", {"secret": ["a-list-of"]}, "/secret"),
        ("woocommerce", {"secrets": "misspelt"}, "/secrets"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_and_not_echoed(owner, source, platform, body, pointer):
    response = owner.call("post", f"sources/{source.pk}/webhooks/{platform}", body)
    assert response.status_code == 400 and response.json()["errors"][0]["pointer"] == pointer
    assert not any(str(value) in response.text for value in body.values() if len(str(value)) > 6)
    assert not Source.objects.get().webhook_secrets(platform)


def test_a_platform_that_there_is_not_is_not_found(owner, source):
    for method, path in (("post", "magento"), ("delete", "magento/old")):
        response = owner.call(method, f"sources/{source.pk}/webhooks/{path}")
        assert response.status_code == 404 and "platforms are shopify" in response.json()["detail"]


def test_a_request_that_is_repeated_makes_one_secret_and_shows_it_once(owner, source):
    first, again = [rotate(owner, source, "standard", **{"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 409) and "whsec_" not in again.text
    assert len(Source.objects.get().webhook_secrets("standard")) == 1


def test_who_changed_a_secret_is_written_down_and_the_secret_is_not(owner, source):
    secret = rotate(owner, source, "standard").json()["secret"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_kind) == ("source.webhook_secret_rotated", "token")
    assert secret not in str(vars(entry))


def test_secrets_of_a_source_that_operators_set_up_are_theirs(owner, source, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"TENANT_KINDS": ["rest"]}
    assert rotate(owner, source, "standard").status_code == 409 == retire(owner, source, "standard")
    assert not Source.objects.get().webhook_secrets("standard")
