"""The API's description: for programs as OpenAPI, for people as pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from sheetsync.api import base, problems

SCHEMA = Path(__file__).parents[1] / "openapi.json"
PAGES = "drf_spectacular_sidecar"
MISSING = 'To read this as pages: pip install "sheetsync[openapi]" and add "drf_spectacular_sidecar" to INSTALLED_APPS.'
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""Swagger UI sets styles as it draws; no script but files of our own host is run."""


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as JSON."""
    response = HttpResponse(_schema(), content_type="application/vnd.oai.openapi+json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class NoPages(base.Public):
    """What stands where pages would be, had they been installed."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Raises Problem with the remedy."""
        raise problems.Problem("not-found", MISSING, status=404)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """Swagger UI, from files of this host: it needs no other."""
    if not apps.is_installed(PAGES):
        return NoPages.as_view()(request)
    response = render(request, "sheetsync/api.html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _schema() -> bytes:
    return SCHEMA.read_bytes()
