"""One alert for each incident: opened with the run that fails, counted up, closed when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sheetsync import trigger
from sheetsync.alerts import site
from sheetsync.errors import GrantRevoked, SpreadsheetGone, TabRefused, Unavailable, WorkerLost
from sheetsync.execute import execute_next
from sheetsync.models import Alert, AlertMessage, GoogleAccount, Tenant, ending
from sheetsync.models.ending import Snapshot
from sheetsync.models.retention import prune
from sheetsync.outcome import Dead, OwnerMustAct, RetryAt
from sheetsync.signals import alert_opened, alert_recovered
from tests.alerts.conftest import ends
from tests.support.meeting import all_at_once
from tests.support.runs import orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


def states():
    return list(Alert.objects.order_by("pk").values_list("kind", "count", "end"))


@pytest.mark.parametrize("how", ["failed", "dead"])
def test_a_run_that_fails_opens_an_alert_that_says_what_and_why(automation, how):
    run = ends(automation, how, TabRefused("tab 'Orders' is not ours"))
    alert = Alert.objects.get()
    assert (alert.kind, alert.automation, alert.run, alert.tenant) == (how, automation, run, automation.tenant)
    assert (alert.error_type, alert.reason) == ("TabRefused", "tab 'Orders' is not ours")
    assert (alert.subject, alert.correlation_id, alert.state) == (automation.name, run.correlation_id, "open")


def test_further_failures_count_up_and_tell_nobody_again(automation, operators, endpoint):
    for how in ("failed", "dead", "dead"):
        run = ends(automation, how, Unavailable(how))
    assert states() == [("dead", 3, "")]
    assert Alert.objects.get().run == run
    assert AlertMessage.objects.count() == 2  # one mail, one webhook


def test_a_run_that_completes_ends_it_and_the_next_failure_is_another_incident(automation, operators):
    for how in ("failed", "completed", "completed", "failed"):
        ends(automation, how)
    assert states() == [("failed", 1, "recovered"), ("failed", 1, "")]
    events = AlertMessage.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["opened", "recovered", "opened"]


def test_a_run_that_is_tried_again_opens_none(automation):
    run = ends(automation, RetryAt(timezone.now() + timedelta(minutes=5)), Unavailable("x"))
    run.refresh_from_db()
    assert run.status == "pending" and not Alert.objects.exists()


def test_the_alert_is_there_with_the_end_of_the_run_or_not_at_all(automation):
    run = trigger.request_run(automation, trigger="manual").run
    run = type(run).objects.claim("w", ending.backoff().cap, only=run.pk)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ending.settle(run, Dead(), Snapshot(), Unavailable("x"))
        assert Alert.objects.exists()
        raise ZeroDivisionError
    run.refresh_from_db()
    assert run.status == "running" and not Alert.objects.exists() and not AlertMessage.objects.exists()


def test_what_the_owner_must_mend_is_an_alert_of_its_own(automation):
    ends(automation, "failed", TabRefused("x"))
    ends(automation, OwnerMustAct(), SpreadsheetGone("the spreadsheet is gone"))
    ends(automation, OwnerMustAct(), SpreadsheetGone("the spreadsheet is gone"))
    assert states() == [("failed", 1, ""), ("needs_owner", 2, "")]
    ends(automation, "completed")
    assert not Alert.objects.open().exists()


def test_an_account_whose_grant_is_gone_is_one_incident_for_all_its_automations(world):
    tenant = world.tenant()
    for number in range(3):
        run_of(world.automation(tenant, name=f"{number}", orders=orders_of(1)))
    account = GoogleAccount.objects.get()
    world.emulator.accounts.revoked = True
    while execute_next():
        account.reconnect()  # or the others would wait for it
    account.flag("the grant is gone")
    assert {(each.account, each.automation) for each in Alert.objects.all()} == {(account, None)}
    assert Alert.objects.open().count() == 1


def test_an_account_that_is_connected_again_has_recovered(world):
    account = GoogleAccount.objects.get(tenant=world.tenant())
    account.flag("the grant is gone")
    account.flag("the grant is gone")
    GoogleAccount.link_service_account(account.tenant, world.key)
    assert states() == [("needs_owner", 2, "recovered")]


def test_an_account_that_was_connected_again_meanwhile_leaves_a_failed_run_to_look_at(automation):
    ends(automation, OwnerMustAct(), GrantRevoked("the old grant is gone"))
    assert Alert.objects.get().kind == "failed"


def test_an_account_that_is_unlinked_is_of_no_interest_any_more(world, operators):
    account = GoogleAccount.objects.get(tenant=world.tenant())
    account.flag("the grant is gone")
    account.unlink()
    assert states() == [("needs_owner", 1, "closed")]
    assert AlertMessage.objects.get().event == "opened"


def test_pausing_closes_an_alert_without_a_word(automation, operators):
    ends(automation, "failed")
    trigger.pause(automation)
    site.tidy()
    assert states() == [("failed", 1, "closed")]
    assert list(AlertMessage.objects.values_list("event", flat=True)) == ["opened"]


def test_pausing_the_tenant_does_too(automation):
    ends(automation, "failed")
    trigger.pause_tenant(automation.tenant)
    site.tidy()
    assert states() == [("failed", 1, "closed")]


def test_an_automation_that_goes_on_keeps_its_alert(automation):
    ends(automation, "failed")
    trigger.pause(automation)
    trigger.activate(automation)
    site.tidy()
    assert states() == [("failed", 1, "")]


def test_a_run_of_a_paused_automation_that_fails_opens_none(automation):
    run = trigger.request_run(automation, trigger="manual").run
    run = type(run).objects.claim("w", ending.backoff().cap, only=run.pk)
    type(automation).objects.update(status="paused")
    ending.settle(run, Dead(), Snapshot(), Unavailable("x"))
    assert not Alert.objects.exists()


def test_deleting_an_automation_takes_its_alerts_along(automation, operators):
    ends(automation, "failed")
    automation.runs.all().delete()
    automation.delete()
    assert not Alert.objects.exists() and not AlertMessage.objects.exists()


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
def test_an_alert_that_is_over_is_forgotten_in_time_with_what_was_sent(automation, operators, days, kept):
    ends(automation, "failed")
    ends(automation, "completed")
    ends(automation, "failed")
    Alert.objects.exclude(closed_at=None).update(closed_at=Now() - timedelta(days=days))
    prune()
    assert Alert.objects.open().count() == 1 and AlertMessage.objects.count() == (3 if kept else 1)


def test_an_alert_tells_no_secret_and_no_name_of_a_worker(automation):
    ends(automation, "dead", WorkerLost("worker box7:4711 stopped answering"))
    assert "box7" not in Alert.objects.get().reason
    ends(automation, "failed", Unavailable("password=hush-hush"))
    assert "hush" not in Alert.objects.get().reason


def test_a_run_that_succeeds_with_nothing_open_costs_one_look(automation):
    with CaptureQueriesContext(connection) as captured:
        Alert.objects.recover(automation=automation)
    assert len(captured) == 1


def test_twenty_failures_at_once_are_one_incident(make, operators):
    account = GoogleAccount.objects.get(tenant=make.tenant())

    def fails(_):
        Alert.objects.account_lost(account, "gone")

    assert all_at_once(20, fails) == [None] * 20
    assert states() == [("needs_owner", 20, "")]
    assert AlertMessage.objects.count() == 1


def test_twenty_automations_of_an_account_that_is_lost_are_one_incident(make, operators):
    tenant = Tenant.objects.get(pk=make.tenant(max_concurrent_runs=20).pk)
    accounts = [GoogleAccount.objects.get(tenant=tenant) for _ in range(20)]
    all_at_once(20, lambda which: accounts[which].flag("gone"))
    assert states() == [("needs_owner", 20, "")]


def test_the_signals_are_sent_after_the_commit_and_a_broken_receiver_hurts_nobody(automation, caplog):
    heard = []

    def receiver(sender, alert, **kwargs):
        heard.append((sender, alert.kind, alert.state, connection.in_atomic_block))

    def broken(**kwargs):
        raise ZeroDivisionError

    for signal in (alert_opened, alert_recovered):
        signal.connect(broken)
        signal.connect(receiver)
    try:
        for how in ("failed", "failed", "completed"):
            ends(automation, how)
    finally:
        for signal in (alert_opened, alert_recovered):
            signal.disconnect(broken)
            signal.disconnect(receiver)
    assert heard == [(Alert, "failed", "open", False), (Alert, "failed", "recovered", False)]
    assert "ZeroDivisionError" in caplog.text


def test_a_real_run_that_fails_and_one_that_works_again(world, operators):
    automation = world.automation(orders=[{"id": "1", "customer": "c"}])
    automation.source.config = {"path": "nowhere.jsonl"}
    automation.source.save()
    run_of(automation)
    execute_next()
    assert [kind for kind, _, _ in states()] == ["failed"]
    automation.source.config = {"path": str(world.folder / f"{automation.tenant.pk}-orders.jsonl")}
    automation.source.save()
    set_orders(automation, orders_of(1))
    run_of(automation)
    execute_next()
    assert states() == [("failed", 1, "recovered")]
