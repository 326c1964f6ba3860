"""What is not well about the whole site, and what nobody wants to hear of any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from sheetsync.conf import settings as conf
from sheetsync.health import Finding
from sheetsync.models import Alert, Automation, GoogleAccount
from sheetsync.models.alert import AlertEnd, AlertQuerySet
from sheetsync.models.alert_message import AlertEvent
from sheetsync.models.fields import atomic, database_time


def judge(findings: Sequence[Finding]) -> None:
    """Tell what has been not well for longer than ALERT_AFTER_SECONDS, and what is well again.

    Since when is kept in the database: a scheduler that starts anew, or looks once and ends, goes on counting. What
    passes before that time leaves nothing behind.
    """
    if any(finding.name == "database" and not finding.ok for finding in findings):
        return  # nothing else was looked at, and nothing can be written
    known = {alert.finding: alert for alert in Alert.objects.open().filter(kind=Alert.Kind.WEDGED)}
    for finding in findings:
        alert = known.pop(finding.name, None)
        if alert is not None:
            _settle(alert, finding)
        elif not finding.ok:
            _begin(finding)
    for alert in known.values():  # of a check that is made no more, as of the cluster once DISPATCH is another
        alert.end_as(AlertEnd.CLOSED)


def _begin(finding: Finding) -> None:
    named = {"finding": finding.name, "subject": finding.name, "reason": finding.detail}
    try:
        with atomic(Alert):
            Alert.objects.create(kind=Alert.Kind.WEDGED, **named)
    except IntegrityError:
        return  # another scheduler has seen it too


def _settle(alert: Alert, finding: Finding) -> None:
    """Under its lock: another scheduler may be about to do the same."""
    with atomic(Alert):
        held = Alert.objects.open().select_for_update().filter(pk=alert.pk).first()
        if held is None:
            return
        if finding.ok:
            _end(held)
        elif held.told_at is None:
            _tell_if_it_lasts(held, finding)
        else:
            Alert.objects.filter(pk=held.pk).update(seen_at=Now(), reason=finding.detail)


def _end(alert: Alert) -> None:
    if alert.told_at is None:
        alert.delete()
    else:
        alert.end_as(AlertEnd.RECOVERED)


def _tell_if_it_lasts(alert: Alert, finding: Finding) -> None:
    now = database_time(Alert)
    if now - alert.opened_at < timedelta(seconds=conf.ALERT_AFTER_SECONDS):
        return
    alert.told_at = alert.seen_at = now
    alert.reason = finding.detail
    alert.save(update_fields=["told_at", "seen_at", "reason"])
    alert.tell(AlertEvent.OPENED)


def tidy() -> int:
    """Close the alerts of what was paused, or is not linked any more. -> how many"""
    return sum(_close(alert) for alert in moot().order_by("pk"))


def moot() -> AlertQuerySet:
    """Open alerts that nobody wants to hear of any more. Served by the index `open_alerts`."""
    paused = ~Q(automation__status=Automation.Status.ACTIVE) & Q(automation__isnull=False)
    unlinked = Q(account__status=GoogleAccount.Status.UNLINKED)
    return Alert.objects.open().filter(paused | unlinked | Q(tenant__active=False))


def _close(alert: Alert) -> bool:
    """With its automation locked: it could be activated and fail anew in this very moment."""
    with atomic(Alert):
        if alert.automation_id:
            Automation.objects.select_for_update(no_key=True).filter(pk=alert.automation_id).first()
        still = Alert.objects.open().filter(pk=alert.pk)
        if still.filter(automation__status=Automation.Status.ACTIVE, tenant__active=True).exists():
            return False
        return alert.end_as(AlertEnd.CLOSED)
