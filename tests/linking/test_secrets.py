"""What must not be seen is seen nowhere: planted values in logs, errors, values shown, pages and the database."""

from __future__ import annotations

import logging
import traceback

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from sheetsync import linking
from sheetsync.errors import CodeRefused, SheetsyncError
from sheetsync.execute import execute_next
from sheetsync.models import GoogleAccount, OAuthState
from tests.support.consenting import answer
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def secrets_of(town, said, account):
    """Every value of one link that nobody may see."""
    ledger = town.emulator.oauth.ledger
    return {
        town.app.client_secret,
        said["state"],
        said["code"],
        account.secrets()["refresh_token"],
        *ledger.access,
        *ledger.refresh,
    }


@pytest.fixture
def everything(caplog):
    """All that any library says, down to the wire."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sheetsync").propagate = True
    return caplog


def assert_none_in(text, secrets):
    assert [each[:12] for each in secrets if each in text] == []


def used(town, shop, verifiers):
    """An account that was linked, has run, was revoked, and has failed. -> the account, and its secrets"""
    begun = town.begin(shop)
    verifiers.append(begun.link.secrets()["verifier"])
    said = answer(begun.url)
    account = linking.finish(**said).account
    run_of(automation := town.automation_of(account, orders=orders_of(2)))
    execute_next()
    secrets = {*secrets_of(town, said, account), *verifiers}
    town.revoke()
    run_of(automation)
    execute_next()
    return account, secrets


def test_the_log_tells_none_of_them_at_any_level(town, shop, everything):
    verifiers = []
    _, secrets = used(town, shop, verifiers)
    ours = [each for each in everything.records if "/o/oauth2/v2/auth" not in each.getMessage()]  # the person's browser
    assert any("POST /token" in each.getMessage() for each in ours) and len(secrets) > 5
    for record in ours:
        assert_none_in(f"{record.getMessage()} {vars(record)}", secrets)


def test_the_database_holds_them_sealed_or_not_at_all(town, shop):
    _, secrets = used(town, shop, [])
    for model in apps.get_app_config("sheetsync").get_models():
        for row in model.objects.values():
            assert_none_in(str(row), secrets)


def test_values_that_somebody_prints_do_not_show_them(town, shop):
    begun = town.begin(shop)
    said = answer(begun.url)
    linked = linking.finish(**said)
    secrets = secrets_of(town, said, linked.account)
    assert_none_in(f"{begun!r} {linked!r} {linked.account.credentials()!r} {begun.link!r}", secrets)


@pytest.mark.parametrize("broken", ["code", "client", "answer"])
def test_errors_and_their_tracebacks_do_not_tell_them(town, shop, settings, broken):
    begun = town.begin(shop)
    verifier, said = begun.link.secrets()["verifier"], answer(begun.url)
    if broken == "code":
        town.emulator.oauth.ledger.codes.clear()
    if broken == "client":
        settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": "GOCSPX-planted"}
    if broken == "answer":
        town.emulator.faults.add("lose_reply", "/token")
    with pytest.raises(SheetsyncError) as caught:
        linking.finish(**said)
    secrets = {said["state"], said["code"], verifier, town.app.client_secret, "GOCSPX-planted"}
    assert_none_in("".join(traceback.format_exception(caught.value)) + OAuthState.objects.get().reason, secrets)


def test_an_error_report_with_local_variables_does_not_tell_them(town, shop, rf, settings):
    settings.DEBUG = False
    begun = town.begin(shop)
    verifier, said = begun.link.secrets()["verifier"], answer(begun.url)
    town.emulator.oauth.ledger.codes.clear()
    with pytest.raises(CodeRefused) as caught:
        linking.finish(**said)
    report = ExceptionReporter(rf.get("/"), type(caught.value), caught.value, caught.value.__traceback__)
    ours = [frame for frame in report.get_traceback_frames() if "/sheetsync/" in frame["filename"]]
    assert len(ours) >= 3
    for frame in ours:
        assert_none_in(str(frame["vars"]), {said["code"], verifier, town.app.client_secret})


def test_the_admin_shows_none_of_them(town, shop):
    account, secrets = used(town, shop, [])
    browser = Client()
    browser.force_login(User.objects.create_superuser("operator"))
    for row in (account, OAuthState.objects.get(), *account.automations.all(), *shop.runs.all()):
        name = f"admin:sheetsync_{row._meta.model_name}"
        for address in (reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])):
            response = browser.get(address)
            assert response.status_code == 200
            assert_none_in(response.text, {*secrets, account.sealed})


def test_a_client_secret_that_cannot_be_used_is_not_repeated(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": "GOCSPX-with a space"}
    found = [each for each in run_checks() if "GOOGLE_CLIENT_SECRET" in str(each)]
    assert len(found) == 1 and "with a space" not in str(found)


def test_a_sealed_grant_that_was_copied_to_another_tenant_opens_nothing(town, account):
    thief = GoogleAccount.objects.create(
        tenant=town.shop("thief"), kind="oauth", subject="7", email="thief@example.com", sealed=account.sealed
    )
    with pytest.raises(SheetsyncError, match="another tenant"):
        linking.check(thief)
