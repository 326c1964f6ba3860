"""The rules that the database itself enforces, whatever code gets wrong."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sheetsync.models import Automation, Column, GoogleAccount, Source, SyncAttempt, SyncRun, Tenant

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop", platform="shopify", external_id="1")


@pytest.fixture
def automation(tenant):
    source = Source.objects.create(tenant=tenant, name="shop", kind="file", config={"path": "orders.jsonl"})
    return Automation.objects.create(tenant=tenant, name="orders", source=source, spreadsheet_id="s", sheet_id=7)


def a_run(automation, **values):
    values = {"trigger": "manual", "max_attempts": 5, **values}
    return SyncRun.objects.create(tenant=automation.tenant, automation=automation, **values)


def refused(name, action):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        action()
    text = str(caught.value)
    # SQLite names a check, but of a unique constraint only its columns.
    assert name in text or "UNIQUE constraint failed" in text


def test_a_second_active_run_of_an_automation(automation):
    a_run(automation)
    refused("one_active_run_per_automation", lambda: a_run(automation))


def test_a_second_run_for_one_slot(automation):
    a_run(automation, slot=NOW, status="completed", finished_at=NOW)
    refused("one_run_per_slot", lambda: a_run(automation, slot=NOW))


def test_finished_runs_may_be_many(automation):
    for _ in range(3):
        a_run(automation, status="completed", finished_at=NOW)
    assert SyncRun.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("run_status_is_known", {"status": "sleeping", "finished_at": NOW}),
        ("run_trigger_is_known", {"trigger": "magic"}),
        ("run_mode_is_known", {"mode": "half"}),
        ("lease_exactly_while_running", {"status": "running"}),
        ("lease_exactly_while_running", {"lease_token": "t", "lease_expires_at": NOW}),
        ("lease_exactly_while_running", {"status": "running", "lease_token": "t"}),
        ("finished_at_exactly_when_finished", {"status": "completed"}),
        ("finished_at_exactly_when_finished", {"finished_at": NOW}),
        ("attempts_within_budget", {"attempts": 6}),
    ],
)
def test_a_run_that_cannot_be(automation, name, values):
    refused(name, lambda: a_run(automation, **values))


def test_two_attempts_of_one_number(automation):
    run = a_run(automation)
    SyncAttempt.objects.create(run=run, number=1, worker="w")
    refused("one_attempt_per_number", lambda: SyncAttempt.objects.create(run=run, number=1, worker="w"))


@pytest.mark.parametrize("values", [{"outcome": "succeeded"}, {"finished_at": NOW}])
def test_an_attempt_half_finished(automation, values):
    run = a_run(automation)
    refused(
        "attempt_has_outcome_exactly_when_finished",
        lambda: SyncAttempt.objects.create(run=run, number=1, worker="w", **values),
    )


def test_an_attempt_that_ended_nobody_knows_how(automation):
    run = a_run(automation)
    values = {"run": run, "number": 1, "worker": "w", "outcome": "vanished", "finished_at": NOW}
    refused("attempt_outcome_is_known", lambda: SyncAttempt.objects.create(**values))


def test_two_automations_with_one_tab(automation):
    refused(
        "one_automation_per_tab",
        lambda: Automation.objects.create(
            tenant=automation.tenant, name="b", source=automation.source, spreadsheet_id="s", sheet_id=7
        ),
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("automation_status_is_known", {"status": "on"}),
        ("rows_per_is_known", {"rows_per": "page"}),
        ("removed_policy_is_known", {"removed": "burn"}),
        ("hand_edits_policy_is_known", {"hand_edits": "scold"}),
    ],
)
def test_an_automation_that_cannot_be(automation, name, values):
    refused(name, lambda: Automation.objects.filter(pk=automation.pk).update(**values))


@pytest.mark.parametrize("values", [{}, {"path": "id", "template": "{id}"}])
def test_a_column_with_no_source_or_two(automation, values):
    refused(
        "column_has_path_or_template",
        lambda: Column.objects.create(automation=automation, uid="a", header="A", **values),
    )


def test_a_column_of_no_type(automation):
    values = {"automation": automation, "uid": "a", "header": "A", "path": "id", "type": "colour"}
    refused("column_type_is_known", lambda: Column.objects.create(**values))


def test_two_columns_with_one_uid(automation):
    Column.objects.create(automation=automation, uid="a", header="A", path="id")
    refused(
        "one_column_per_uid", lambda: Column.objects.create(automation=automation, uid="a", header="B", path="name")
    )


def test_two_default_accounts_of_a_tenant(tenant):
    GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject="1", email="a@b.c", is_default=True)
    refused(
        "one_default_account_per_tenant",
        lambda: GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject="2", email="d@b.c", is_default=True),
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("account_kind_is_known", {"kind": "cookie"}),
        ("account_status_is_known", {"status": "odd"}),
        ("one_link_per_account", {}),
    ],
)
def test_an_account_that_cannot_be(tenant, name, values):
    values = {"tenant": tenant, "kind": "oauth", "subject": "1", "email": "a@b.c", **values}
    GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject="1", email="a@b.c")
    if name != "one_link_per_account":
        values["subject"] = "2"
    refused(name, lambda: GoogleAccount.objects.create(**values))


def test_two_tenants_of_one_shop(tenant):
    refused("one_tenant_per_external_id", lambda: Tenant.objects.create(name="b", platform="shopify", external_id="1"))


def test_a_tenant_that_may_run_nothing():
    refused("tenant_may_run_something", lambda: Tenant.objects.create(name="b", max_concurrent_runs=0))


def test_two_sources_of_one_name(automation):
    refused(
        "one_source_per_name",
        lambda: Source.objects.create(tenant=automation.tenant, name="shop", kind="file"),
    )
