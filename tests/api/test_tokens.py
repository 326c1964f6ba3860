"""How a tenant's programs get in, and how they are kept out."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from sheetsync.models import InstallCode

pytestmark = pytest.mark.django_db(transaction=True)


def exchange(code, **given):
    return APIClient().post("/api/v1/install/exchange", {"code": code} | given, format="json")


def test_a_code_is_good_for_one_token(world):
    tenant = world.tenant()
    _, code = InstallCode.objects.mint(tenant)
    first = exchange(code, name="back office")
    assert first.status_code == 201 and first.json()["scope"] == "admin"
    known = APIClient().get("/api/v1/tenant", headers={"Authorization": f"Bearer {first.json()['token']}"})
    assert known.json()["id"] == tenant.pk
    assert exchange(code).status_code == 403


@pytest.mark.parametrize("code", ["ssi_wrong", "x", "ssi_" + "a" * 47])
def test_what_is_no_code_is_told_so(db, code):
    refused = exchange(code)
    assert refused.status_code == 400 and refused.headers["Content-Type"] == "application/problem+json"


def test_a_token_is_shown_once(owner):
    made = owner.call("post", "tokens", {"name": "night job", "scope": "read"}).json()
    assert made["token"].startswith(made["prefix"])
    assert "token" not in owner.call("get", f"tokens/{made['id']}").json()


def test_a_repeated_request_for_a_token_is_told_what_was_made(owner):
    wanted = {"name": "night job", "scope": "read"}
    first, second = (owner.call("post", "tokens", wanted, **{"Idempotency-Key": "1"}) for _ in range(2))
    assert second.status_code == 409 and second.json()["made"] == {"id": first.json()["id"]}


def test_a_rotated_token_works_on_for_a_while(owner):
    made = owner.call("post", "tokens", {"name": "job", "scope": "write"}).json()
    newer = owner.call("post", f"tokens/{made['id']}/rotate", {"overlap_hours": 1}).json()
    for text in (made["token"], newer["token"]):
        assert APIClient().get("/api/v1/tenant", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    owner.call("delete", f"tokens/{made['id']}")
    gone = APIClient().get("/api/v1/tenant", headers={"Authorization": f"Bearer {made['token']}"})
    assert gone.status_code == 401 and gone.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_the_scope_admin_manages_tokens(mate):
    refused = mate.call("get", "tokens")
    assert refused.status_code == 403 and "'admin'" in refused.json()["detail"]


def test_a_team_mate_who_reads_does_not_write(mate):
    assert mate.call("get", "automations").status_code == 200
    assert mate.call("post", "automations", {}).status_code == 403
