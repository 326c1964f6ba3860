"""Unlinking: what automations lose, who becomes the default, and what Google is told, whatever happens in between."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from sheetsync import linking
from sheetsync.errors import AccountInUse, GrantRevoked, RunRefused
from sheetsync.execute import execute_next
from sheetsync.models import AuditEntry, GoogleAccount
from tests.support.consenting import ANN, BOB
from tests.support.meeting import elsewhere
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)

CAROL = "carol@example.com"


def fresh(row):
    row.refresh_from_db()
    return row


def revocations(town):
    return [call for call in town.emulator.calls if call.path == "/revoke"]


def test_an_account_that_nothing_uses_goes_and_its_grant_with_it(town, account):
    unlinked = linking.unlink(account)
    assert (unlinked.settled, unlinked.stopped, unlinked.new_default) == (True, (), None)
    assert not GoogleAccount.objects.exists() and not town.grants()
    assert AuditEntry.objects.filter(action="account.unlinked", object_label=ANN).count() == 1


def test_the_oldest_other_account_becomes_the_default(town, shop):
    first, second, third = town.link(shop), town.link(shop, BOB), None
    town.emulator.oauth.person(CAROL)
    third = town.link(shop, CAROL)
    assert linking.unlink(first).new_default == second
    assert (fresh(second).is_default, fresh(third).is_default) == (True, False)


def test_an_older_account_that_does_not_work_is_passed_over(town, shop):
    first, second = town.link(shop), town.link(shop, BOB)
    town.emulator.oauth.person(CAROL)
    third = town.link(shop, CAROL)
    second.flag("the grant was revoked")
    assert linking.unlink(first).new_default == third


def test_an_account_that_is_not_the_default_leaves_the_default_as_it_is(town, shop):
    first, second = town.link(shop), town.link(shop, BOB)
    assert linking.unlink(second).new_default is None and fresh(first).is_default


def test_an_account_that_automations_use_is_not_unlinked_unasked(town, account):
    town.automation_of(account, name="daily orders")
    with pytest.raises(AccountInUse, match="'daily orders' write with") as caught:
        linking.unlink(account)
    assert caught.value.automations == ("daily orders",)
    assert fresh(account).status == "active" and town.grants() == {ANN}


def test_automations_that_write_with_the_default_count_as_well(town, account):
    town.automation(account.tenant, name="by default")
    with pytest.raises(AccountInUse, match="by default"):
        linking.unlink(account)


def test_unlinked_all_the_same_its_automations_stop_and_say_why(town, account):
    automation = town.automation_of(account, orders=orders_of(2))
    waiting = run_of(automation)
    assert linking.unlink(account, force=True).stopped == ("orders",)
    assert fresh(waiting).status == "canceled" and execute_next() is None
    with pytest.raises(RunRefused, match=f"{ANN} was unlinked: link it again, or choose another one"):
        run_of(fresh(automation))
    assert not town.grants() and fresh(account).secrets() == {}


def test_linked_again_it_is_the_same_account_and_its_automations_work(town, shop):
    account = town.link(shop)
    automation = town.automation_of(account, orders=orders_of(2))
    linking.unlink(account, force=True)
    assert town.link(shop) == account and fresh(account).is_default
    run = run_of(automation)
    execute_next()
    assert fresh(run).status == "completed"


def test_an_unlinked_account_is_nobodys_default_and_good_for_nothing(town, account):
    automation = town.automation_of(account)
    linking.unlink(account, force=True)
    with pytest.raises(GrantRevoked, match="unlinked"):
        linking.choose_default(account)
    with pytest.raises(GrantRevoked, match="unlinked"):
        linking.reachable(account, automation.spreadsheet_id)
    assert account.flag("a late run") is False and fresh(account).status == "unlinked"
    assert not GoogleAccount.objects.linked().exists()


def test_the_database_lets_no_unlinked_account_be_a_default(account):
    with pytest.raises(IntegrityError), transaction.atomic():
        GoogleAccount.objects.update(status="unlinked")


def test_the_grant_stays_while_another_tenant_rests_on_it_and_ends_with_the_last(town, account):
    theirs = town.link(town.shop("other"))
    assert linking.unlink(account).settled and town.grants() == {ANN}
    linking.check(theirs)
    assert linking.unlink(theirs).settled and not town.grants()


def test_of_two_tenants_who_unlink_at_once_one_at_least_ends_the_grant(town, account):
    theirs = town.link(town.shop("other"))
    with elsewhere(2) as go:
        both = [go(linking.unlink, each) for each in (account, theirs)]
        assert all(each.result().settled for each in both)
    assert not town.grants() and not GoogleAccount.objects.exists()


def test_a_google_that_does_not_answer_leaves_what_is_needed_to_do_it_later(town, account):
    town.emulator.faults.add("drop", "/revoke")
    assert linking.unlink(account).settled is False
    assert fresh(account).status == "unlinked" and account.secrets() and town.grants() == {ANN}
    assert linking.unlink(account).settled and not town.grants() and not GoogleAccount.objects.exists()


def test_prune_ends_the_grants_that_were_left_over(town, account, capsys):
    town.emulator.faults.add("status", "/revoke", status=503)
    linking.unlink(account)
    call_command("prune")
    assert "1 grants of unlinked accounts" in capsys.readouterr().out
    assert not town.grants() and not GoogleAccount.objects.exists()


def test_who_is_killed_before_google_was_told_leaves_it_to_the_next(town, account):
    account.unlink()  # and no further
    assert linking.end_left_over_grants() == 1 and not town.grants()


def test_who_is_killed_after_google_was_told_leaves_nothing_that_cannot_be_settled(town, account):
    account.unlink()
    town.revoke()  # Google was told, and we did not write it down
    assert linking.end_left_over_grants() == 1 and not GoogleAccount.objects.exists()


def test_an_account_that_is_linked_again_first_keeps_its_new_grant(town, account):
    stale = GoogleAccount.objects.get(pk=account.pk)
    town.emulator.faults.add("drop", "/revoke")
    linking.unlink(stale)
    again = town.link(account.tenant)
    assert again == account and linking.unlink(stale).settled
    assert linking.end_left_over_grants() == 0
    linking.check(again)


def test_a_service_accounts_key_is_forgotten_and_google_is_told_nothing(town, shop):
    robot = GoogleAccount.link_service_account(shop, town.key)
    assert linking.unlink(robot).settled
    assert not GoogleAccount.objects.exists() and not revocations(town)
