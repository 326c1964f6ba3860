"""What operators do is in the history, with values before and after and without secrets; people only read it."""

from __future__ import annotations

import pytest

from sheetsync.models import AuditEntry, Source, Tenant
from sheetsync.models.audit import HIDDEN, record
from tests.admin.pages import adding, listing, page, press, sent_by, surely

TENANT = {"name": "Agave shop", "platform": "", "external_id": "", "time_zone": "UTC", "max_concurrent_runs": "2"}
SOURCE = {"name": "web shop", "config_path": "orders.jsonl", "config_id_path": "id", "config_lines_path": "lines"}
SOURCE |= {"config_format": "", "config_delimiter": ",", "config_on_bad": "stop"}


@pytest.fixture
def entry():
    """What the history says of the one thing that was done."""
    return AuditEntry.objects.exclude(action="shop.opened").get


def test_a_tenant_that_is_added_is_in_the_history(operator, entry):
    operator.post(adding(Tenant), TENANT)
    found = entry()

    assert (found.action, found.actor_kind, found.actor, found.tenant) == (
        "tenant.created", "operator", "operator", Tenant.objects.get(),
    )  # fmt: skip
    assert found.address == "127.0.0.1"


def test_a_form_tells_what_it_changed(shop, operator, entry):
    operator.post(page(shop.tenant), TENANT)

    assert (entry().action, entry().changes) == ("tenant.changed", {"name": ["Cactus shop", "Agave shop"]})


def test_of_new_credentials_it_says_that_they_are_new(shop, operator, entry):
    Source.objects.update(kind="rest", config={"url": "https://93.184.215.14/orders"})
    operator.post(page(shop.source), sent_by(operator.get(page(shop.source))) | {"credential_bearer": "hush"})

    assert entry().changes == {"credential_bearer": [None, HIDDEN]}


def test_of_a_configuration_it_says_which_option_was_changed(shop, operator, entry):
    Source.objects.update(config={"path": "a.jsonl"})
    operator.post(page(shop.source), SOURCE | {"config_path": "b.jsonl"})

    assert entry().changes == {"config_path": ["a.jsonl", "b.jsonl"]}


@pytest.mark.parametrize(
    ("name", "act", "action"),
    [
        ("tenant", "pause", "tenant.paused"),
        ("automation", "pause", "automation.paused"),
        ("automation", "run_now", "automation.run_requested"),
        ("run", "retry", "run.retried"),
        ("run", "replay", "run.replayed"),
        ("account", "make_default", "account.made_default"),
    ],
)
def test_a_button_is_in_the_history_by_the_words_of_the_api(shop, operator, entry, name, act, action):
    row = getattr(shop, name)
    surely(operator, row, act)

    assert (entry().action, entry().object_id, entry().tenant) == (action, str(row.pk), shop.tenant)


def test_what_was_refused_is_not_in_the_history(shop, operator):
    Tenant.objects.update(active=False)
    press(operator, shop.automation, "run_now")

    assert AuditEntry.objects.get() == shop.entry


def test_what_is_deleted_is_in_the_history(shop, operator, entry):
    shop.run.delete()
    shop.order.delete()
    operator.post(page(shop.automation, "delete"), {"post": "yes"})

    assert (entry().action, entry().object_label) == ("automation.removed", "orders")


def test_the_page_shows_before_and_after_and_escapes_them(shop, operator):
    also = {"name": ("<b>old</b>", ""), "config": ({"path": None}, ["a"])}
    text = operator.get(page(record("tenant.changed", shop.tenant, also=also))).text

    assert "&lt;b&gt;old&lt;/b&gt;" in text and "<b>old</b>" not in text
    assert "{&quot;path&quot;: null}" in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "paused"}, 1),
        ({"q": "r-77"}, 1),
        ({"object_type": "tenant"}, 3),
        ({"object_type": "source"}, 0),
        ({"actor_kind__exact": "system"}, 3),
        ({"actor_kind__exact": "token"}, 0),
    ],
)
def test_the_history_is_searched_and_filtered(shop, operator, asked, found):
    record("tenant.paused", shop.tenant)
    AuditEntry(action="tenant.resumed", object_type="tenant", actor_kind="system", request_id="r-77").save()
    AuditEntry.objects.bulk_create([AuditEntry(action="x.done", actor_kind="operator")])

    assert operator.get(listing(AuditEntry), asked).context["cl"].result_count == found
