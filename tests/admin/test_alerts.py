"""Alerts in the console: what is open first, who was told, and the endpoints of tenants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models.functions import Now
from django.test import Client

from sheetsync.models import Alert, AlertEndpoint, AlertMessage, AuditEntry, StaffTenant, Tenant
from tests.admin.pages import adding, listing, page, press, told
from tests.admin.rows import run_of
from tests.admin.test_pages import queries
from tests.support.shops.server import Answer, ShopServer

pytestmark = pytest.mark.django_db


def alert_of(automation, **values):
    values = {"told_at": Now(), "subject": automation.name, "kind": "dead", "run": run_of(automation)} | values
    return Alert.objects.create(tenant=automation.tenant, automation=automation, **values)


@pytest.fixture
def dead(shop):
    return alert_of(shop.automation, error_type="Unavailable", reason="Google <b>did not</b> answer")


@pytest.fixture
def listener(settings):
    class Listener(ShopServer):
        def answer(self, asked):
            return Answer(b"", 204)

    settings.SHEETSYNC = settings.SHEETSYNC | {"OUTBOUND_ALLOW": ["127.0.0.1"], "OUTBOUND_HTTP": True}
    made = Listener()
    yield made
    made.close()


def test_an_alerts_page_says_what_why_and_what_to_do(dead, operator):
    shown = operator.get(page(dead)).text
    assert page(dead.automation) in shown and page(dead.run) in shown and page(dead.tenant) in shown
    assert "replay the last run" in shown and "Google &lt;b&gt;did not&lt;/b&gt; answer" in shown


def test_who_was_told_stands_in_the_list_and_on_the_page(shop, operator):
    assert "webhook: waiting" in operator.get(listing(Alert)).text
    AlertMessage.objects.update(error="it answered 500", attempts=3)
    assert "webhook: not taken yet" in operator.get(listing(Alert)).text
    assert "it answered 500" in operator.get(page(shop.alert)).text


def test_what_is_open_comes_first(shop, dead, operator):
    long_over = alert_of(shop.automation, end="recovered", closed_at=Now() - timedelta(days=3))
    over = alert_of(shop.automation, end="recovered", closed_at=Now())
    rows = operator.get(listing(Alert)).context["cl"].result_list
    assert [row.pk for row in rows] == [dead.pk, shop.alert.pk, over.pk, long_over.pk]


def test_a_list_of_what_is_open_alone(shop, dead, operator):
    over = alert_of(shop.automation, end="recovered", closed_at=Now())
    shown = operator.get(listing(Alert) + "?state=open").context["cl"].result_list
    ended = operator.get(listing(Alert) + "?state=recovered").context["cl"].result_list
    assert ({row.pk for row in shown}, {row.pk for row in ended}) == ({dead.pk, shop.alert.pk}, {over.pk})


@pytest.mark.parametrize(("model", "words"), [(Alert, "Nothing needs anybody"), (AlertEndpoint, "PUT alerts/endpoint")])
def test_an_empty_list_says_what_it_is_for(operator, model, words):
    assert words in operator.get(listing(model)).text
    assert words not in operator.get(listing(model) + "?q=cactus").text


def test_what_may_pass_by_itself_is_not_shown(shop, operator):
    brief = Alert.objects.create(kind="wedged", finding="workers", subject="workers")
    assert page(brief) not in operator.get(listing(Alert)).text


def test_dismissing_asks_first_tells_nobody_and_is_in_the_history(dead, operator):
    assert "Nobody is told" in press(operator, dead, "dismiss").text
    response = operator.post(page(dead, "dismiss"), {"sure": "yes"})
    dead.refresh_from_db()
    assert "dismissed" in told(response)[0] and dead.state == "closed"
    assert not AlertMessage.objects.filter(alert=dead).exists()
    assert AuditEntry.objects.filter(action="alert.dismissed", object_id=str(dead.pk)).exists()


def test_a_viewer_dismisses_nothing(dead, viewer):
    assert viewer.post(page(dead, "dismiss"), {"sure": "yes"}).status_code == 403
    assert Alert.objects.get(pk=dead.pk).state == "open"


def test_by_get_nothing_is_dismissed(dead, operator):
    assert operator.get(page(dead, "dismiss")).status_code == 405


def test_lists_ask_nothing_per_row(shop, dead, operator):
    few = {model: queries(operator, listing(model)) for model in (Alert, AlertMessage)}
    for _ in range(8):
        more = alert_of(shop.automation, end="closed", closed_at=Now())
        AlertMessage.objects.create(alert=more, tenant=more.tenant, event="opened", channel="mail")
    assert {model: queries(operator, listing(model)) for model in few} == few
    assert max(few.values()) <= 25


@pytest.mark.shows_secrets("a secret that was made, to the one who made it")
def test_a_new_endpoint_has_a_secret_which_the_button_shows_once(shop, operator):
    AlertEndpoint.objects.all().delete()
    data = {"tenant": shop.tenant.pk, "url": "https://ops.example/hook", "enabled": "on"}
    assert operator.post(adding(AlertEndpoint), data).status_code == 302
    endpoint = AlertEndpoint.objects.get()
    shown = press(operator, endpoint, "rotate")
    endpoint.refresh_from_db()
    assert endpoint.signing()[0] in shown.text
    assert endpoint.signing()[0] not in operator.get(page(endpoint)).text
    assert AuditEntry.objects.filter(action="alert_endpoint.rotated").exists()


def test_an_address_that_cannot_be_called_is_refused_with_the_reason(shop, operator):
    data = {"url": "ftp://ops.example/", "enabled": "on"}
    assert "https" in operator.post(page(shop.endpoint), data).text
    shop.endpoint.refresh_from_db()
    assert shop.endpoint.url.startswith("https")


def test_changing_the_address_keeps_the_secret(shop, operator):
    before = shop.endpoint.signing()
    operator.post(page(shop.endpoint), {"url": "https://new.example/hook", "enabled": "on"})
    shop.endpoint.refresh_from_db()
    assert shop.endpoint.url == "https://new.example/hook" and shop.endpoint.signing() == before


def test_who_may_only_look_does_not_see_the_keys_in_an_address(shop, viewer):
    shown = viewer.get(page(shop.endpoint)).text + viewer.get(listing(AlertEndpoint)).text
    assert "ops.cactus.example" in shown and "a-key-of-the-endpoint" not in shown


@pytest.mark.django_db(transaction=True)
def test_a_test_message_is_sent_and_its_answer_told(shop, operator, listener):
    AlertEndpoint.objects.update(url=listener.url)
    assert "answered 204" in told(press(operator, shop.endpoint, "test"))[0]
    assert AuditEntry.objects.get(action="alert_endpoint.tested").actor == "operator"
    listener.always = Answer(b"", 500)
    assert told(press(operator, shop.endpoint, "test"))[-1].startswith("error: ")


def test_who_is_restricted_sees_alerts_of_their_tenants_alone(shop, dead, db):
    Alert.objects.create(kind="wedged", finding="workers", subject="workers", told_at=Now())
    user = User.objects.create_user("restricted", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="sheetsync"))
    StaffTenant.objects.create(user_key=str(user.pk), user_name="restricted", tenant=Tenant.objects.create(name="x"))
    client = Client()
    client.force_login(user)
    for row in (dead, shop.message, shop.endpoint):
        response = client.get(listing(type(row)))
        assert response.status_code == 200 and not response.context["cl"].result_list
        assert client.get(page(row)).status_code in (302, 404)
