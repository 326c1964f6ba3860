"""What operators do to accounts: unlink them, connect them again, and never just delete them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from sheetsync.execute import execute_next
from sheetsync.models import AuditEntry, GoogleAccount
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(transactional_db):
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def press(operator, account, button):
    return operator.post(
        reverse(f"admin:sheetsync_googleaccount_{button}", args=[account.pk]), {"sure": "yes"}, follow=True
    ).text


def test_an_operator_unlinks_an_account_and_google_is_told(town, account, operator):
    press(operator, account, "unlink")
    assert not GoogleAccount.objects.exists() and not town.grants()
    assert AuditEntry.objects.get(action="account.unlinked").actor == "operator"


def test_an_account_that_is_in_use_is_not_unlinked_by_a_button(town, account, operator):
    town.automation_of(account, name="daily orders")
    assert "daily orders" in press(operator, account, "unlink")
    account.refresh_from_db()
    assert account.status == "active"


def test_an_account_is_not_deleted_by_hand(account, operator):
    address = reverse("admin:sheetsync_googleaccount_delete", args=[account.pk])
    assert operator.post(address, {"post": "yes"}).status_code == 403


def test_an_account_that_an_operator_connects_again_lets_its_failed_run_go_on(town, account, operator):
    run = run_of(town.automation_of(account, orders=orders_of(2)))
    town.emulator.accounts.revoked = True
    execute_next()
    town.emulator.accounts.revoked = False
    press(operator, account, "reconnect")
    assert execute_next() == run
    run.refresh_from_db()
    assert run.status == "completed"


def test_an_automation_says_on_its_page_and_in_the_list_that_its_account_does_not_work(town, account, operator):
    automation = town.automation_of(account)
    account.flag("the grant was revoked")
    address = reverse("admin:sheetsync_automation_change", args=[automation.pk])
    assert "must be connected again first: the grant was revoked" in operator.get(address).text
    assert "its Google account does not work" in operator.get(reverse("admin:sheetsync_automation_changelist")).text


def test_an_account_that_is_tested_says_whether_google_lets_it_in(town, account, operator):
    assert "Google lets" in press(operator, account, "test")
    assert AuditEntry.objects.get(action="account.tested").actor == "operator"
    town.emulator.accounts.revoked = True
    assert "connect" in press(operator, account, "test")
    account.refresh_from_db()
    assert account.status == "needs_owner"
