"""Buttons that ask for something first, and what they show: usable in each size and theme."""

from __future__ import annotations

import pytest

from tests.support.runs import orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.only_on("sqlite")]


def test_what_is_asked_before_a_run_of_some_orders(console, world):
    console.open(world.automation(orders=orders_of(3))).press("Run for some orders").shows("One in each line")
    console.judge("asked-orders")
    console.press("Run for some orders").shows("This field is required")
    console.judge("asked-orders-refused")
    console.page.get_by_label("Order ids").fill("00002\n00003")
    console.press("Run for some orders").told("was started")


def test_a_preview_on_a_page_of_its_own(console, world):
    console.open(world.automation(orders=orders_of(3))).press("Preview").shows("The first orders of the source")
    console.press("Preview").shows("this would be written; nothing was", "00002")
    console.judge("shown-preview")


def test_which_priority_a_run_is_to_have(console, world):
    run = run_of(world.automation(orders=orders_of(3)))
    console.open(run).press("Change priority").shows("before all others")
    console.judge("asked-priority")
    console.press("Change priority").told("has priority 50 now")


@pytest.mark.shows_secrets("the page is where a link is shown, once")
def test_a_link_for_a_shop_is_asked_for_and_shown_once(console, world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"SHOPIFY_CLIENT_ID": "app", "SHOPIFY_CLIENT_SECRET": "s3cret"}
    console.open(world.tenant()).press("Connect a shop").shows("Name of the source")
    console.judge("asked-shop")
    console.page.get_by_label("Shop:", exact=True).fill("cactus.myshopify.com")
    console.page.get_by_label("Name of the source").fill("main")
    console.press("Connect a shop").shows("Copy it now")
    console.judge("shown-link")
