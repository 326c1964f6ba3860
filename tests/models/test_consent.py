"""Attempts to link an account: taken once, kept sealed, forgotten in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from sheetsync import crypto
from sheetsync.errors import StateExpired, StateReplayed, StateUnknown
from sheetsync.models import OAuthState, Tenant, retention
from tests.support.meeting import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)

VERIFIER = "a-verifier-that-nobody-may-read"


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop")


def begun(tenant, **values):
    asked = {"verifier": VERIFIER, "scopes": ["openid"], "redirect_uri": "https://shop.example/", "account": None}
    return OAuthState.objects.begin(tenant, **asked | values)


def test_the_database_keeps_neither_the_state_nor_the_verifier_as_they_are(tenant):
    row, state = begun(tenant)
    stored = str(OAuthState.objects.values().get())
    assert state not in stored and VERIFIER not in stored
    assert row.secrets() == {"verifier": VERIFIER}


def test_who_takes_it_gets_the_verifier_and_nobody_else_ever_does(tenant):
    _, state = begun(tenant)
    assert OAuthState.objects.consume(state).secrets() == {"verifier": VERIFIER}
    assert OAuthState.objects.get().sealed == ""


def test_of_twenty_callers_one_takes_it(tenant):
    _, state = begun(tenant)
    with elsewhere(20) as go:
        refusals = [each.exception() for each in [go(OAuthState.objects.consume, state) for _ in range(20)]]
    assert refusals.count(None) == 1 and sum(isinstance(each, StateReplayed) for each in refusals) == 19


def test_a_state_ends_by_the_databases_clock(tenant, settings):
    row, state = begun(tenant)
    assert OAuthState.objects.filter(expires_at__gt=Now() + timedelta(minutes=9)).get() == row
    OAuthState.objects.update(expires_at=Now())
    with pytest.raises(StateExpired):
        OAuthState.objects.consume(state)
    assert OAuthState.objects.get().consumed_at is None


def test_how_long_is_a_setting(tenant, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"OAUTH_STATE_MINUTES": 60}
    begun(tenant)
    assert OAuthState.objects.filter(expires_at__gt=Now() + timedelta(minutes=59)).exists()


@pytest.mark.parametrize("state", ["", "unknown", "\x00", "é" * 10_000, "' OR 1=1 --"])
def test_what_was_never_given_out_is_unknown(tenant, state):
    begun(tenant)
    with pytest.raises(StateUnknown):
        OAuthState.objects.consume(state)


def test_a_row_copied_to_another_tenant_does_not_open(tenant):
    row, state = begun(tenant)
    other = Tenant.objects.create(name="thief")
    OAuthState.objects.filter(pk=row.pk).update(tenant=other)
    with pytest.raises(crypto.CannotDecrypt):
        OAuthState.objects.consume(state).secrets()


def test_what_nobody_asks_for_any_more_is_forgotten_and_the_rest_is_kept(tenant):
    old, recent = begun(tenant)[0], begun(tenant)[0]
    OAuthState.objects.filter(pk=old.pk).update(expires_at=Now() - timedelta(days=1, minutes=1))
    retention.prune()
    assert OAuthState.objects.get() == recent


def test_what_is_expired_is_found_by_its_index(tenant):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
    try:
        assert "states_by_age" in OAuthState.objects.expired().explain()
    finally:
        connection.close()


def test_an_attempt_that_nobody_answered_says_so_afterwards(tenant):
    row, _ = begun(tenant)
    assert row.standing() == ("pending", "")
    assert row.standing(row.expires_at + timedelta(seconds=1)) == ("failed", "Nobody answered in time: start again.")


@pytest.mark.parametrize(
    "values",
    [{"outcome": "linked"}, {"outcome": "perhaps", "consumed_at": Now(), "sealed": ""}, {"consumed_at": Now()}],
)
def test_the_database_refuses_what_cannot_be(tenant, values):
    begun(tenant)
    with pytest.raises(IntegrityError), transaction.atomic():
        OAuthState.objects.update(**values)


def test_an_attempt_outlives_a_change_of_keys(tenant, settings):
    old, new = crypto.generate_key(), crypto.generate_key()
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [old]}
    _, state = begun(tenant)
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [new, old]}
    call_command("rekey")
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [new]}
    assert OAuthState.objects.consume(state).secrets() == {"verifier": VERIFIER}
