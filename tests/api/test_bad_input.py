"""Whatever stands in a field that can be written: it is taken, or refused by its name with nothing stored."""

from __future__ import annotations

import json
import os
import re

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sheetsync.api import openapi
from sheetsync.models import (
    AlertEndpoint,
    ApiToken,
    Automation,
    Column,
    GoogleAccount,
    InstallState,
    OAuthState,
    Source,
    SyncRun,
    Tenant,
)
from tests.support.runs import orders_of, run_of
from tests.support.shops.installing import APP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

EXAMPLES = int(os.environ.get("SHEETSYNC_TRIALS", "1500")) // 100
VALID: dict[str, tuple[str, dict]] = {
    "tenant": ("patch", {"name": "Cactus", "time_zone": "Europe/Berlin"}),
    "tokens": ("post", {"name": "job", "scope": "read", "days": 1}),
    "install/exchange": ("post", {"code": "ssi_" + "a" * 47, "name": "job"}),
    "tokens/{token}/rotate": ("post", {"overlap_hours": 1}),
    "sources": (
        "post",
        {
            "name": "shop",
            "kind": "rest",
            "config": {"url": "https://shop.example/orders"},
            "credentials": {"bearer": "of-the-shop"},
        },
    ),
    "automations/{automation}": (
        "patch",
        {
            "name": "Orders",
            "source": 1,
            "account": None,
            "spreadsheet_id": "1abc",
            "tab_title": "Orders",
            "rows_per": "order",
            "columns": [{"header": "Order", "path": "@order_id"}],
            "filters": [],
            "removed": "clear",
            "hand_edits": "keep",
            "adopt": [],
            "webhooks_enabled": True,
            "cron": "0 6 * * *",
            "schedule_enabled": True,
            "time_zone": "UTC",
            "exact": False,
            "full_every_hours": 24,
        },
    ),
    "automations/{automation}/run": ("post", {"mode": "full", "order_ids": ["1"], "priority": 1}),
    "runs/{run}/replay": ("post", {"attempt": 1}),
    "automations/{automation}/preview": ("post", {"limit": 1, "rows_per": "order", "columns": [], "filters": []}),
    "google/links": ("post", {"scope": "file", "account": None}),
    "google/accounts/{account}/spreadsheets": ("post", {"title": "Shop", "tab": "Orders"}),
    "google/accounts/{account}/unlink": ("post", {"force": False}),
    "sources/{source}/webhooks/woocommerce": ("post", {"secret": "of-the-shop"}),
    "alerts/endpoint": ("put", {"url": "https://ops.example/alerts", "enabled": True}),
    "shops/shopify/link": ("post", {"shop": "a.myshopify.com", "name": "shop"}),
    "shops/woocommerce/link": ("post", {"url": "https://shop.example", "name": "shop"}),
}
TOLD = pytest.mark.shows_secrets("an endpoint's secret is in the one answer that makes it")
FIELDS = [
    pytest.param(path, field, marks=[TOLD] if path == "alerts/endpoint" else [])
    for path, (_, body) in VALID.items()
    for field in body
]

texts = st.text(max_size=40) | st.sampled_from(
    [
        "=IMPORTXML(1)",  # a formula
        "../../etc/passwd",  # a path
        "http://169.254.169.254/",  # an address inside
        "'; DROP TABLE x; --",
        "<script>alert(1)</script>",
        "\u202eabc",  # runs from right to left
        "x" * 5_000,
        " ",
        "9" * 400,
        "2026-13-45",
        "* * * * * *",
        "@reboot",
        "{{settings.SECRET_KEY}}",
        "a" * 200 + "[0]" * 50,
    ]
)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=10), below, max_size=4),
    max_leaves=8,
)


def storable(value):
    """What can stand in a body at all."""
    text = json.dumps(value)
    return "\\u0000" not in text and "\\ud" not in text


def stored():
    accounts = (GoogleAccount, InstallState, OAuthState)
    models = (Source, Automation, Column, SyncRun, ApiToken, AlertEndpoint, *accounts, Tenant)
    seen = [list(model.objects.order_by("pk").values()) for model in models]
    return [[{name: each for name, each in row.items() if name != "last_used_at"} for row in rows] for rows in seen]


@pytest.fixture
def place(owner, world, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"API_CALLS_PER_MINUTE": None, "TENANT_KINDS": ["file", "rest"]} | APP
    automation = world.automation(owner.tenant, orders=orders_of(1))
    other, _ = ApiToken.objects.mint(owner.tenant, name="other", scope="read")
    account = owner.tenant.accounts.get()
    done = run_of(automation)
    SyncRun.objects.update(status="completed", finished_at=Now())
    known = {"automation": automation.pk, "source": automation.source_id, "account": account.pk}
    return known | {"token": other.pk, "run": done.pk}


def test_every_field_that_the_schema_lets_be_written_is_among_them():
    schema = json.loads(openapi.KEPT.read_text())
    written, tried = {}, {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                name = body["schema"]["$ref"].rpartition("/")[2]
                fields = schema["components"]["schemas"][name]["properties"]
                own = name.removeprefix("Patched")
                written.setdefault(own, set()).update(each for each in fields if not fields[each].get("readOnly"))
                for tried_path, (tried_method, values) in VALID.items():
                    if (tried_method, shape(f"/api/v1/{tried_path}")) == (method, shape(path)):
                        tried.setdefault(own, set()).update(values)
    missing = {name: fields - tried.get(name, set()) for name, fields in written.items()}
    assert {name: fields for name, fields in missing.items() if fields} == {}


def shape(path):
    """Whatever stands in the place of an id, or of a platform."""
    return re.sub(r"\{[^}]*\}|woocommerce$", "*", path)


@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_a_bad_value_is_refused_by_its_name_and_nothing_is_stored(owner, place, path, field):
    method, body = VALID[path]
    body = body | ({"source": place["source"]} if "source" in body else {})

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(anything.filter(storable))
    @example(2**63)
    @example({"a": {"a": {"a": []}}})
    @example([None])
    @example(None)
    def check(value):
        before = stored()
        response = owner.call(method, path.format(**place), body | {field: value})
        assert response.status_code < 500, (value, response.text)
        if response.status_code >= 400:
            assert stored() == before
        if response.status_code == 400 and not response.json()["type"].endswith("malformed"):
            pointers = [error["pointer"] for error in response.json().get("errors", [])]
            named = all(pointer.startswith(f"/{field}") for pointer in pointers) and pointers
            judged_with_others = field in PAIRED or path == "install/exchange"  # whose code is none
            assert named or field in response.json()["detail"] or judged_with_others, (value, response.text)

    check()


PAIRED = {
    "code",
    "credentials",
    "limit",
    "rows_per",
    "filters",
    "columns",
    "schedule_enabled",
    "kind",
    "config",
    "order_ids",
}
"""Judged together with others: what is told may name one of those, or the source's own words."""
