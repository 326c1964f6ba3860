"""A grant that is gone holds the account's automations, with the reason; connecting it again lets them go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sheetsync import linking, trigger
from sheetsync.errors import ClientRefused, GrantRevoked, RunRefused, Unavailable
from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, GoogleAccount, SyncRun
from sheetsync.models.fields import database_time
from sheetsync.scheduler import tick
from tests.support.consenting import ANN, BOB, answer
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def automation(town, account):
    return town.automation_of(account, orders=orders_of(3))


@pytest.fixture
def revoked(town, account, automation):
    """The person took our access away, and a run has found out."""
    town.revoke()
    run = run_of(automation)
    execute_next()
    run.refresh_from_db()
    account.refresh_from_db()
    return run


def connect_again(town, account):
    begun = town.begin(account.tenant, account=account)
    return linking.finish(**answer(begun.url, email=account.email))


def fresh(row):
    row.refresh_from_db()
    return row


def test_a_run_that_finds_the_grant_gone_says_so_on_the_account_and_fails(revoked, account, automation):
    assert (revoked.status, revoked.error_type, account.status) == ("failed", "GrantRevoked", "needs_owner")
    assert f"{ANN} must be connected again first" in fresh(automation).hold()
    assert (automation.status, automation.problem) == ("active", "")


def test_connected_again_the_automation_goes_on_by_itself(town, revoked, account, automation):
    connect_again(town, account)
    assert execute_next() == revoked
    assert fresh(revoked).status == "completed" and town.rows(automation) == expected(orders_of(3))
    assert fresh(automation).hold() == ""


def test_a_person_is_told_why_nothing_can_be_started(revoked, automation):
    with pytest.raises(RunRefused, match="must be connected again first: Google refused this account's grant"):
        run_of(automation)


def test_other_runs_of_the_account_wait_and_are_not_failed_one_after_the_other(town, account, automation):
    waiting = run_of(town.automation_of(account, name="more", orders=orders_of(2)))
    account.flag("the grant was revoked")
    assert execute_next() is None and SyncRun.objects.oldest_waiting() is None
    connect_again(town, account)
    assert execute_next() == waiting and fresh(waiting).status == "completed"


def test_what_a_shop_reports_meanwhile_is_kept_and_looked_at_afterwards(town, revoked, account, automation):
    reported = run_of(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=["00002"])
    assert reported.status == "pending" and "connected again" in reported.waiting_for
    assert execute_next() is None
    connect_again(town, account)
    while execute_next():
        pass
    assert fresh(reported).status == "completed" and reported.waiting_for == ""
    assert not DirtyOrder.objects.exists()


def test_missed_times_of_a_schedule_become_one_run_when_the_account_works_again(town, account, automation):
    account.flag("the grant was revoked")
    missed = database_time(SyncRun) - timedelta(hours=3)
    values = {"schedule_enabled": True, "cron": "*/30 * * * *", "next_slot_at": missed, "next_run_at": missed}
    Automation.objects.filter(pk=automation.pk).update(**values)
    assert tick().started == 0 and fresh(automation).problem == ""
    connect_again(town, account)
    assert [tick().started, tick().started] == [1, 0]
    assert execute_next().slot == missed and fresh(automation).next_run_at > timezone.now()


def test_a_schedule_that_was_set_aside_is_due_at_once_when_an_account_is_linked(town, shop):
    automation = town.automation(shop, orders=orders_of(2))
    past = database_time(SyncRun) - timedelta(minutes=40)
    values = {"schedule_enabled": True, "cron": "*/30 * * * *", "next_slot_at": past, "next_run_at": past}
    Automation.objects.filter(pk=automation.pk).update(**values)
    assert tick().started == 0 and "has no Google account" in fresh(automation).problem
    Automation.objects.filter(pk=automation.pk).update(spreadsheet_id=_book(town, account := town.link(shop)))
    assert account.is_default and tick().started == 1
    assert execute_next() and fresh(automation).problem == ""


def _book(town, account):
    return linking.create_spreadsheet(account, "late").id


def test_a_persons_own_pause_stays_a_pause(town, revoked, account, automation):
    trigger.pause(automation)
    connect_again(town, account)
    assert execute_next() is None
    assert (fresh(automation).status, fresh(revoked).status) == ("paused", "failed")


def test_only_the_last_run_of_an_automation_is_put_back(town, revoked, account, automation):
    later = SyncRun.objects.create(
        tenant=account.tenant, automation=automation, trigger="manual", max_attempts=5, status="canceled",
        finished_at=timezone.now(),
    )  # fmt: skip
    connect_again(town, account)
    assert (fresh(revoked).status, fresh(later).status) == ("failed", "canceled")


def test_another_default_that_works_is_all_that_automations_without_an_account_of_their_own_need(town, account):
    automation = town.automation(account.tenant, orders=orders_of(2))
    bob = town.link(account.tenant, BOB)
    town.emulator.share(automation.spreadsheet_id, BOB)
    town.emulator.oauth.pick(BOB, town.app, automation.spreadsheet_id)
    account.flag("the grant was revoked")
    run = run_of(automation, trigger=SyncRun.Trigger.WEBHOOK)
    assert execute_next() is None
    linking.choose_default(bob)
    assert execute_next() == run and fresh(run).status == "completed"


def test_a_run_that_began_with_the_old_grant_does_not_flag_the_new_one(town, account, automation):
    old = GoogleAccount.objects.get(pk=account.pk)
    town.revoke()
    connect_again(town, account)
    assert old.flag("Google refused this account's grant") is False
    assert fresh(account).status == "active" and run_of(automation)


def test_a_grant_taken_away_in_the_middle_of_a_run_is_found_and_the_run_goes_on_after(town, account, automation):
    set_orders(automation, orders_of(900))
    town.emulator.faults.add("revoke_grant", ":batchUpdate", after=3)
    run = run_of(automation)
    execute_next()
    assert (fresh(run).status, fresh(account).status) == ("failed", "needs_owner")
    town.emulator.accounts.revoked = False
    connect_again(town, account)
    execute_next()
    assert fresh(run).status == "completed" and len(town.rows(automation)) == 900


def test_a_token_endpoint_that_is_out_of_order_is_no_owners_business(town, account, automation):
    town.emulator.faults.add("status", "/token", status=503, times=99)
    run = run_of(automation)
    execute_next()
    assert (fresh(run).status, run.error_type, fresh(account).status) == ("pending", "Unavailable", "active")


def test_a_client_secret_that_is_wrong_is_no_owners_business(account, automation, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": "GOCSPX-mistyped"}
    run = run_of(automation)
    execute_next()
    assert (fresh(run).status, run.error_type, fresh(account).status) == ("failed", "ClientRefused", "active")


def test_a_new_client_secret_takes_no_new_consent(town, account, settings):
    secret = town.app.client_secret
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": "GOCSPX-old"}
    with pytest.raises(ClientRefused):
        linking.check(account)
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": secret}
    linking.check(account)


def test_another_client_takes_a_new_consent_and_says_so(account, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_ID": "another.apps.googleusercontent.com"}
    with pytest.raises(GrantRevoked, match="another OAuth client"):
        linking.check(account)
    assert fresh(account).status == "needs_owner"


def test_a_check_connects_an_account_that_works_after_all(account, automation):
    account.flag("a mistake")
    linking.check(account)
    assert (fresh(account).status, account.problem) == ("active", "")


def test_a_check_flags_an_account_whose_grant_is_gone(town, account):
    town.revoke()
    with pytest.raises(GrantRevoked, match="connect it again"):
        linking.check(account)
    assert fresh(account).status == "needs_owner"


def test_a_check_that_nobody_answers_says_nothing_of_the_account(town, account):
    town.emulator.faults.add("drop", "/token", times=99)
    with pytest.raises(Unavailable):
        linking.check(account)
    assert fresh(account).status == "active"


def test_a_testing_client_whose_week_is_over_holds_the_account(town, account, automation):
    town.emulator.oauth.expire_refresh_tokens(town.app, ANN)
    run = run_of(automation)
    execute_next()
    assert (fresh(run).error_type, fresh(account).status) == ("GrantRevoked", "needs_owner")
