"""Sources by forms: an option each of the kind's configuration, credentials that are taken and never shown."""

from __future__ import annotations

import pytest

from sheetsync.admin.source_forms import CONFIG, form_of
from sheetsync.admin.source_options import default_of, options_of
from sheetsync.admin.source_words import CREDENTIALS, KIND_WORDS
from sheetsync.models import Source
from sheetsync.sources.registry import KINDS
from tests.admin.pages import adding, errors, page, sent_by

URL = "https://93.184.215.14/orders"
KEYS = {
    "shopify": {"credential_access_token": "shpat_0123456789"},
    "woocommerce": {"credential_consumer_key": "ck_1", "credential_consumer_secret": "cs_1"},
}
NEEDED = {
    "file": {"config_path": "orders.jsonl"},
    "queryset": {"config_model": "shop.Order"},
    "rest": {"config_url": URL},
    "shopify": {"config_shop": "cactus.myshopify.com"},
    "woocommerce": {"config_url": "https://93.184.215.14/"},
}


@pytest.fixture
def rest(shop):
    source = Source(tenant=shop.tenant, name="api", kind="rest", config={"url": URL, "params": {"tags": [1, "b"]}})
    source.seal({"bearer": "a-token-of-the-shop"})
    source.save()
    return source


def fresh(client, kind):
    """The form of a new source, as it comes."""
    return sent_by(client.get(adding(Source) + f"?kind={kind}"))


def add(client, kind, **typed):
    return client.post(adding(Source) + f"?kind={kind}", fresh(client, kind) | typed)


def change(client, source, **typed):
    """Save the form of a source as it is, rows included, but for what is typed."""
    form = client.get(page(source)).context["adminform"].form
    rows = {
        f"{name}-{number}-{cell}": value
        for name in form.fields
        if isinstance(form[name].value(), list)
        for number, row in enumerate(form[name].value())
        for cell, value in row.items()
    }
    response = client.post(page(source), sent_by(client.get(page(source))) | rows | typed)
    source.refresh_from_db()
    return response


def test_the_kind_is_chosen_first(operator):
    shown = operator.get(adding(Source) + "?tenant=5").text

    assert [f"?kind={kind}&amp;tenant=5" in shown for kind in KINDS] == [True] * len(KINDS)
    assert "?kind=" in operator.get(adding(Source) + "?kind=soap").text
    assert operator.post(adding(Source), {"kind": "rest", "name": "x"}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words_for_all_that_it_takes_and_no_others(kind):
    assert {each.name for each in options_of(kind)} == KIND_WORDS[kind].options.keys()
    assert [name for name in form_of(kind).base_fields if name.removeprefix("credential_") not in CREDENTIALS] == [
        *(name for name in form_of(kind).base_fields if not name.startswith("credential_"))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_of_each_kind_is_added_by_what_has_to_be_said(shop, operator, kind):
    typed = {"tenant": shop.tenant.pk, "name": "new", **NEEDED[kind], **KEYS.get(kind, {})}
    response = add(operator, kind, **typed)
    assert response.status_code == 302, errors(response)
    source = Source.objects.get(name="new")

    assert (source.kind, source.config) == (kind, {n.removeprefix(CONFIG): v for n, v in NEEDED[kind].items()})
    assert source.secrets() == {n.removeprefix("credential_"): v for n, v in KEYS.get(kind, {}).items()}


def test_options_of_all_types_are_stored_as_the_kind_reads_them(shop, operator):
    typed = {
        "tenant": shop.tenant.pk, "name": "new", "config_url": URL, "config_paginator": "page_number",
        "config_limit": 50, "config_stable_by-none": "on", "config_headers-0-name": "X-Shop",
        "config_headers-0-kind": "number", "config_headers-0-value": "7", "config_params-3-name": "tags",
        "config_params-3-kind": "list", "config_params-3-value": "a\r\n\r\nb",
    }  # fmt: skip
    response = add(operator, "rest", **typed)
    assert response.status_code == 302, errors(response)

    assert Source.objects.get(name="new").config == {
        "url": URL, "paginator": "page_number", "limit": 50, "stable_by": {}, "headers": {"X-Shop": 7},
        "params": {"tags": ["a", "b"]},
    }  # fmt: skip


def test_lists_and_boxes_are_stored_too(shop, operator):
    typed = {"tenant": shop.tenant.pk, "name": "new", "config_url": "https://93.184.215.14/", **KEYS["woocommerce"]}
    typed |= {"config_status": "processing\r\ncompleted", "config_refund_lines": "on"}
    add(operator, "woocommerce", **typed)

    config = Source.objects.get(name="new").config
    assert (config["status"], config["refund_lines"]) == (["processing", "completed"], True)


def test_what_nobody_touched_stays_as_it_was(rest, operator):
    before = rest.config
    assert change(operator, rest, name="another").status_code == 302

    assert (rest.name, rest.config) == ("another", before)
    assert rest.secrets() == {"bearer": "a-token-of-the-shop"}


def test_an_option_that_is_emptied_is_as_usual_again(rest, operator):
    Source.objects.filter(pk=rest.pk).update(config={"url": URL, "id_path": "code", "limit": 20})
    change(operator, rest, config_id_path="", config_limit="")

    assert rest.config == {"url": URL}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, {"bearer": "a-token-of-the-shop"}),
        ({"credential_bearer": " new "}, {"bearer": "new"}),
        ({"credential_username": "u", "credential_password": "p", "forget_credentials": "on"},
         {"username": "u", "password": "p"}),
        ({"forget_credentials": "on"}, {}),
    ],
)  # fmt: skip
def test_credentials_stay_change_or_go(rest, operator, typed, kept):
    response = change(operator, rest, **typed)
    assert response.status_code == 302, errors(response)

    assert rest.secrets() == kept


@pytest.mark.parametrize(
    ("typed", "field", "complaint"),
    [
        ({"config_url": ""}, "config_url", "This field is required"),
        ({"config_url": "https://127.0.0.1/"}, "config_url", "no public address"),
        ({"config_url": "nonsense\x00"}, "config_url", "Null characters"),
        ({"config_limit": "1"}, "config_limit", "ask for 2 to 1,000"),
        ({"config_limit": "many"}, "config_limit", "whole number"),
        ({"config_limit": "9" * 5_000}, "config_limit", ""),
        ({"config_paginator": "magic"}, "config_paginator", "Select a valid choice"),
        ({"config_paginator": "page_number"}, "config_stable_by", "sorted by something that never changes"),
        ({"config_items_path": "a..b"}, "config_items_path", "a key is missing here"),
        ({"config_params-0-name": "", "config_params-0-value": "x"}, "config_params", "Row 1: It has no name"),
        ({"config_params-0-kind": "number", "config_params-0-value": "x"}, "config_params", "Write a number"),
        ({"config_params-0-kind": "truth", "config_params-0-value": "x"}, "config_params", "Write yes or no"),
        ({"config_params-0-value": "a\x00b"}, "config_params", "cannot be stored"),
        ({f"config_params-{n}-name": f"n{n}" for n in range(60)}, "config_params", "keep at most 50"),
        ({"config_params-0-name": "x", "config_params-1-name": "x"}, "config_params", "stands there twice"),
        ({"credential_username": "hush-hush"}, "", "username"),
        ({"credential_header_value": "hush-hush", "forget_credentials": "on"}, "config_auth_header", "write"),
        ({"credential_bearer": "hush-hush\nInjected: yes"}, "", ""),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field_and_no_secret_with_it(rest, operator, typed, field, complaint):
    response = change(operator, rest, **typed)
    found = response.context["adminform"].errors

    assert field in found or not field, found
    assert complaint in str(found[field] if field else found)
    assert "hush-hush" not in response.text


def test_what_was_typed_stays_where_something_else_is_wrong(rest, operator):
    typed = {
        "config_limit": "1",
        "config_params-0-name": "half <b>",
        "config_params-0-value": "a value",
        "name": "x" * 300,
    }
    shown = change(operator, rest, **typed).text

    assert "half &lt;b&gt;" in shown and "a value</textarea>" in shown and "x" * 300 in shown


def test_a_configuration_that_is_odd_can_be_mended(rest, operator):
    Source.objects.filter(pk=rest.pk).update(
        config={"url": 5, "params": "text", "limit": "x", "paginator": [], "no": 1}
    )
    assert operator.get(page(rest)).status_code == 200
    typed = {"config_url": URL, "config_limit": "", "config_paginator": "single_page"}
    operator.post(page(rest), fresh(operator, "rest") | {"name": "api"} | typed)
    rest.refresh_from_db()

    assert rest.config["url"] == URL


def test_a_kind_that_is_no_more_has_a_page_all_the_same(shop, operator):
    Source.objects.filter(pk=shop.source.pk).update(kind="soap", config=[1])

    assert operator.get(page(shop.source)).status_code == 200
    assert "is not" in errors(operator.post(page(shop.source), {"name": "web shop"}))


def test_who_may_only_look_sees_the_options_as_a_table(rest, viewer):
    shown = viewer.get(page(rest)).text

    assert "<th>Parameters</th><td>tags = 1, b</td>" in shown
    assert "a-token-of-the-shop" not in shown


def test_a_source_stays_with_its_tenant_and_its_kind(rest, operator):
    other = type(rest.tenant).objects.create(name="Agave shop")
    tenant = rest.tenant
    change(operator, rest, tenant=other.pk, kind="file")

    assert (rest.tenant, rest.kind) == (tenant, "rest")


def test_defaults_are_shown_as_they_are_in_force(operator):
    sent = fresh(operator, "rest")

    for option in options_of("rest"):
        if isinstance(default_of(option), str | int) and default_of(option) != "":
            assert sent[CONFIG + option.name] == default_of(option)
