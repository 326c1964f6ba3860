"""A shop that reports: a source with a secret of each platform, and an automation that runs on webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from django.test import Client

from sheetsync.models import Automation, DirtyOrder, Source, SyncRun, WebhookDelivery
from tests.support.making import Maker
from tests.support.shops import hooks

SHOPIFY_SECRET = "shpss_0123456789abcdef"


@dataclass
class Shop:
    """`shopify(payload)` and the like: deliveries that are genuine."""

    automation: Automation
    source: Source

    def __post_init__(self):
        self.secrets = {name: self.source.rotate_webhook_secret(name) for name in ("woocommerce", "standard", "hint")}
        self.secrets["shopify"] = self.source.rotate_webhook_secret("shopify", SHOPIFY_SECRET)
        self.shopify = partial(hooks.shopify, self.source, secret=SHOPIFY_SECRET)
        self.woocommerce = partial(hooks.woocommerce, self.source, secret=self.secrets["woocommerce"])
        self.standard = partial(hooks.standard, self.source, secret=self.secrets["standard"])
        self.hint = partial(hooks.hint, self.source, capability=self.secrets["hint"])

    def genuine(self):
        """One of each platform."""
        return [self.shopify({"id": 7}), self.woocommerce({"id": 7}), self.standard({"id": 7}), self.hint({"id": 7})]

    def told(self):
        """The orders that are to be looked at."""
        return list(DirtyOrder.objects.order_by("pk").values_list("order_id", flat=True))


def nothing_is_left():
    return not (WebhookDelivery.objects.exists() or DirtyOrder.objects.exists() or SyncRun.objects.exists())


@pytest.fixture
def make(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    return Maker()


@pytest.fixture
def shop(make):
    automation = make.automation()
    return Shop(automation, automation.source)


@pytest.fixture
def post():
    """Send a delivery as a shop does, to a site that raises nothing at it. -> the response"""
    client = Client(raise_request_exception=False)
    return lambda hook: hook.send(client)
