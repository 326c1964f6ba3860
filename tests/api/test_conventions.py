"""What holds for every address: problems, pages, ids of requests, and bodies from strangers."""

from __future__ import annotations

import json

import pytest
from rest_framework.test import APIClient

from sheetsync.api.isolation import UnscopedQuery, watched
from sheetsync.models import Automation, SyncRun
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


def problem(response):
    assert response.headers["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code and found["request_id"] == response.headers["X-Request-ID"]
    return found["type"].rpartition(":")[2]


@pytest.mark.parametrize("path", ["", "nothing", "automations/", "runs/x", "runs/" + "9" * 30])
def test_an_unknown_address_is_a_problem_and_no_page(owner, path):
    response = owner.call("get", path)
    assert response.status_code == 404 and problem(response) == "not-found"


def test_who_shows_no_token_is_asked_for_one(db):
    response = APIClient().get("/api/v1/runs")
    assert response.status_code == 401 and problem(response) == "unauthorized"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="sheetsync"'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": NaN}', "NaN"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"name": "a\\u0000b"}', "cannot be stored"),
        (b'{"name": "\\ud800"}', "cannot be stored"),
        (b"[" * 100_000, "deep"),
        (b'{"source": ' + b"9" * 5_000 + b"}", "too many digits"),
        (b"[]", "dictionary"),
        (b'"x"', "dictionary"),
        (b"", "required"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_the_reason(owner, body, words):
    response = owner.post("/api/v1/automations", body, content_type="application/json")
    assert response.status_code == 400 and words in json.dumps(response.json())


def test_a_body_that_is_too_large_is_not_read(owner):
    body = b'{"name": "' + b"x" * 1_100_000 + b'"}'
    assert owner.post("/api/v1/automations", body, content_type="application/json").status_code == 413


def test_a_body_of_another_kind_is_refused(owner):
    assert owner.post("/api/v1/automations", "a=1", content_type="text/plain").status_code == 415


def test_the_callers_id_of_a_request_comes_back(owner):
    assert owner.call("get", "runs", **{"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert owner.call("get", "runs", **{"X-Request-ID": "a b<script>"}).headers["X-Request-ID"] != "a b<script>"


def test_pages_hold_their_place_while_runs_are_added(owner, world):
    automations = [world.automation(owner.tenant, name=f"{n}", orders=orders_of(1)) for n in range(5)]
    runs = [run_of(automation) for automation in automations]
    first = owner.call("get", "runs?limit=2").json()
    run_of(world.automation(owner.tenant, name="late", orders=orders_of(1)))
    found, following = [run["id"] for run in first["results"]], first["next"]
    while following:
        page = owner.get(following).json()
        found, following = found + [run["id"] for run in page["results"]], page["next"]
    assert found == sorted((run.pk for run in runs), reverse=True)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1000", "cursor=x", "cursor=cD1h", "colour=red", "status=x"]
)
def test_a_bad_query_is_refused_by_name(owner, query):
    response = owner.call("get", f"runs?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_watching_a_run_that_stands_still_costs_no_body(owner, world):
    run = run_of(world.automation(owner.tenant, orders=orders_of(1)))
    seen = owner.call("get", f"runs/{run.pk}")
    again = owner.call("get", f"runs/{run.pk}", **{"If-None-Match": seen.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""
    SyncRun.objects.update(attempts=1)
    assert owner.call("get", f"runs/{run.pk}", **{"If-None-Match": seen.headers["ETag"]}).status_code == 200


def test_too_many_calls_are_told_when_to_come_back(owner, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"API_CALLS_PER_MINUTE": 8}
    answers = [owner.call("get", "tenant") for _ in range(4)]
    assert [response.status_code for response in answers] == [200, 200, 429, 429]
    assert problem(answers[-1]) == "too-many-requests" and int(answers[-1].headers["Retry-After"]) > 0


def test_our_own_mistake_is_a_problem_without_details(owner, world, caplog):
    run = run_of(world.automation(owner.tenant, orders=orders_of(1)))
    SyncRun.objects.update(counters=["broken"])
    response = owner.call("get", f"runs/{run.pk}")
    assert response.status_code == 500 and problem(response) == "internal"
    assert "broken" not in response.text and "AttributeError" not in response.text
    assert "AttributeError" in caplog.text


def test_a_query_without_a_tenant_is_caught(owner, world):
    world.automation(owner.tenant)
    with watched(owner.tenant.pk), pytest.raises(UnscopedQuery, match="not limited"):
        list(Automation.objects.filter(status="active"))


def test_a_strangers_row_is_caught(owner, outsider, world):
    theirs = world.automation(outsider.tenant)
    with watched(owner.tenant.pk), pytest.raises(UnscopedQuery, match="belongs to tenant"):
        Automation.objects.get(pk=theirs.pk)
