"""`rekey`: every secret under the newest key, so that the older one can go."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sheetsync import crypto
from sheetsync.models import GoogleAccount, Source, Tenant

pytestmark = pytest.mark.django_db

OLD, NEW = crypto.generate_key(), crypto.generate_key()


@pytest.fixture
def keys(settings):
    def use(*newest_first):
        settings.SHEETSYNC = {"ENCRYPTION_KEYS": newest_first}

    use(OLD)
    return use


@pytest.fixture
def account(keys):
    tenant = Tenant.objects.create(name="a")
    account = GoogleAccount(tenant=tenant, kind="oauth", subject="1", email="a@b.c")
    account.seal({"refresh_token": "hush"})
    account.save()
    return account


def rekey():
    out = StringIO()
    call_command("rekey", stdout=out)
    return out.getvalue()


def test_after_it_the_old_key_is_not_needed_any_more(account, keys):
    keys(NEW, OLD)
    assert "1 secrets" in rekey()
    keys(NEW)
    account.refresh_from_db()
    assert account.secrets() == {"refresh_token": "hush"}


def test_a_second_time_changes_nothing(account, keys):
    keys(NEW, OLD)
    rekey()
    before = GoogleAccount.objects.values().get()
    assert "0 secrets" in rekey() and GoogleAccount.objects.values().get() == before


def test_sources_are_sealed_anew_too_and_rows_without_secrets_left_alone(account, keys):
    source = Source(tenant=account.tenant, name="a", kind="file")
    source.seal({"api_key": "hush"})
    source.save()
    Source.objects.create(tenant=account.tenant, name="b", kind="file")
    keys(NEW, OLD)
    assert "2 secrets" in rekey()


def test_a_secret_that_no_key_opens_is_named_after_the_others_are_done(account, keys):
    other = GoogleAccount.objects.create(
        tenant=account.tenant, kind="oauth", subject="2", email="d@b.c", sealed="gAAAAbroken"
    )
    keys(NEW, OLD)
    with pytest.raises(CommandError, match=f"Google account {other.pk}"):
        rekey()
    account.refresh_from_db()
    assert not crypto.needs_rotation(account.sealed)


def test_a_secret_copied_to_another_tenants_row_does_not_open(account):
    other = Tenant.objects.create(name="b")
    stolen = GoogleAccount.objects.create(tenant=other, kind="oauth", subject="1", email="a@b.c", sealed=account.sealed)
    with pytest.raises(crypto.CannotDecrypt, match="another tenant"):
        stolen.secrets()
