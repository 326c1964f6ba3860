"""Webhooks to tenants: signed, once taken never sent again, tried again with the same id, and only what is theirs."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now

from sheetsync.alerts import try_out, webhooks
from sheetsync.errors import RequestRefused, TabRefused
from sheetsync.models import Alert, AlertEndpoint, AlertMessage, AuditEntry, GoogleAccount
from sheetsync.models.alert_endpoint import OVERLAP
from sheetsync.models.alert_message import LEASE, MOST_ATTEMPTS, PAUSES
from sheetsync.webhooks.platform import Delivery
from sheetsync.webhooks.standard import STANDARD
from tests.alerts.conftest import endpoint_of, ends, send
from tests.support.shops.server import Answer

pytestmark = pytest.mark.django_db(transaction=True)


def later(**since):
    for row in AlertMessage.objects.all():
        moved = {"next_attempt_at": row.next_attempt_at - timedelta(**since)}
        AlertMessage.objects.filter(pk=row.pk).update(**moved)


def test_the_published_example_of_the_specification_is_what_we_send():
    sent = webhooks.signed(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert sent == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def genuine(asked, secret):
    """By the reading of the specification with which we receive webhooks ourselves."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    return STANDARD.is_genuine(Delivery(headers=headers, body=asked.body), [secret])


def test_the_page_for_tenants_says_how_to_verify_and_that_works(automation, endpoint, receiver):
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
    [code] = [each for each in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def is_genuine" in each]
    shown: dict = {}
    exec(code, shown)  # noqa: S102 - it is ours
    ends(automation, "failed")
    send()
    [asked] = receiver.asked
    assert shown["is_genuine"](asked.headers, asked.body, endpoint.signing()[0])
    assert not shown["is_genuine"](asked.headers, asked.body + b" ", endpoint.signing()[0])


def test_a_failure_is_posted_signed_and_says_what_a_tenant_may_know(automation, endpoint, receiver):
    run = ends(automation, "failed", TabRefused("tab 'Orders' is not ours"))
    assert send() == 1
    [asked] = receiver.asked
    assert (asked.method, asked.path, asked.headers["Content-Type"]) == ("POST", "/hook", "application/json")
    assert genuine(asked, endpoint.signing()[0]) and not genuine(asked, "whsec_" + "A" * 43 + "=")
    body, alert = asked.json(), Alert.objects.get()
    assert body["type"] == "automation.failed" and body["timestamp"] == body["data"]["opened_at"]
    assert body["data"] | {"opened_at": None} == {
        "alert": alert.pk,
        "kind": "failed",
        "opened_at": None,
        "count": 1,
        "error_type": "TabRefused",
        "reason": "tab 'Orders' is not ours",
        "automation": {"id": automation.pk, "name": automation.name},
        "run": {"id": run.pk, "correlation_id": run.correlation_id},
    }


def test_what_is_over_is_posted_too(automation, endpoint, receiver):
    for how in ("dead", "completed"):
        ends(automation, how)
        send()
    assert receiver.types() == ["automation.dead", "automation.recovered"]


def test_an_account_that_needs_its_owner_and_is_connected_again(automation, endpoint, receiver):
    account = GoogleAccount.objects.get()
    account.flag("gone")
    send()
    account.reconnect()
    send()
    assert receiver.types() == ["account.needs_owner", "account.recovered"]
    assert receiver.asked[0].json()["data"]["account"] == {"id": account.pk, "name": account.email}


def test_other_tenants_and_the_whole_site_are_nobodys_business(make, automation, endpoint, receiver):
    other = make.automation()
    ends(other, "failed")
    Alert.objects.create(kind="wedged", finding="workers", subject="workers", told_at=Now())
    Alert.objects.get(finding="workers").tell("opened")
    assert send() == 0 and receiver.asked == []


def test_what_is_not_taken_is_sent_again_with_the_same_id_and_body_and_given_up_in_the_end(
    automation, endpoint, receiver
):
    receiver.always = Answer(b"", 503)
    ends(automation, "failed")
    waits = []
    for _ in range(MOST_ATTEMPTS):
        later(days=2)
        assert send() == 1
        row = AlertMessage.objects.get()
        waits.append(row.next_attempt_at - row.attempted_at)
    assert [round(each.total_seconds()) for each in waits[:-1]] == [each.total_seconds() for each in PAUSES]
    assert len(set(receiver.ids())) == 1 and len({each.body for each in receiver.asked}) == 1
    assert row.state == "given_up" and "503" in row.error
    endpoint.refresh_from_db()
    assert endpoint.enabled and "503" in endpoint.problem and endpoint.failing_since


def test_an_endpoint_that_works_again_has_no_problem_any_more(automation, endpoint, receiver):
    receiver.faults[1] = Answer(b"", 500)
    ends(automation, "failed")
    for _ in range(2):
        send()
        later(hours=1)
    endpoint.refresh_from_db()
    assert (endpoint.problem, endpoint.failing_since) == ("", None) and endpoint.delivered_at
    assert AlertMessage.objects.get().state == "delivered"


def test_an_endpoint_that_is_gone_is_switched_off_and_says_so(automation, endpoint, receiver):
    receiver.always = Answer(b"", 410)
    ends(automation, "failed")
    send()
    endpoint.refresh_from_db()
    assert not endpoint.enabled and "410" in endpoint.problem
    assert AlertMessage.objects.get().state == "given_up"
    assert AuditEntry.objects.get(action="alert_endpoint.switched_off").tenant == automation.tenant
    ends(automation, "completed")
    assert send() == 0 and AlertMessage.objects.count() == 1


def test_a_redirect_is_not_followed(automation, endpoint, receiver):
    receiver.always = Answer(b"", 302, {"Location": "/elsewhere"})
    ends(automation, "failed")
    send()
    assert len(receiver.asked) == 1 and "give that address" in AlertMessage.objects.get().error


def test_an_address_that_is_not_public_is_not_called(automation, endpoint, receiver, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": []}
    ends(automation, "failed")
    send()
    assert receiver.asked == [] and "is no public address" in AlertMessage.objects.get().error


def test_an_endpoint_that_hangs_up_or_hangs_keeps_nobody_else_waiting(make, automation, receiver, monkeypatch):
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    other = make.automation()
    endpoint_of(other.tenant, receiver.url + "/works")
    endpoint_of(automation.tenant, "http://127.0.0.1:1/nobody-listens")
    ends(automation, "failed")
    ends(other, "failed")
    assert send() == 2 and len(receiver.asked) == 1
    assert sorted(each.state for each in AlertMessage.objects.all()) == ["delivered", "failing"]


def test_an_incident_is_not_over_before_it_began(automation, endpoint, receiver):
    receiver.faults[1] = Answer(b"", 500)
    for how in ("failed", "completed"):
        ends(automation, how)
    send()
    assert send() == 0  # the end waits for the beginning
    later(seconds=6)
    send()
    send()
    assert receiver.types() == ["automation.failed", "automation.failed", "automation.recovered"]


def test_of_each_endpoint_one_message_at_a_time_is_sent(make, receiver):
    tenant = make.tenant()
    endpoint_of(tenant, receiver.url)
    for _ in range(5):
        ends(make.automation(tenant), "failed")
    assert [send() for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    assert len(set(receiver.ids())) == 5


def test_an_end_that_waits_does_not_keep_other_incidents_waiting(make, receiver):
    tenant = make.tenant()
    endpoint_of(tenant, receiver.url)
    receiver.faults[1] = Answer(b"", 500)
    first, second = make.automation(tenant), make.automation(tenant)
    ends(first, "failed")
    ends(first, "completed")
    ends(second, "failed")
    send()
    assert send() == 1 and receiver.asked[1].json()["data"]["automation"]["id"] == second.pk


def test_while_a_secret_is_rotated_both_sign_and_then_the_new_one_alone(automation, endpoint, receiver):
    old = endpoint.signing()[0]
    new = endpoint.rotate()
    endpoint.save()
    ends(automation, "failed")
    send()
    assert genuine(receiver.asked[0], old) and genuine(receiver.asked[0], new)
    AlertEndpoint.objects.update(rotated_at=Now() - OVERLAP - timedelta(seconds=1))
    ends(automation, "completed")
    send()
    assert not genuine(receiver.asked[1], old) and genuine(receiver.asked[1], new)


def test_an_endpoint_that_is_switched_off_gets_nothing(automation, endpoint, receiver):
    AlertEndpoint.objects.update(enabled=False)
    ends(automation, "failed")
    assert send() == 0 and not AlertMessage.objects.exists()


def test_a_secret_that_does_not_open_is_a_problem_of_that_endpoint_alone(make, automation, endpoint, receiver):
    AlertEndpoint.objects.update(sealed="broken")
    other = make.automation()
    endpoint_of(other.tenant, receiver.url)
    ends(automation, "failed")
    ends(other, "failed")
    send()
    assert len(receiver.asked) == 1
    assert "ENCRYPTION_KEYS" in AlertMessage.objects.get(tenant=automation.tenant).error


def test_who_died_over_a_message_left_it_to_be_sent_again_as_the_same(automation, endpoint, receiver):
    ends(automation, "failed")
    [taken] = AlertMessage.objects.claim_webhooks(8)
    assert send() == 0
    later(seconds=LEASE.total_seconds() + 1)
    send()
    assert receiver.ids() == [taken.public_id] and AlertMessage.objects.get().attempts == 2


def test_a_message_that_kills_whoever_sends_it_is_given_up(automation, endpoint):
    ends(automation, "failed")
    AlertMessage.objects.update(attempts=MOST_ATTEMPTS)
    send()
    assert AlertMessage.objects.get().state == "given_up"


def test_a_test_message_is_sent_at_once_and_says_that_it_is_one(endpoint, receiver):
    assert try_out(endpoint) == 204
    assert receiver.types() == ["endpoint.test"] and genuine(receiver.asked[0], endpoint.signing()[0])
    assert not AlertMessage.objects.exists()


def test_a_test_message_that_is_not_taken_says_why(endpoint, receiver):
    receiver.always = Answer(b"", 404)
    with pytest.raises(RequestRefused, match="404 Not Found"):
        try_out(endpoint)
    endpoint.refresh_from_db()
    assert "404" in endpoint.problem


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://user:pw@a.example/", "/hook", "https://"])
def test_an_address_that_cannot_be_called_is_refused_when_it_is_entered(make, url):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        AlertEndpoint(tenant=make.tenant(), url=url).full_clean()


def test_the_keys_in_an_address_are_shown_nowhere(make, receiver):
    automation = make.automation()
    endpoint = endpoint_of(automation.tenant, receiver.url + "/hooks/T0/B0?key=hush")
    receiver.always = Answer(b"", 500)
    ends(automation, "failed")
    send()
    endpoint.refresh_from_db()
    assert "hush" not in json.dumps([str(endpoint), endpoint.problem, AlertMessage.objects.get().error])
