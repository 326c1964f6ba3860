"""Every act that there is leaves an entry in the audit history: one that is added fails here until it has a line."""

from __future__ import annotations

import json

import pytest
from django.contrib.messages import get_messages

from sheetsync.admin.acts import Acting
from sheetsync.models import AuditEntry, Automation, GoogleAccount, Source, SyncRun, Tenant
from sheetsync.models.webhook_secrets import Platform
from tests.admin.pages import page
from tests.admin.routes import pages

HERE = {"HTTP_HOST": "sync.example", "HTTP_X_FORWARDED_PROTO": "https"}
LINKED = {"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "s3cret"}
SHOPIFY = {"SHOPIFY_CLIENT_ID": "app", "SHOPIFY_CLIENT_SECRET": "s3cret"}


def nothing(shop):
    """It can be done as it is."""


def wait(shop):
    shop.run.delete()
    SyncRun.objects.create(automation=shop.automation, tenant=shop.tenant, trigger="manual", max_attempts=5)


def of_shopify(shop):
    Source.objects.update(kind="shopify", config={"shop": "cactus.myshopify.com"})


def second_account(shop):
    GoogleAccount.objects.update(is_default=False)


def without_automations(shop):
    for row in (shop.run, shop.order, shop.automation):
        row.delete()


READY = {
    ("ApiToken", "rotate"): (nothing, {}),
    ("ApiToken", "revoke"): (nothing, {}),
    ("InstallCode", "withdraw"): (nothing, {}),
    ("GoogleAccount", "reconnect"): (lambda shop: shop.account.flag("gone"), {}),
    ("GoogleAccount", "make_default"): (second_account, {}),
    ("GoogleAccount", "reconnect_link"): (lambda shop: GoogleAccount.objects.update(kind="oauth"), {}),
    ("GoogleAccount", "unlink"): (without_automations, {}),
    ("Alert", "dismiss"): (nothing, {}),
    ("AlertEndpoint", "rotate"): (nothing, {}),
    ("SyncRun", "retry"): (nothing, {}),
    ("SyncRun", "replay"): (nothing, {}),
    ("SyncRun", "cancel"): (wait, {}),
    ("SyncRun", "prioritize"): (wait, {"priority": "50"}),
    ("Incident", "resolve"): (nothing, {}),
    ("Automation", "run_now"): (nothing, {}),
    ("Automation", "run_changes"): (nothing, {}),
    ("Automation", "run_orders"): (nothing, {"order_ids": "1001"}),
    ("Automation", "preview"): (nothing, {"rows": "1"}),
    ("Automation", "pause"): (nothing, {}),
    ("Automation", "activate"): (lambda shop: Automation.objects.update(status="draft"), {}),
    ("Automation", "release_tab"): (lambda shop: Automation.objects.update(status="paused"), {}),
    ("PrivacyRequest", "done"): (nothing, {}),
    ("Source", "test"): (nothing, {}),
    ("Source", "reconnect_link"): (of_shopify, {}),
    ("Source", "new_woocommerce_secret"): (nothing, {}),
    ("Source", "new_standard_secret"): (nothing, {}),
    ("Source", "new_hint_secret"): (nothing, {}),
    ("Source", "retire_webhook_secrets"): (
        lambda shop: [shop.source.rotate_webhook_secret(Platform.STANDARD) for _ in range(2)], {},
    ),
    ("Tenant", "pause"): (nothing, {}),
    ("Tenant", "resume"): (lambda shop: Tenant.objects.update(active=False), {}),
    ("Tenant", "mint_code"): (nothing, {}),
    ("Tenant", "link_google"): (nothing, {"scope": "file"}),
    ("Tenant", "connect_shop"): (nothing, {"kind": "shopify", "shop": "cactus.myshopify.com", "name": "main"}),
}  # fmt: skip
"""How a row comes to be one that the act can be done to, and what its form asks for."""
CALLS_OUT = {("GoogleAccount", "test"), ("AlertEndpoint", "test")}
"""They need somebody who answers: see the tests of accounts and of alerts."""

PAGES = {model: page for model, page in pages().items() if isinstance(page, Acting)}
ACTS = {(model.__name__, act.name): model for model, page in PAGES.items() for act in page.acts}


@pytest.fixture
def site(shop, settings, tmp_path):
    """One at which accounts and shops can be linked, and a shop with an order."""
    settings.SHEETSYNC = settings.SHEETSYNC | LINKED | SHOPIFY
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["sync.example"]
    orders = tmp_path / "orders.jsonl"
    orders.write_text(json.dumps({"id": "1001", "total": "12.50"}) + "\n")
    Source.objects.update(config={"path": str(orders)})


@pytest.mark.shows_secrets("new ones are shown once, to whoever made them")
@pytest.mark.parametrize(("model", "act"), sorted(ACTS.keys() - CALLS_OUT), ids=str)
def test_whoever_does_something_is_in_the_history_by_name(shop, site, operator, model, act):
    prepare, given = READY[model, act]
    prepare(shop)
    row = ACTS[model, act]._base_manager.order_by("pk").first()
    before = list(AuditEntry.objects.values_list("pk", flat=True))
    answer = operator.post(page(row, act), {"sure": "yes", **given}, **HERE)
    made = AuditEntry.objects.exclude(pk__in=before).filter(actor="operator", actor_kind="operator")

    assert made.filter(tenant=shop.tenant).exists(), [str(message) for message in get_messages(answer.wsgi_request)]


def test_every_act_has_a_line_here():
    assert set(READY) | CALLS_OUT == set(ACTS)
