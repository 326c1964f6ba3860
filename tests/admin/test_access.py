"""Codes and tokens in the admin: made by POST, shown once, taken back after a question, all in the history."""

from __future__ import annotations

import logging
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages

from sheetsync.models import ApiToken, AuditEntry, IdempotencyKey, InstallCode, Tenant
from sheetsync.models.shown_once import PATTERN
from tests.admin.pages import adding, listing, page, press, surely, tick, told
from tests.support.secrets_kept import tables_with


@pytest.fixture
def token(shop):
    return shop.token


def shown(response):
    """The one text on the page that opens a door."""
    assert response.status_code == 200, response.status_code
    (text,) = set(re.findall(PATTERN, response.text))
    return text


def acts():
    entries = AuditEntry.objects.exclude(action="shop.opened").order_by("pk")
    return list(entries.values_list("action", "actor", "object_label"))


def test_a_code_is_made_on_the_tenants_page_and_shown_there_and_then(shop, operator):
    response = press(operator, shop.tenant, "mint_code")
    token, _ = InstallCode.objects.exchange(shown(response), name="a")

    assert token.tenant == shop.tenant and InstallCode.objects.latest("pk").created_by == "operator"
    assert "no-store" in response["Cache-Control"]
    assert acts() == [("install_code.created", "operator", str(InstallCode.objects.latest("pk")))]


def test_a_code_is_nowhere_but_in_the_answer_to_the_post(shop, operator, caplog):
    caplog.set_level(logging.DEBUG)
    response = press(operator, shop.tenant, "mint_code")
    text = shown(response)
    later = [operator.get(page(shop.tenant)), operator.get(page(shop.tenant, "history")), operator.get(page(shop.code))]
    lists = [operator.get(listing(model)) for model in (Tenant, InstallCode, ApiToken, AuditEntry)]

    assert tables_with(text) == [] and text[:20] not in caplog.text
    assert not [each.request["PATH_INFO"] for each in (*later, *lists) if text[:20] in each.text]
    assert text not in str(operator.cookies) + str(dict(operator.session)) + str(
        list(get_messages(response.wsgi_request))
    )
    assert text not in LogEntry.objects.get().change_message


def test_no_code_is_made_for_a_tenant_that_is_paused(shop, operator):
    Tenant.objects.update(active=False)
    before = InstallCode.objects.count()

    assert page(shop.tenant, "mint_code") not in operator.get(page(shop.tenant)).text
    assert "is paused: resume it first" in told(press(operator, shop.tenant, "mint_code"))[0]
    assert (InstallCode.objects.count(), acts()) == (before, [])


def test_a_token_is_rotated_after_a_question_and_the_new_one_shown_once(token, operator, caplog):
    asked = press(operator, token, "rotate")
    assert asked.status_code == 200 and not re.search(PATTERN, asked.text) and ApiToken.objects.count() == 1

    text = shown(surely(operator, token, "rotate"))
    new = ApiToken.objects.authenticate(text)
    token.refresh_from_db()

    assert (new.name, new.scope, new.pk != token.pk) == (token.name, token.scope, True)
    assert (token.expires_at - token.replaced_at).days == 2
    assert tables_with(text) == [] and text[:20] not in caplog.text
    assert acts() == [("token.rotated", "operator", str(new))]


@pytest.mark.parametrize(("name", "act"), [("token", "revoke"), ("code", "withdraw")])
def test_a_question_is_asked_and_nothing_done_before_the_answer(shop, operator, name, act):
    row = getattr(shop, name)
    before = type(row).objects.values().get()
    for response in (press(operator, row, act), tick(operator, [row], act)):
        assert response.status_code == 200 and str(row) in response.text and 'name="sure"' in response.text
    assert type(row).objects.values().get() == before and acts() == []


def test_a_token_is_revoked(token, operator):
    (message,) = told(surely(operator, token, "revoke"))

    assert ApiToken.objects.get().revoked_at
    assert "is revoked: it opens nothing any more" in message
    assert acts() == [("token.revoked", "operator", str(token))]


def test_what_was_done_before_is_not_done_again(token, operator):
    surely(operator, token, "revoke")
    *_, message = told(surely(operator, token, "revoke"))

    assert "was revoked before" in message and len(acts()) == 1


def test_who_is_not_sure_is_led_back(token, operator):
    asked, asked_in_list = press(operator, token, "revoke"), tick(operator, [token], "revoke")

    assert f'href="{page(token)}" class="button cancel-link"' in asked.text
    assert f'href="{listing(ApiToken)}" class="button cancel-link"' in asked_in_list.text


def test_tokens_are_revoked_in_the_list(token, operator):
    data = {"action": "revoke", "_selected_action": [token.pk], "sure": "yes"}
    operator.post(listing(ApiToken), data)

    assert ApiToken.objects.get().revoked_at


def test_who_revokes_the_last_token_that_manages_tokens_is_told_so(shop, operator):
    last, _ = ApiToken.objects.mint(shop.tenant, name="last", scope="admin")
    (message,) = told(surely(operator, last, "revoke"))

    assert "give the tenant an install code if it needs another" in message


def test_a_code_is_withdrawn(shop, operator):
    surely(operator, shop.code, "withdraw")
    shop.code.refresh_from_db()

    assert shop.code.expires_at <= shop.code.expires_at.now(shop.code.expires_at.tzinfo)
    assert acts() == [("install_code.withdrawn", "operator", str(shop.code))]
    assert page(shop.code, "withdraw") not in operator.get(page(shop.code)).text


def test_what_was_rotated_meanwhile_is_a_message(token, operator):
    surely(operator, token, "rotate")
    (message,) = told(surely(operator, token, "rotate"))

    assert message.startswith("error: ") and "was replaced already" in message
    assert ApiToken.objects.count() == 2


@pytest.mark.parametrize(("name", "act"), [("tenant", "mint_code"), ("token", "rotate"), ("token", "revoke")])
def test_who_may_only_look_makes_and_revokes_nothing(shop, viewer, stranger, operator, name, act):
    row = getattr(shop, name)
    before = (ApiToken.objects.count(), InstallCode.objects.count(), list(ApiToken.objects.values()))

    assert surely(viewer, row, act).status_code == 403
    assert surely(stranger, row, act).url.startswith("/admin/login/")
    assert operator.get(page(row, act)).status_code == 405
    assert page(row, act) not in viewer.get(page(row)).text
    assert (ApiToken.objects.count(), InstallCode.objects.count(), list(ApiToken.objects.values())) == before


def test_a_button_for_a_token_that_is_gone_answers_404(token, operator):
    address = page(token, "rotate").replace(str(token.pk), "999999")
    assert operator.post(address, {"sure": "yes"}).status_code == 404


def test_the_lists_tell_which_are_in_use(shop, operator):
    dead, _ = ApiToken.objects.mint(shop.tenant, name="dead-one", scope="read")
    dead.revoke()
    in_use, ended = (operator.get(listing(ApiToken), {"in_use": value}).text for value in ("yes", "no"))

    assert "dead-one" not in in_use and shop.token.prefix in in_use
    assert "dead-one" in ended and shop.token.prefix not in ended


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (ApiToken, "digest__startswith"),
        (InstallCode, "digest__startswith"),
        (InstallCode, "token__digest__startswith"),
        (IdempotencyKey, "body__contains"),
        (IdempotencyKey, "fingerprint__startswith"),
    ],
)
def test_a_list_cannot_be_asked_what_is_kept_from_view(shop, viewer, model, lookup):
    assert viewer.get(listing(model), {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("model", [ApiToken, InstallCode, IdempotencyKey, AuditEntry])
def test_nothing_is_added_by_hand(operator, model):
    assert operator.get(adding(model)).status_code == 403


@pytest.mark.parametrize("name", ["token", "code", "request_key", "entry"])
def test_nothing_is_changed_or_deleted_by_hand(shop, operator, name):
    row = getattr(shop, name)

    assert operator.post(page(row), {}).status_code == 403
    assert operator.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in operator.get(listing(type(row))).text


def test_the_tenants_page_leads_to_its_codes_tokens_and_history(shop, operator):
    text = operator.get(page(shop.tenant)).text

    for model in (ApiToken, InstallCode, AuditEntry):
        assert f"{listing(model)}?tenant__id__exact={shop.tenant.pk}" in text
        assert operator.get(listing(model), {"tenant__id__exact": shop.tenant.pk}).status_code == 200
