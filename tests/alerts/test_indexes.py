"""What is asked every second is answered from an index, however much was sent before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Now

from sheetsync.models import Alert, AlertEndpoint, AlertMessage
from tests.support.making import Maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    """Thousands of alerts that are over, and a few that are open."""
    automation = Maker().automation()
    over = {"end": "recovered", "closed_at": Now(), "told_at": Now(), "subject": "s", "kind": "dead"}
    alerts = Alert.objects.bulk_create(
        Alert(tenant=automation.tenant, automation=automation, **over) for _ in range(3_000)
    )
    endpoint = AlertEndpoint.objects.create(tenant=automation.tenant, url="https://ops.example/")
    ways = [{"channel": "mail"}, {"channel": "webhook", "endpoint": endpoint}]
    sent = {"event": "opened", "delivered_at": Now(), "attempted_at": Now()}
    AlertMessage.objects.bulk_create(AlertMessage(alert=each, **way, **sent) for each in alerts for way in ways)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sheetsync_alert; ANALYZE sheetsync_alertmessage")
    return automation


@pytest.mark.parametrize("channel", AlertMessage.Channel.values)
def test_what_is_due_is_found_without_looking_at_what_was_sent(history, channel):
    assert "due_alert_messages" in AlertMessage.objects.due(channel).explain()


def test_what_is_open_is_found_without_looking_at_what_is_over(history):
    open_ones = Alert.objects.open().filter(tenant__active=False)
    assert any(name in open_ones.explain() for name in ("open_alerts", "one_open_alert_per"))
