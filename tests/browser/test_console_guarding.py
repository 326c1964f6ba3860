"""Doors and stops: logging in, secrets that take the place of others, tenants that stand still."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from sheetsync.execute import execute_next
from sheetsync.models import ApiToken, Source, SyncRun, Tenant
from tests.support.browsers import expect
from tests.support.console import Console
from tests.support.runs import orders_of, run_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_an_operator_logs_in_by_their_password_and_out_again(page, live_server):
    User.objects.create_superuser("anna", password="correct horse battery")
    console = Console(page, live_server.url).open(SyncRun).usable()
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill("correct horse battery")
    console.press("Log in").shows("Nothing has run yet")
    console.press("Log out").usable()
    console.open(SyncRun)
    expect(page.get_by_label("Username")).to_be_visible()


@pytest.mark.shows_secrets("the page is where a new secret is shown, once")
def test_a_secret_of_webhooks_is_shown_once_and_the_old_one_is_retired(console, world):
    source = world.automation().source
    for _ in range(2):
        console.open(source).press("New Standard Webhooks secret")
        shown = console.usable().page.get_by_label("Webhook secret").input_value()
        assert shown.startswith("whsec_")
        assert shown not in console.open(source).page.content()
    assert len(Source.objects.get().webhook_secrets("standard")) == 2

    console.press("Retire old webhook secrets").shows("is refused from then on").usable()
    console.press("Retire old webhook secrets").told("only the newest webhook secret is accepted now")
    assert len(Source.objects.get().webhook_secrets("standard")) == 1


@pytest.mark.shows_secrets("the page is where a new token is shown, once")
def test_a_token_is_rotated_and_the_old_one_revoked(console, world):
    token, text = ApiToken.objects.mint(world.tenant(), name="night job", scope="write")
    console.open(token).press("Rotate").shows("You will be shown a new token").usable()
    console.press("Rotate")
    new = console.usable().page.get_by_label("API token").input_value()
    assert new != text and ApiToken.objects.live().count() == 2

    console.open(token).press("Revoke").shows("cannot be undone").usable()
    console.press("Revoke").told("it opens nothing any more")
    assert ApiToken.objects.live().get().prefix == new[: len(token.prefix)]


def test_a_paused_tenant_stands_still_until_it_is_resumed(console, world):
    automation = world.automation(orders=orders_of(3))
    run = run_of(automation)
    console.open(automation.tenant).press("Pause").shows("stand still").usable()
    console.press("Pause").told("is paused: nothing of it runs")
    run.refresh_from_db()
    assert run.status == "canceled" and not Tenant.objects.get().active
    console.open(automation).press("Run now").told("tenant 'Cactus shop' is paused: resume it first")

    console.open(automation.tenant).press("Resume").told("may run again")
    console.open(automation).press("Run now").told("was started")
    execute_next()
    assert SyncRun.objects.latest("pk").status == "completed"


def head_of(console):
    """The colours of the line that says where one is."""
    look = "(each) => [getComputedStyle(each).backgroundColor, getComputedStyle(each.querySelector('a')).color]"
    return console.page.locator(".breadcrumbs").evaluate(look)


def test_the_page_of_a_question_looks_like_the_others_in_every_django(console, world):
    tenant = world.tenant()
    other = head_of(console.open(tenant))
    assert head_of(console.press("Pause").shows("stand still")) == other


def test_a_question_can_be_answered_by_no(console, world):
    tenant = world.tenant()
    console.open(tenant).press("Pause").follow("No, take me back").shows("Change tenant")
    assert Tenant.objects.get(pk=tenant.pk).active
