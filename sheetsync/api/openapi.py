"""The schema of the API, made by drf-spectacular from what the endpoints declare.

Only developers make it: what was made is kept in a file, and that is served. The host's own schema is left alone.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.urls import include, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from sheetsync import __version__
from sheetsync.api.authentication import TokenAuthentication
from sheetsync.api.operations import Operation
from sheetsync.api.problems import phrase
from sheetsync.api.serializers.answers import ProblemSerializer, page_of

PREFIX = "/api/v1"
SETTINGS = {
    "TITLE": "sheetsync",
    "DESCRIPTION": "Keeps Google Sheets tabs equal to a shop's orders. Every error is a problem (RFC 9457).",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": PREFIX,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
    "PREPROCESSING_HOOKS": [],
    "AUTHENTICATION_WHITELIST": None,
    "SECURITY": [],
    "SORT_OPERATIONS": True,
    "TAGS": [],
    "SERVERS": [],
}
CHANGING = ("POST", "PATCH", "PUT", "DELETE")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a token is shown."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """`Authorization: Bearer sst_…`."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sst_…"}


class DeclaredSchema(AutoSchema):
    """Reads the `operation` of a view's method."""

    @property
    def declared(self) -> Operation:
        """What stands beside the method. Raises AttributeError for one that declares nothing."""
        found: Operation = getattr(self.view, self.method.lower()).operation
        return found

    def is_excluded(self) -> bool:
        """Only what declares itself is an operation."""
        return not hasattr(getattr(self.view, self.method.lower(), None), "operation")

    def get_operation_id(self) -> str:
        """From the address: `automations_run_post`."""
        words = [part.strip("{}") for part in self.path.removeprefix(PREFIX).split("/") if part]
        return "_".join([*(word.replace("-", "_") for word in words), self.method.lower()])

    def get_summary(self) -> str:
        """One line."""
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        """What people should know besides."""
        # Cleaned: from Python 3.13 on the compiler does that, and the schema is the same everywhere.
        return inspect.cleandoc(getattr(self.view, self.method.lower()).__doc__ or "")

    def get_tags(self) -> list[str]:
        """By the thing that it is about."""
        return [self.path.removeprefix(PREFIX).strip("/").split("/")[0]]

    def get_request_serializer(self) -> Any:
        """None where no body is sent."""
        return self.declared.body

    def get_response_serializers(self) -> Any:
        """By status: what was asked for, and all problems that there can be."""
        declared = self.declared
        answers: dict[Any, Any] = {}
        for status, serializer in declared.answers.items():
            shown = page_of(serializer) if serializer and declared.paged else serializer
            answers[status] = OpenApiResponse(shown, phrase(status))
        for status in sorted(set(self._problems())):
            key = (status, "application/problem+json")
            answers[key] = OpenApiResponse(ProblemSerializer, phrase(status))
        return answers

    def _problems(self) -> Iterator[int]:
        declared = self.declared
        yield from (*declared.problems, 406, 429, 500, 503)
        if self.view.get_authenticators():
            yield from (401, 403)
        if self.method in CHANGING:
            yield from (400, 413, 415)
        if declared.idempotent:
            yield from (409, 422)
        if declared.conditional:
            yield 412

    def get_override_parameters(self) -> list[Any]:
        """Query and headers."""
        return list(self._parameters())

    def _parameters(self) -> Iterator[OpenApiParameter]:
        declared = self.declared
        for name, words in declared.filters.items():
            yield OpenApiParameter(name, str, description=words)
        if declared.paged:
            yield OpenApiParameter("cursor", str, description="From `next` or `previous`.")
            yield OpenApiParameter("limit", int, description="Rows of a page, 1 to 200; 50 if left out.")
        if declared.idempotent:
            yield OpenApiParameter("Idempotency-Key", str, "header", description="Repeated, the request is done once.")
        if declared.conditional:
            yield OpenApiParameter("If-Match", str, "header", description="The ETag of what is to be changed.")
        if HTTPStatus.NOT_MODIFIED in declared.answers:
            yield OpenApiParameter("If-None-Match", str, "header", description="The ETag of what you have already.")
        if "{id}" in self.path:
            yield OpenApiParameter("id", OpenApiTypes.INT64, "path")

    def get_examples(self) -> list[OpenApiExample]:
        """One of what is sent, one of what is answered."""
        declared = self.declared
        found = []
        if declared.takes is not None:
            found.append(OpenApiExample("request", declared.takes, request_only=True))
        if declared.gives is not None:
            statuses = [str(status) for status in declared.answers]
            found.append(OpenApiExample("answer", declared.gives, response_only=True, status_codes=statuses))
        return found

    def _get_filter_parameters(self) -> list[Any]:
        return []

    def _get_pagination_parameters(self) -> list[Any]:
        return []


def schema() -> dict[str, Any]:
    """The whole schema, as OpenAPI 3.1."""
    from sheetsync.api.urls import urlpatterns

    views = [pattern.callback.cls for pattern in urlpatterns if hasattr(pattern.callback, "cls")]
    patterns = [path("api/v1/", include("sheetsync.api.urls"))]
    with patched_settings(SETTINGS):
        for view in views:
            view.schema = DeclaredSchema()
        try:
            generator: Any = SchemaGenerator
            made: dict[str, Any] = generator(patterns=patterns).get_schema(request=None, public=True)
        finally:
            for view in views:
                del view.schema
    return made


def text() -> str:
    """As it is kept in `openapi.json`: the same for the same code."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, default=str) + "\n"


KEPT = Path(__file__).with_name("openapi.json")
"""What is served, so that nothing has to be installed for it. `make schema` writes it, a test compares."""
