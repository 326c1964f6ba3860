"""The history says who changed what, holds no secret, and is never rewritten."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.logs import correlated
from sheetsync.models import AuditEntry, GoogleAccount, Source, Tenant
from sheetsync.models.audit import HIDDEN, LONGEST, MOST, Actor, ActorKind, acting, changes, current_actor, record
from sheetsync.models.shown_once import TOKEN, new_text

pytestmark = pytest.mark.django_db

ANNA = Actor(kind=ActorKind.OPERATOR, label="anna", request_id="r-1", address="203.0.113.9")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=20), below, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop")


@pytest.fixture
def source(tenant):
    return Source.objects.create(tenant=tenant, name="web shop", kind="file", config={"path": "a.jsonl"})


def kept(**values):
    """What is stored of a change."""
    entry = record("x.changed", also={name: (None, value) for name, value in values.items()})
    entry.refresh_from_db()
    return {name: new for name, (_old, new) in entry.changes.items()}


def test_an_entry_says_who_did_what_to_what_and_when(source):
    with acting(ANNA):
        entry = record("source.created", source)
    entry.refresh_from_db()

    assert (entry.actor_kind, entry.actor, entry.request_id, entry.address) == (
        "operator",
        "anna",
        "r-1",
        "203.0.113.9",
    )
    assert (entry.action, entry.object_type, entry.object_id, entry.object_label) == (
        "source.created", "source", str(source.pk), "web shop",
    )  # fmt: skip
    assert entry.tenant == source.tenant and datetime.now(UTC) - entry.at < timedelta(minutes=1)


def test_a_change_says_what_was_there_before_and_only_of_fields_that_differ(source):
    before = copy.copy(source)
    source.name, source.config = "shop 2", {"path": "b.jsonl"}
    entry = record("source.changed", source, before=before, after=source, fields=["name", "kind", "config"])

    assert entry.changes == {
        "name": ["web shop", "shop 2"],
        "config": [{"path": "a.jsonl"}, {"path": "b.jsonl"}],
    }


def test_of_a_new_row_everything_is_new(source):
    assert changes(None, source, ["name", "tenant"]) == {"name": [None, "web shop"], "tenant": [None, source.tenant_id]}


def test_a_relation_is_compared_without_asking_for_the_other_row(source, django_assert_num_queries):
    fresh = Source.objects.get()
    with django_assert_num_queries(0):
        assert changes(fresh, source, ["tenant"]) == {}


def test_nobody_acts_but_sheetsync_itself_unless_somebody_does(tenant):
    assert record("tenant.paused", tenant).actor_kind == "system"
    with acting(ANNA), acting(Actor(kind=ActorKind.TOKEN, label="ci")):
        assert record("x.done").actor == "ci"
    assert current_actor().kind == "system"


def test_the_request_is_found_by_the_id_that_logs_have(tenant):
    with correlated("c-1"):
        assert record("tenant.paused", tenant).request_id == "c-1"


@pytest.mark.parametrize(("address", "stored"), [("2001:DB8::1", "2001:db8::1"), ("a-socket", None), ("", None)])
def test_an_address_is_kept_where_it_is_one(address, stored):
    entry = record("x.done", actor=Actor(kind=ActorKind.SYSTEM, address=address))
    entry.refresh_from_db()
    assert entry.address == stored


def test_of_a_tenants_own_row_it_is_the_tenant(tenant):
    assert record("tenant.created", tenant).tenant == tenant
    assert record("site.rekeyed").tenant is None
    assert record("site.rekeyed", tenant=tenant).tenant == tenant


def test_what_happened_to_a_row_is_found(tenant, source):
    entries = [record("source.created", source), record("source.changed", source)]
    record("tenant.changed", tenant)
    assert list(AuditEntry.objects.about(source).order_by("pk")) == entries


def test_sealed_secrets_are_never_compared_into_the_history(tenant):
    account = GoogleAccount(tenant=tenant, subject="1", email="a@b.c", kind="oauth")
    before = copy.copy(account)
    account.seal({"refresh_token": "hush"})
    assert changes(before, account, ["sealed"]) == {"sealed": ["", HIDDEN]}


@pytest.mark.parametrize(
    "name", ["api_key", "Password", "client_secret", "webhook_secrets", "accessToken", "signature"]
)
def test_what_is_called_a_secret_is_left_out_wherever_it_stands(name):
    hidden = kept(**{name: "hush"}, config={"deep": [{name: "hush"}], "pin": 7, name: 1234})

    assert "hush" not in str(hidden) and "1234" not in str(hidden)
    assert hidden[name] == HIDDEN and hidden["config"]["pin"] == 7


def test_what_looks_like_a_secret_is_left_out_of_any_text():
    token = new_text(TOKEN)
    found = kept(note=f"use {token}", url="https://anna:hush@shop.example/", config={token: "x"})

    assert token not in str(found) and "hush" not in str(found)


def test_a_name_that_holds_a_token_is_not_kept_as_a_label(tenant):
    token = new_text(TOKEN)
    tenant.name = token
    assert (
        record("tenant.changed", tenant, actor=Actor(kind=ActorKind.OPERATOR, label=token)).object_label == "[secret]"
    )
    assert token not in str(AuditEntry.objects.values().get())


def test_long_values_are_cut():
    found = kept(text="x" * 5_000, many=list(range(5_000)), wide={str(n): n for n in range(5_000)})

    assert (len(found["text"]), len(found["many"]), len(found["wide"])) == (LONGEST, MOST, MOST)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (Decimal("1.50"), "1.50"),
        (True, True),
        (float("nan"), "nan"),
        ("nul \0 and half \ud800", "nul \N{REPLACEMENT CHARACTER} and half ?"),
    ],
)
def test_values_are_kept_as_json_that_every_database_takes(value, shown):
    assert kept(value=value) == {"value": shown}


@given(value=JSON)
def test_whatever_a_tenant_sends_can_be_recorded(value):
    with transaction.atomic():
        kept(value=value)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.update(actor="nobody"),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).bulk_update([entry], ["actor"]),
    ],
)
def test_history_is_not_rewritten(tenant, rewrite):
    entry = record("tenant.created", tenant)
    with pytest.raises(TypeError, match="only added to"), transaction.atomic():
        rewrite(entry)
    assert AuditEntry.objects.get().actor == ""


def test_history_outlives_the_tenant(tenant, source):
    record("source.removed", source)
    tenant.delete()
    entry = AuditEntry.objects.get()

    assert (entry.tenant, entry.object_label) == (None, "web shop")


@pytest.mark.parametrize(
    ("name", "values"), [("actor_kind_is_known", {"actor_kind": "ghost"}), ("audit_entry_says_what", {"action": ""})]
)
def test_an_entry_that_cannot_be(name, values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AuditEntry.objects.create(**{"actor_kind": "system", "action": "x", **values})


def test_a_change_that_is_undone_leaves_no_entry(tenant):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("tenant.changed", tenant)
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


def test_a_tenants_history_is_found_by_its_index(tenant):
    other = Tenant.objects.create(name="other")
    AuditEntry.objects.bulk_create(
        AuditEntry(tenant=other if n % 50 else tenant, actor_kind="system", action="x.done", at=Now())
        for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert "audit_of_tenant" in AuditEntry.objects.filter(tenant=tenant).order_by("-pk")[:50].explain()
