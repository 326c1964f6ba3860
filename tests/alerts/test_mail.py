"""Mail to the operators: one a minute at most, whatever happens; sent again where the server did not take it."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event

import django
import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Now

from sheetsync.alerts import mail as mails
from sheetsync.alerts.limits import hanging
from sheetsync.errors import TabRefused
from sheetsync.models import Alert, AlertMessage
from sheetsync.models.alert_message import MOST_ATTEMPTS, PAUSES
from tests.alerts.conftest import ends, send
from tests.support.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(BaseEmailBackend):
    """A server that takes nothing."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("no mail today; password=hush-hush")


class Silent(BaseEmailBackend):
    """A server that does not come back before the test says so."""

    back = Event()

    def send_messages(self, messages):
        self.back.wait(30)


def mail_by(settings, backend):
    """As Django 6.1 has it, and as it was before."""
    if django.VERSION >= (6, 1):
        settings.MAILERS = {"default": {"BACKEND": backend}}
    else:
        settings.EMAIL_BACKEND = backend


def later(**since):
    """Let that much time pass, for mail."""
    rows = AlertMessage.objects.filter(channel="mail")
    for row in rows:
        values = {"next_attempt_at": row.next_attempt_at - timedelta(**since)}
        values |= {"attempted_at": row.attempted_at - timedelta(**since)} if row.attempted_at else {}
        rows.filter(pk=row.pk).update(**values)


def go_on(**since):
    later(**(since or {"minutes": 2}))
    return send()


def test_a_failure_is_told_with_its_reason_its_remedy_and_a_link(automation, operators):
    run = ends(automation, "failed", TabRefused("tab 'Orders' is not ours"))
    go_on()
    [sent] = mail.outbox
    assert sent.to == ["anna@ops.example", "bo@ops.example"]
    assert sent.subject == f"[sheetsync] {automation.name} ({automation.tenant.name}) fails"
    for words in (
        "TabRefused: tab 'Orders' is not ours",
        "press Retry",
        f"https://sync.example/admin/sheetsync/alert/{Alert.objects.get().pk}/change/",
        run.correlation_id,
    ):
        assert words in sent.body


def test_what_is_over_is_told_too(automation, operators):
    ends(automation, "failed")
    go_on()
    ends(automation, "completed")
    go_on()
    assert mail.outbox[1].subject.startswith("[sheetsync] well again: ")
    assert go_on() == 0 and len(mail.outbox) == 2


def test_nothing_is_sent_before_others_could_join(automation, operators):
    ends(automation, "failed")
    assert send() == 0 and mail.outbox == []


def test_many_failures_are_one_mail_that_lists_some_of_them(make, operators, automation):
    ends(automation, "failed", TabRefused("x"))
    alerts = Alert.objects.bulk_create(
        Alert(kind="wedged", finding=f"f{n}", subject=f"f{n}", told_at=Now()) for n in range(999)
    )
    AlertMessage.objects.bulk_create(AlertMessage(alert=each, event="opened", channel="mail") for each in alerts)
    assert go_on() == 1_000
    [sent] = mail.outbox
    assert sent.subject == "[sheetsync] 1000 new alerts, 0 well again"
    assert sent.body.count("Why:") == 50 and "And 950 more." in sent.body
    assert "https://sync.example/admin/sheetsync/alert/\n" in sent.body


def test_the_next_mail_is_not_sent_within_a_minute(make, operators):
    ends(make.automation(), "failed")
    go_on()
    ends(make.automation(), "failed")
    assert go_on(seconds=50) == 0
    assert go_on(seconds=15) == 1 and len(mail.outbox) == 2


def test_a_server_that_takes_nothing_is_tried_again_and_then_given_up(automation, operators, settings):
    mail_by(settings, "tests.alerts.test_mail.Broken")
    ends(automation, "failed")
    waits = []
    for _ in range(MOST_ATTEMPTS):
        assert go_on(days=2) == 1
        row = AlertMessage.objects.get()
        waits.append(row.next_attempt_at - row.attempted_at)
    assert [round(each.total_seconds()) for each in waits[:-1]] == [each.total_seconds() for each in PAUSES]
    assert row.state == "given_up" and go_on(days=2) == 0
    assert "ConnectionRefusedError" in row.error and "hush" not in row.error


def test_a_server_that_comes_back_gets_it(automation, operators, settings):
    mail_by(settings, "tests.alerts.test_mail.Broken")
    ends(automation, "failed")
    go_on()
    mail_by(settings, "django.core.mail.backends.locmem.EmailBackend")
    go_on(minutes=10)
    assert len(mail.outbox) == 1 and AlertMessage.objects.get().state == "delivered"


def test_a_server_that_hangs_is_left_alone_and_is_not_asked_by_a_second_one(
    automation, operators, settings, monkeypatch
):
    mail_by(settings, "tests.alerts.test_mail.Silent")
    monkeypatch.setattr(mails, "SECONDS", 0.2)
    ends(automation, "failed")
    began = time.monotonic()
    assert go_on() == 1 and time.monotonic() - began < 2
    assert "too long" in AlertMessage.objects.get().error
    assert go_on(minutes=10) == 0
    Silent.back.set()
    until(lambda: not hanging(mails.THREAD), "the mail to come back")
    assert go_on(minutes=10) == 1


def test_a_mail_that_was_sent_by_one_who_died_over_it_is_sent_again_as_the_same(automation, operators):
    ends(automation, "failed")
    later(minutes=2)
    taken = AlertMessage.objects.claim_mails(mails.EVERY)
    first = mails.written(taken, ["anna@ops.example"])  # sent, and killed
    assert go_on(minutes=2) == 0  # nobody else sends it meanwhile
    go_on(minutes=2)
    assert mail.outbox[0].extra_headers["Message-ID"] == first.extra_headers["Message-ID"]


def test_who_comes_late_writes_nothing_over_what_another_one_did(automation, operators):
    ends(automation, "failed")
    later(minutes=2)
    taken = AlertMessage.objects.claim_mails(mails.EVERY)
    go_on(minutes=5)
    AlertMessage.objects.failed(taken, "it took me five minutes")
    assert AlertMessage.objects.get().state == "delivered"


def test_names_of_tenants_cannot_write_headers_or_lines_of_their_own(make, operators):
    tenant = make.tenant()
    type(tenant).objects.update(name="Evil\r\nBcc: all@world.example\r\n\r\n<script>")
    automation = make.automation(tenant)
    type(automation).objects.update(name="x\n✔ Well again: everything‮" + "y" * 150)
    automation.refresh_from_db()
    ends(automation, "failed", TabRefused("a\n✔ Well again: b"))
    go_on()
    [sent] = mail.outbox
    message = sent.message()
    assert "Bcc" not in message and "\n" not in sent.subject and len(sent.subject) <= 150
    assert not [line for line in sent.body.splitlines() if line.startswith("✔")]


def test_without_a_known_address_of_the_site_there_is_no_link(automation, operators, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SITE_URL": None}
    ends(automation, "failed")
    go_on()
    assert "http" not in mail.outbox[0].body


def test_whom_admins_names_is_told_where_nobody_else_is_named(automation, settings):
    settings.ADMINS = [("Anna", "anna@ops.example")]
    ends(automation, "failed")
    go_on()
    assert mail.outbox[0].to == ["anna@ops.example"]


@pytest.mark.parametrize("named", [None, []])
def test_where_nobody_is_named_nothing_is_put_into_the_outbox(automation, settings, named):
    settings.SHEETSYNC = settings.SHEETSYNC | {"ALERT_EMAILS": named}
    ends(automation, "failed")
    assert Alert.objects.exists() and not AlertMessage.objects.exists()


def test_what_waits_when_the_last_name_is_taken_away_is_given_up(automation, operators, settings):
    ends(automation, "failed")
    settings.SHEETSYNC = settings.SHEETSYNC | {"ALERT_EMAILS": []}
    go_on()
    assert AlertMessage.objects.get().state == "given_up"
