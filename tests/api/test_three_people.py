"""Owner, team mate and outsider at every address and method there is: a new endpoint is found by itself.

Each object's id is the owner's. The outsider has the same kinds of things, and must find none of the owner's.
"""

from __future__ import annotations

import json
import re

import pytest
from rest_framework.test import APIClient

from sheetsync import linking
from sheetsync.api.urls import urlpatterns
from sheetsync.models import (
    Alert,
    AlertEndpoint,
    ApiToken,
    Automation,
    GoogleAccount,
    InstallState,
    OAuthState,
    Source,
    SyncRun,
)
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-of-the-owner"
METHODS = ("get", "post", "patch", "put", "delete")
PUBLIC = {"exchange", "schema", "docs", "unknown"}
ENDPOINTS = {pattern.name: pattern for pattern in urlpatterns if pattern.name not in PUBLIC}
VIEWS = {name: getattr(pattern.callback, "cls", None) for name, pattern in ENDPOINTS.items()}
OPERATIONS = [
    (name, method)
    for name, view in VIEWS.items()
    for method in METHODS
    if hasattr(getattr(view, method, None), "operation")
]
ONE = [(name, method) for name, method in OPERATIONS if "<" in str(ENDPOINTS[name].pattern)]
MODELS = {
    "source": Source,
    "automation": Automation,
    "run": SyncRun,
    "token": ApiToken,
    "account": GoogleAccount,
    "spreadsheet": GoogleAccount,
    "link": OAuthState,
    "shop-link": InstallState,
    "alert": Alert,
}


@pytest.fixture
def theirs(owner, outsider, world, settings):
    """What the owner has, each with the canary somewhere; the outsider has one of each too."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_ID": "c", "GOOGLE_CLIENT_SECRET": "s"}
    for caller, name in ((owner, CANARY), (outsider, "other")):
        automation = world.automation(caller.tenant, name=name, orders=orders_of(1, customer=name))
        run_of(automation)
        linking.begin(caller.tenant, redirect_uri="http://127.0.0.1/cb")
        InstallState.objects.begin(caller.tenant, kind="shopify", shop="a.myshopify.com", name=name)
        for _ in range(2):
            automation.source.rotate_webhook_secret("standard")
        endpoint = AlertEndpoint(tenant=caller.tenant, url=f"https://{name}.example.com/")
        endpoint.rotate()
        endpoint.save()
        Alert.objects.account_lost(GoogleAccount.objects.get(tenant=caller.tenant), name)
    GoogleAccount.objects.filter(tenant=owner.tenant).update(email=f"{CANARY}@example.com")
    return owner


def path_of(name, tenant):
    model = next((MODELS[kind] for kind in sorted(MODELS, key=len, reverse=True) if name.startswith(kind)), None)
    pk = model.objects.filter(tenant=tenant).latest("pk").pk if model else 0
    path = re.sub(r"<sheetsync_id:pk>", str(pk), str(ENDPOINTS[name].pattern))
    return path.replace("<str:spreadsheet_id>", "abc").replace("<str:platform>", "standard")


def everything():
    """All rows that an outsider must not change, as text."""
    models = (Source, Automation, SyncRun, ApiToken, GoogleAccount, OAuthState, InstallState, Alert, AlertEndpoint)
    return json.dumps([list(model.objects.order_by("pk").values()) for model in models], default=str)


def test_the_router_is_covered():
    assert len(OPERATIONS) > 40 and {name for name, _ in OPERATIONS} == set(ENDPOINTS)


@pytest.mark.parametrize(("name", "method"), OPERATIONS)
def test_without_a_token_nothing_is_told(theirs, name, method):
    before = everything()
    response = getattr(APIClient(), method)(f"/api/v1/{path_of(name, theirs.tenant)}")
    assert response.status_code == 401 and CANARY not in response.text and everything() == before


@pytest.mark.parametrize(("name", "method"), ONE)
def test_an_outsider_does_not_find_it(theirs, outsider, name, method):
    before = everything().replace("last_used_at", "")
    response = outsider.call(method, path_of(name, theirs.tenant), {})
    assert response.status_code == 404 and CANARY not in response.text
    assert shape(everything()) == shape(before)


def shape(text):
    """Without when a token was used last, which a call changes."""
    return re.sub(r'"(last_used_at)?": ("20[^"]*"|null)', "", text)


@pytest.mark.parametrize(("name", "method"), [each for each in OPERATIONS if each not in ONE and each[1] == "get"])
def test_an_outsiders_list_holds_only_their_own(theirs, outsider, name, method):
    response = outsider.call(method, path_of(name, theirs.tenant))
    assert response.status_code == 200 and CANARY not in response.text


@pytest.mark.parametrize(("name", "method"), [each for each in OPERATIONS if each[1] != "get"])
def test_a_team_mate_who_reads_changes_nothing(theirs, mate, name, method):
    before = shape(everything())
    response = mate.call(method, path_of(name, theirs.tenant), {})
    scope = getattr(VIEWS[name], "scope", None)
    assert response.status_code == (200 if scope == "read" else 403)
    assert shape(everything()) == before


@pytest.mark.parametrize(("name", "method"), [each for each in OPERATIONS if each[1] == "get"])
def test_a_team_mate_reads_what_the_owner_does(theirs, mate, name, method):
    path = path_of(name, theirs.tenant)
    if getattr(VIEWS[name], "scope", None) == "admin":
        assert mate.call(method, path).status_code == 403
    elif name != "spreadsheet":  # that one asks Google, each time anew
        assert mate.call(method, path).json() == theirs.call(method, path).json()


@pytest.mark.parametrize("field", ["source", "account"])
def test_anothers_row_cannot_be_written_into_ones_own(theirs, outsider, field):
    mine = Automation.objects.get(tenant=outsider.tenant)
    stranger = MODELS[field].objects.filter(tenant=theirs.tenant).first()
    response = outsider.call("patch", f"automations/{mine.pk}", {field: stranger.pk})
    unknown = outsider.call("patch", f"automations/{mine.pk}", {field: 999_999})
    assert response.status_code == unknown.status_code == 400
    assert (
        response.text.replace(str(stranger.pk), "N").replace("999999", "N").partition('"request_id"')[0]
        == (unknown.text.replace("999999", "N").partition('"request_id"')[0])
    )
