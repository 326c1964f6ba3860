"""Real schedulers side by side send one outbox: each message once, and none is lost where they are killed."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from django.db.models.functions import Now

from sheetsync.alerts import mail as mails
from sheetsync.models import Alert, AlertMessage, Automation, Tenant
from tests.alerts.conftest import endpoint_of, ends
from tests.support.meeting import all_at_once
from tests.support.processes import Children, until

pytestmark = pytest.mark.django_db(transaction=True)

TENANTS, EACH = 10, 6


@pytest.fixture
def outbox(make, receiver):
    """Some messages to some tenants, written as they are when runs fail."""
    automation = make.automation()
    for number in range(TENANTS):
        tenant = Tenant.objects.create(name=f"t{number}")
        endpoint_of(tenant, receiver.url)
        automations = Automation.objects.bulk_create(
            Automation(tenant=tenant, source=automation.source, name=f"{n}", spreadsheet_id=f"{number}-{n}")
            for n in range(EACH)
        )
        for each in automations:
            alert = Alert.objects.create(
                kind="dead", tenant=tenant, automation=each, subject=each.name, told_at=Now(), reason="x"
            )
            alert.tell(AlertMessage.Event.OPENED)
    # They have to be active, or their alerts would be closed; no worker is there to make anything of that.
    Automation.objects.update(status="active")
    return set(AlertMessage.objects.values_list("public_id", flat=True))


@pytest.fixture
def children(child_environment, tmp_path):
    allowed = {"SHEETSYNC_OUTBOUND_ALLOW": "127.0.0.1", "SHEETSYNC_OUTBOUND_HTTP": "on"}
    with Children(child_environment | allowed, tmp_path) as children:
        children.settings = {"DISPATCH": "polling"}
        yield children


@pytest.mark.slow
def test_two_schedulers_send_each_message_once(outbox, receiver, children):
    for child in (children.scheduler(), children.scheduler()):
        child.says("ready")
    until(lambda: not AlertMessage.objects.pending().exists(), "all messages to be sent")
    assert Counter(receiver.ids()) == dict.fromkeys(outbox, 1)


@pytest.mark.slow
def test_schedulers_that_are_killed_lose_nothing_and_send_twice_only_by_the_same_id(outbox, receiver, children):
    receiver.answer_slowly = True
    for kills in range(6):
        killed = children.scheduler()
        until(lambda more=kills * 5: len(receiver.asked) > more or not pending(), "something to be sent")
        time.sleep(0.03 * kills)
        killed.kill()
        AlertMessage.objects.pending().update(next_attempt_at=Now())  # the leases of the dead end
    children.scheduler()
    until(lambda: not pending(), "all messages to be sent")
    sent = Counter(receiver.ids())
    assert set(sent) == outbox and sum(sent.values()) <= len(outbox) + 6 * 8


def pending():
    return AlertMessage.objects.pending().exists()


def test_many_at_once_send_one_mail(automation, operators, mailoutbox):
    ends(automation, "failed")
    AlertMessage.objects.update(next_attempt_at=Now())
    assert sorted(all_at_once(8, lambda _: mails.deliver())) == [0] * 7 + [1]
    assert len(mailoutbox) == 1
