"""What is asked every second is answered from an index, however much was sent before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Now

from sheetsync.alerts.site import moot
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
    with connection.cursor() as cursor:  # on SQLite too, or it would judge by what another test left behind
        for table in (Alert._meta.db_table, AlertMessage._meta.db_table):
            cursor.execute(f"ANALYZE {table}")
    return automation


@pytest.mark.parametrize("channel", AlertMessage.Channel.values)
def test_what_is_due_is_found_without_looking_at_what_was_sent(history, channel):
    assert "due_alert_messages" in AlertMessage.objects.due(channel).explain()


def test_what_is_open_is_found_without_looking_at_what_is_over(history):
    assert any(name in moot().explain() for name in ("open_alerts", "one_open_alert_per"))
