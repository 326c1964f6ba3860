"""Secrets of webhooks: made or entered, changed without a gap, apart from the connector's credentials."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from sheetsync import crypto
from sheetsync.errors import BadSource
from sheetsync.models import AuditEntry
from sheetsync.models.webhook_secrets import Platform
from sheetsync.pipeline.records import RowsPer, Tally
from tests.admin.pages import page, press
from tests.support.shops import hooks

pytestmark = pytest.mark.django_db(transaction=True)

SEND = {"woocommerce": hooks.woocommerce, "standard": hooks.standard, "hint": hooks.hint, "shopify": hooks.shopify}
FORM = {"name": "web shop", "config_path": "orders.jsonl", "config_id_path": "id", "config_lines_path": "lines"}
FORM |= {"config_format": "", "config_delimiter": ",", "config_on_bad": "stop"}
GIVEN = {"shopify": iter(f"shpss_{number:010}" for number in range(100))}


@pytest.fixture
def source(make):
    return make.automation().source


def rotated(source, platform):
    return source.rotate_webhook_secret(platform, next(GIVEN[platform]) if platform in GIVEN else None)


def known(post, source, platform, secret):
    return post(SEND[platform](source, {"id": 7}, secret)).status_code == 200


@pytest.mark.parametrize("platform", Platform.values)
def test_a_secret_is_changed_without_a_gap(source, post, platform):
    old = rotated(source, platform)
    assert known(post, source, platform, old)
    new = rotated(source, platform)
    assert known(post, source, platform, old) and known(post, source, platform, new)
    assert source.retire_webhook_secret(platform)
    assert not known(post, source, platform, old) and known(post, source, platform, new)


def test_a_third_secret_waits_until_the_first_is_retired(source):
    for _ in range(2):
        source.rotate_webhook_secret("standard")
    accepted = source.webhook_secrets("standard")
    with pytest.raises(BadSource, match="an old secret of standard is still accepted: retire it first"):
        source.rotate_webhook_secret("standard")
    source.refresh_from_db()
    assert source.webhook_secrets("standard") == accepted


def test_the_only_secret_is_not_retired(source):
    source.rotate_webhook_secret("standard")
    assert not source.retire_webhook_secret("standard") and len(source.webhook_secrets("standard")) == 1


def test_what_is_made_here_is_long_and_never_the_same(source):
    made = {platform: rotated(source, platform) for platform in ("woocommerce", "standard", "hint")}
    assert made["standard"].startswith("whsec_") and made["hint"].startswith("ssw_")
    assert all(len(secret) >= 43 for secret in made.values())
    assert all(rotated(source, platform) != secret for platform, secret in made.items())


@pytest.mark.parametrize(
    ("platform", "secret", "complaint"),
    [
        ("shopify", None, "Shopify makes it: enter that one"),
        ("shopify", "short", "write 6 to 200 printable characters"),
        ("shopify", "x" * 201, "write 6 to 200 printable characters"),
        ("woocommerce", " padded ", "without spaces around them"),
        ("woocommerce", "a\x00bcdef", "printable"),
        ("standard", "whsec_notbase64!", "it is no base64: write whsec_ and base64"),
        ("standard", "whsec_c2hvcnQ=", "it has 5 bytes, and may have 24 to 64"),
        ("standard", "whsec_üüüüüüüü", "it is no base64"),
        ("hint", "of-my-own-choice", "it is made here, leave it out"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_and_not_shown(source, platform, secret, complaint):
    with pytest.raises(BadSource, match=complaint) as refused:
        source.rotate_webhook_secret(platform, secret)
    assert secret is None or secret not in str(refused.value)
    source.refresh_from_db()
    assert not source.webhook_secrets(platform)


def test_credentials_and_webhook_secrets_do_not_meet(source):
    secret = source.rotate_webhook_secret("woocommerce")
    source.seal({"api_key": "k"})
    source.save()
    source.refresh_from_db()
    assert (source.secrets(), source.webhook_secrets("woocommerce")) == ({"api_key": "k"}, (secret,))
    source.rotate_webhook_secret("standard")
    source.seal({})
    assert source.secrets() == {} and source.webhook_secrets("woocommerce") == (secret,)


def test_a_kind_without_credentials_opens_with_webhook_secrets(source):
    source.rotate_webhook_secret("woocommerce")
    source.open(RowsPer.ORDER, Tally())


def test_credentials_that_are_renewed_keep_the_webhook_secrets(source):
    source.seal({"token": "old"})
    source.save()
    secret = source.rotate_webhook_secret("woocommerce")
    assert source.renew(lambda stale: {"token": "new"}) == {"token": "new"}
    source.refresh_from_db()
    assert source.webhook_secrets("woocommerce") == (secret,)


def test_a_secret_that_was_changed_elsewhere_meanwhile_is_not_undone(source):
    stale = type(source).objects.get(pk=source.pk)
    secret = source.rotate_webhook_secret("woocommerce")
    also = stale.rotate_webhook_secret("standard")
    source.refresh_from_db()
    assert (source.webhook_secrets("woocommerce"), source.webhook_secrets("standard")) == ((secret,), (also,))


def test_they_are_sealed_anew_with_the_rest(source, post, settings):
    secret = source.rotate_webhook_secret("woocommerce")
    old, new = settings.SHEETSYNC["ENCRYPTION_KEYS"], crypto.generate_key()
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [new, *old]}
    call_command("rekey", verbosity=0)
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [new]}
    assert known(post, source, "woocommerce", secret)


def test_credentials_are_entered_again_where_no_key_opens_the_old_ones(source, settings):
    source.rotate_webhook_secret("woocommerce")
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": [crypto.generate_key()]}
    source.seal({"api_key": "k"})
    assert source.secrets() == {"api_key": "k"} and source.webhook_secrets("woocommerce") == ()


def test_who_changed_a_secret_is_written_down_and_the_secret_is_not(source):
    made = [source.rotate_webhook_secret("standard") for _ in range(2)]
    source.retire_webhook_secret("standard")
    entries = list(AuditEntry.objects.order_by("pk"))
    assert [each.action.removeprefix("source.webhook_secret_") for each in entries] == ["rotated", "rotated", "retired"]
    assert all(each.changes == {"platform": [None, "standard"]} for each in entries)
    assert not any(secret in str([vars(each) for each in entries]) for secret in made)


@pytest.fixture
def operator(db):
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


def test_an_operator_makes_one_and_sees_it_once(source, operator, post):
    shown = press(operator, source, "new_woocommerce_secret")
    source.refresh_from_db()
    (secret,) = source.webhook_secrets("woocommerce")
    assert secret in shown.text and secret not in operator.get(page(source)).text
    assert list(AuditEntry.objects.values_list("action", "actor")) == [("source.webhook_secret_rotated", "operator")]


def test_an_operator_gets_the_whole_address_of_hints(source, operator, post):
    shown = press(operator, source, "new_hint_secret").text
    start = shown.index(f"/webhooks/{source.public_id}/hint/ssw_")
    path = shown[start : start + len(f"/webhooks/{source.public_id}/hint/ssw_") + 47]
    assert post(hooks.Hook(path, b'{"id": 7}')).status_code == 200
    assert "ssw_" not in operator.get(page(source)).text


def test_an_operator_enters_shopifys_secret_and_never_sees_it_again(source, operator, post):
    typed = {"webhook_platform": "shopify", "new_webhook_secret": "shpss_typed_by_hand"}
    assert operator.post(page(source), FORM | typed).status_code == 302
    assert known(post, source, "shopify", "shpss_typed_by_hand")
    assert "typed_by_hand" not in operator.get(page(source)).text + operator.get(page(source, "history")).text


@pytest.mark.parametrize(
    ("platform", "complaint"),
    [
        ("", "Choose by whom it is made"),
        ("magento", "Select a valid choice"),
        ("hint", "Select a valid choice"),  # it is made here
        ("standard", "it is no base64"),
    ],
)
def test_what_an_operator_types_wrongly_is_a_form_error(source, operator, platform, complaint):
    form = FORM | {"webhook_platform": platform, "new_webhook_secret": "a-word-or-two"}
    shown = operator.post(page(source), form)
    assert shown.status_code == 200 and complaint in shown.text.replace("&quot;", '"')
    assert "a-word-or-two" not in shown.text


def test_an_operator_retires_the_old_ones_after_a_question(source, operator):
    old = source.rotate_webhook_secret("standard")
    new = source.rotate_webhook_secret("standard")
    assert "refused from then on" in press(operator, source, "retire_webhook_secrets").text
    operator.post(page(source, "retire_webhook_secrets"), {"sure": "yes"})
    source.refresh_from_db()
    assert source.webhook_secrets("standard") == (new,) != (old,)


def test_a_page_that_was_open_meanwhile_undoes_no_secret(source, operator):
    """The form is saved whole; what is sealed is not in it."""
    secret = source.rotate_webhook_secret("standard")
    operator.post(page(source), FORM | {"name": "another name"})
    source.refresh_from_db()
    assert (source.name, source.webhook_secrets("standard")) == ("another name", (secret,))
