"""A tenant sees its alerts, and says where they are to be posted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sheetsync.models import Alert, AlertEndpoint, AuditEntry, GoogleAccount
from tests.support.shops.server import Answer, ShopServer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.shows_secrets("an endpoint's secret is in the one answer that makes it"),
]

URL = "https://ops.example/hook"


@pytest.fixture
def listener(settings):
    class Listener(ShopServer):
        def answer(self, asked):
            return Answer(b"", 200)

    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["127.0.0.1"], "OUTBOUND_HTTP": True}
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def made(owner):
    response = owner.call("put", "alerts/endpoint", {"url": URL})
    assert response.status_code == 201
    return response


def alert_of(automation, **values):
    values = {"told_at": Now(), "subject": automation.name, "kind": "failed", "reason": "x"} | values
    return Alert.objects.create(tenant=automation.tenant, automation=automation, **values)


def test_the_answer_that_made_an_endpoint_is_the_only_one_with_its_secret(owner, made):
    assert made.json()["secret"] == AlertEndpoint.objects.get().signing()[0]
    for response in (owner.call("get", "alerts/endpoint"), owner.call("put", "alerts/endpoint", {"url": URL})):
        assert response.status_code == 200 and "whsec" not in response.text
    assert AlertEndpoint.objects.get().signing() == [made.json()["secret"]]


def test_there_is_none_before_one_is_made(owner):
    assert owner.call("get", "alerts/endpoint").status_code == 404
    assert owner.call("delete", "alerts/endpoint").status_code == 404
    assert owner.call("post", "alerts/endpoint/test").status_code == 404


def test_switched_off_and_on_again(owner, made):
    AlertEndpoint.objects.update(problem="it answered 410 Gone")
    assert owner.call("put", "alerts/endpoint", {"url": URL, "enabled": False}).json()["enabled"] is False
    shown = owner.call("put", "alerts/endpoint", {"url": URL}).json()
    assert shown["enabled"] is True and shown["problem"] == ""


def test_who_changes_it_says_which_state_they_saw(owner, made):
    tag = owner.call("get", "alerts/endpoint").headers["ETag"]
    assert made.headers["ETag"] == tag
    assert owner.call("put", "alerts/endpoint", {"url": URL + "2"}, **{"If-Match": tag}).status_code == 200
    assert owner.call("put", "alerts/endpoint", {"url": URL + "3"}, **{"If-Match": tag}).status_code == 412
    assert owner.call("delete", "alerts/endpoint", **{"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(
    "url", ["", "ops.example", "http://ops.example/", "https://10.0.0.7/", "https://a.example:22/"]
)
def test_an_address_that_is_not_called_is_refused_with_the_field(owner, url):
    response = owner.call("put", "alerts/endpoint", {"url": url})
    assert response.status_code == 400 and response.json()["errors"][0]["pointer"] == "/url"
    assert not AlertEndpoint.objects.exists()


def test_a_misspelt_field_is_refused(owner):
    assert owner.call("put", "alerts/endpoint", {"url": URL, "enable": False}).status_code == 400


def test_removed_it_is_gone(owner, made):
    assert owner.call("delete", "alerts/endpoint").status_code == 204
    assert owner.call("get", "alerts/endpoint").status_code == 404


def test_another_secret_is_shown_once_and_the_last_one_signs_along_for_a_day(owner, made):
    response = owner.call("post", "alerts/endpoint/rotate", **{"Idempotency-Key": "k1"})
    again = owner.call("post", "alerts/endpoint/rotate", **{"Idempotency-Key": "k1"})
    assert (response.status_code, again.status_code) == (201, 409) and "whsec" not in again.text
    endpoint = AlertEndpoint.objects.get()
    assert endpoint.signing() == [response.json()["secret"], made.json()["secret"]]
    AlertEndpoint.objects.update(rotated_at=Now() - timedelta(hours=25))
    assert AlertEndpoint.objects.get().signing() == [response.json()["secret"]]


def test_a_test_message_is_posted_and_its_outcome_told(owner, made, listener):
    AlertEndpoint.objects.update(url=listener.url)
    assert owner.call("post", "alerts/endpoint/test").json() == {"works": True, "status": 200}
    listener.always = Answer(b"", 404)
    response = owner.call("post", "alerts/endpoint/test")
    assert response.status_code == 400 and "404 Not Found" in response.json()["detail"]
    assert "404" in owner.call("get", "alerts/endpoint").json()["problem"]


def test_what_was_done_is_in_the_history_without_keys(owner):
    owner.call("put", "alerts/endpoint", {"url": f"{URL}?key=hush-hush"})
    owner.call("put", "alerts/endpoint", {"url": f"{URL}2?key=hush-hush"})
    owner.call("post", "alerts/endpoint/rotate")
    owner.call("delete", "alerts/endpoint")
    entries = AuditEntry.objects.filter(action__startswith="alert_endpoint.").order_by("pk")
    assert [each.action.rpartition(".")[2] for each in entries] == ["created", "changed", "rotated", "removed"]
    assert "hush" not in str(list(entries.values())) and "whsec" not in str(list(entries.values()))


def test_alerts_the_newest_first_and_by_state_kind_and_automation(owner, world):
    first, second = (world.automation(owner.tenant, name=name) for name in ("first", "second"))
    over = alert_of(first, end="recovered", closed_at=Now())
    dead, owners = alert_of(first, kind="dead"), alert_of(second, kind="needs_owner")

    def ids(query=""):
        return [each["id"] for each in owner.call("get", f"alerts{query}").json()["results"]]

    assert ids() == [owners.pk, dead.pk, over.pk]
    assert ids("?state=open") == [owners.pk, dead.pk] and ids("?state=recovered,closed") == [over.pk]
    assert ids("?kind=dead,failed") == [dead.pk, over.pk] and ids(f"?automation={second.pk}") == [owners.pk]
    assert owner.call("get", "alerts?state=opened").status_code == 400
    assert owner.call("get", f"alerts/{dead.pk}").json()["state"] == "open"


def test_what_is_not_well_about_the_whole_site_is_no_tenants_business(owner):
    site = Alert.objects.create(kind="wedged", finding="workers", subject="workers", told_at=Now())
    assert owner.call("get", "alerts").json()["results"] == []
    assert owner.call("get", f"alerts/{site.pk}").status_code == 404


def test_an_account_that_needs_its_owner_is_told_by_id(owner):
    account = GoogleAccount.objects.get(tenant=owner.tenant)
    account.flag("the grant is gone")
    [shown] = owner.call("get", "alerts").json()["results"]
    assert (shown["account"], shown["automation"], shown["kind"]) == (account.pk, None, "needs_owner")
