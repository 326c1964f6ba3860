"""Mail to the operators: one a minute at most, in which everything stands that has come up since the last one."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sheetsync.alerts.limits import hanging, within
from sheetsync.alerts.words import address, headline, one_line, remedy
from sheetsync.logs import scrub
from sheetsync.models import Alert, AlertMessage
from sheetsync.models.alert_message import operators

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
MOST_LISTED = 50
THREAD = "sheetsync-alert-mail"
LONGEST_SUBJECT = 150
SECONDS = 60.0
"""For one mail, whatever the server does; well below the lease of its messages."""


def deliver() -> int:
    """Send what is due, in one mail. -> how many messages that was about, sent or not"""
    taken = [] if hanging(THREAD) else AlertMessage.objects.claim_mails(EVERY)
    if not taken:
        return 0
    to = operators()
    if not to:
        AlertMessage.objects.failed(taken, "nobody is to be told: ALERT_EMAILS and ADMINS are empty", over=True)
        return len(taken)
    with translation.override(django_settings.LANGUAGE_CODE):
        mail = written(taken, to)
    [wrong] = within(SECONDS, [lambda: _send(mail)], THREAD)
    if wrong:
        AlertMessage.objects.failed(taken, scrub(wrong))
        log.warning("a mail about %d alerts was not sent: %s", len(taken), wrong, extra={"action": "mail_not_sent"})
    else:
        AlertMessage.objects.delivered(taken)
    return len(taken)


def _send(mail: EmailMessage) -> str:
    return "" if mail.send() else "the mail backend says that it sent nothing"


def written(taken: Sequence[AlertMessage], to: Sequence[str]) -> EmailMessage:
    """The mail. The same messages make the same Message-ID, so a mail that is sent twice is shown once by many."""
    opened = [each.alert for each in taken if each.event == AlertMessage.Event.OPENED]
    recovered = [each.alert for each in taken if each.event == AlertMessage.Event.RECOVERED]
    told = hashlib.sha256(",".join(sorted(each.public_id for each in taken)).encode()).hexdigest()[:32]
    host = django_settings.SERVER_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return EmailMessage(
        subject=_subject(opened, recovered),
        body=render_to_string("sheetsync/alert_mail.txt", _shown(opened, recovered)),
        from_email=django_settings.SERVER_EMAIL,
        to=list(to),
        headers={"Message-ID": f"<{told}.sheetsync@{host}>", "Auto-Submitted": "auto-generated"},
    )


def _subject(opened: Sequence[Alert], recovered: Sequence[Alert]) -> str:
    if len(opened) == 1 and not recovered:
        text = headline(opened[0])
    elif len(recovered) == 1 and not opened:
        text = _("well again: %(alert)s") % {"alert": headline(recovered[0])}
    else:
        numbers = {"opened": len(opened), "recovered": len(recovered)}
        text = _("%(opened)d new alerts, %(recovered)d well again") % numbers
    return one_line(f"[sheetsync] {text}", LONGEST_SUBJECT)


def _shown(opened: Sequence[Alert], recovered: Sequence[Alert]) -> dict[str, Any]:
    shown = opened[:MOST_LISTED]
    also = recovered[: MOST_LISTED - len(shown)]
    return {
        "opened": [_entry(alert) for alert in shown],
        "recovered": [_entry(alert) for alert in also],
        "more": len(opened) + len(recovered) - len(shown) - len(also),
        "list": address(),
    }


def _entry(alert: Alert) -> dict[str, str]:
    return {
        "headline": headline(alert),
        "since": f"{timezone.localtime(alert.opened_at):%Y-%m-%d %H:%M %Z}",
        "reason": one_line(f"{alert.error_type}: {alert.reason}" if alert.error_type else alert.reason),
        "remedy": remedy(alert),
        "address": address(alert),
        "correlation_id": alert.correlation_id,
    }
