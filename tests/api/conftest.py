"""Three callers: an owner with everything, a team mate who may read, and an outsider of another tenant."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from sheetsync.models import ApiToken


@pytest.fixture(autouse=True)
def strict(settings):
    """A query that could reach another tenant's rows raises."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.SHEETSYNC = settings.SHEETSYNC | {"WATCH_ISOLATION": True, "TENANT_KINDS": ["file"]}


class Caller(APIClient):
    """A program with a token."""

    def __init__(self, tenant, scope="admin"):
        super().__init__(raise_request_exception=False)
        self.tenant = tenant
        self.token, text = ApiToken.objects.mint(tenant, name=f"{scope} {id(self)}", scope=scope)
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")

    def call(self, method, path, data=None, **headers):
        """-> the response; paths are below /api/v1/."""
        return getattr(self, method)(f"/api/v1/{path}", data, format="json", headers=headers)


@pytest.fixture
def owner(world):
    return Caller(world.tenant())


@pytest.fixture
def mate(owner):
    return Caller(owner.tenant, "read")


@pytest.fixture
def outsider(world):
    return Caller(world.tenant("Fern shop"))
