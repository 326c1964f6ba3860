"""Every page opens, tells no secret, asks no question per row, and lets nobody rewrite history."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sheetsync.models import (
    Alert,
    AlertMessage,
    DirtyOrder,
    Hour,
    Incident,
    Pulse,
    QuotaBucket,
    SyncAttempt,
    SyncRun,
    Totals,
)
from tests.admin.pages import adding, listing, page
from tests.admin.rows import copy_of, run_of

MODELS = list(apps.get_app_config("sheetsync").get_models())
HISTORY = [SyncRun, SyncAttempt, Incident, DirtyOrder, Pulse, QuotaBucket, Totals, Hour, Alert, AlertMessage]
ROWS = [
    "tenant", "account", "source", "automation", "column", "run", "attempt", "incident", "order", "pulse", "bucket",
    "totals", "hour", "link", "token", "code", "request_key", "entry", "delivery",
    "install", "privacy", "restriction", "alert", "endpoint", "message",
]  # fmt: skip
INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<(?!a\s)\w[^>]*\s(src|href)=.https?:", re.IGNORECASE
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_a_list_that_opens_when_it_is_empty(operator, model):
    assert admin.site.is_registered(model)
    assert operator.get(listing(model)).status_code == 200


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("person", ["operator", "viewer"])
def test_every_row_is_in_its_list_and_has_a_page_and_a_history(shop, request, person, name):
    client, row = request.getfixturevalue(person), getattr(shop, name)

    assert page(row) in client.get(listing(type(row))).text
    assert str(row) in client.get(page(row)).context["subtitle"]
    assert client.get(page(row, "history")).status_code == 200


def test_all_kinds_of_rows_are_looked_at_here(shop):
    assert {type(getattr(shop, name)) for name in ROWS} == set(MODELS)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("person", ["operator", "viewer"])
def test_no_page_tells_a_secret(shop, key, request, person, name):
    client, row = request.getfixturevalue(person), getattr(shop, name)
    shown = client.get(listing(type(row))).text + client.get(page(row)).text + client.get(page(row, "history")).text

    secrets = [shop.account.sealed, shop.source.sealed, "a-token-of-the-shop", *key["private_key"].splitlines()]
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize("name", ROWS)
def test_a_page_brings_no_inline_script_or_style_and_nothing_from_elsewhere(shop, operator, name):
    row = getattr(shop, name)

    assert not INLINE.search(operator.get(page(row)).text)
    assert not INLINE.search(operator.get(listing(type(row))).text)


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_nobody_adds_to_history_by_hand(operator, model):
    assert operator.get(adding(model)).status_code == 403


@pytest.mark.parametrize(
    "name", ["run", "attempt", "incident", "order", "bucket", "totals", "hour", "column", "privacy"]
)
def test_nobody_changes_or_deletes_history_by_hand(shop, operator, name):
    row = getattr(shop, name)

    assert operator.post(page(row), {}).status_code == 403
    assert operator.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in operator.get(listing(type(row))).text
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_tenant_with_a_history_is_not_deleted(shop, operator):
    shop.restriction.delete()

    assert operator.post(page(shop.tenant, "delete"), {"post": "yes"}).status_code == 403


def test_an_automation_without_a_history_is_deleted_with_its_columns(shop, operator):
    shop.run.delete()
    shop.order.delete()

    assert operator.post(page(shop.automation, "delete"), {"post": "yes"}).status_code == 302
    assert not type(shop.automation).objects.exists()


@pytest.mark.parametrize("name", ROWS)
def test_strangers_are_sent_to_the_log_in_page(shop, stranger, name):
    row = getattr(shop, name)

    for address in (listing(type(row)), page(row)):
        assert stranger.get(address).url.startswith("/admin/login/")


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as made:
        assert client.get(address).status_code == 200
    return len(made)


def test_a_list_of_thirty_runs_asks_as_many_questions_as_one_of_three(shop, operator):
    run_of(shop.automation)
    run_of(shop.automation, replay_of=shop.run)
    of_three = queries(operator, listing(SyncRun))
    for _ in range(27):
        run_of(shop.automation, replay_of=shop.run)

    assert queries(operator, listing(SyncRun)) == of_three <= 19


@pytest.mark.parametrize(
    "name",
    [
        "automation",
        "account",
        "source",
        "column",
        "attempt",
        "incident",
        "order",
        "token",
        "code",
        "request_key",
        "entry",
        "install",
        "privacy",
        "restriction",
    ],
)
def test_other_lists_ask_nothing_per_row_either(shop, operator, name):
    row = getattr(shop, name)
    of_one = queries(operator, listing(type(row)))
    for number in range(10):
        copy_of(row, number)

    assert queries(operator, listing(type(row))) == of_one
