"""The API does what its schema says, whatever is sent to it, and no byte of a tenant gets to another."""

from __future__ import annotations

import json
import os

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sheetsync.api import openapi
from sheetsync.models import Alert, AlertEndpoint, ApiToken, Automation, GoogleAccount, InstallState, Source, SyncRun
from tests.support.runs import orders_of, run_of
from tests.support.shops.installing import APP

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = int(os.environ.get("SHEETSYNC_TRIALS", "400")) // 100
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
CANARIES = {"owner": "canary-of-owner", "outsider": "canary-of-outsider"}
OPERATIONS = [
    (method, path) for path, methods in json.loads(openapi.KEPT.read_text())["paths"].items() for method in methods
]


def test_the_kept_schema_is_what_the_endpoints_declare():
    assert openapi.KEPT.read_text() == openapi.text(), "run: make schema"


def test_every_operation_that_takes_a_body_has_an_example_of_one():
    paths = json.loads(openapi.KEPT.read_text())["paths"]
    bodies = [each["requestBody"] for methods in paths.values() for each in methods.values() if "requestBody" in each]
    assert bodies and all("examples" in kind for body in bodies for kind in body["content"].values())


@pytest.fixture
def seeded(owner, outsider, world, settings):
    """Both tenants have one of everything, with ids that a generator of small numbers finds."""
    settings.SHEETSYNC = settings.SHEETSYNC | {"API_CALLS_PER_MINUTE": None} | APP
    for name, caller in (("owner", owner), ("outsider", outsider)):
        canary = CANARIES[name]
        automation = world.automation(caller.tenant, name=canary, orders=orders_of(2, customer=canary))
        run = run_of(automation)
        automation.source.rotate_webhook_secret("hint")
        InstallState.objects.begin(caller.tenant, kind="shopify", shop="a.myshopify.com", name=canary)
        SyncRun.objects.filter(pk=run.pk).update(error=canary)
        AlertEndpoint.objects.create(tenant=caller.tenant, url=f"https://{canary}.example.com/")
        Alert.objects.account_lost(GoogleAccount.objects.get(tenant=caller.tenant), canary)
        GoogleAccount.objects.filter(tenant=caller.tenant).update(email=f"{canary}@example.com")
    return {"owner": owner, "outsider": outsider, "nobody": None}


@pytest.fixture
def schema():
    return schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application())


@pytest.mark.slow
@pytest.mark.parametrize("who", ["owner", "outsider", "nobody"])
def test_whatever_is_sent_the_answer_is_one_of_those_declared(seeded, schema, who):
    caller = seeded[who]
    headers = {"Authorization": caller._credentials["HTTP_AUTHORIZATION"]} if caller else {}
    for method, path in OPERATIONS:
        operation = schema[path][method]
        sound, odd = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
        answered(sound | odd, who, headers)
    mine = {each.tenant.pk for each in seeded.values() if each}
    assert {each.tenant_id for each in (*Source.objects.all(), *Automation.objects.all())} <= mine


def answered(cases, who, headers):
    """Each case gets an answer that was declared, without a byte of the other tenant."""

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case=cases)
    def check(case):
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
        for name, canary in CANARIES.items():
            assert name == who or canary not in response.text
        ApiToken.objects.update(revoked_at=None, expires_at=None)

    check()
