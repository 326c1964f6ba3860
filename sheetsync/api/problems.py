"""Every error of the API as problem details (RFC 9457), also those of unknown addresses and of our own mistakes.

`{"type", "title", "status", "detail", "request_id"}`, and for bad input `errors`: `[{"pointer", "detail"}]`, where the
pointer (RFC 6901) leads to the field in what was sent. The type is a lasting word that programs may compare.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.db import DatabaseError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from sheetsync.errors import (
    AccessRefused,
    AccountInUse,
    ClientRefused,
    DoneBefore,
    KeyInUse,
    KeyReused,
    LinkRefused,
    Mistyped,
    NeedsOwner,
    NotForRobots,
    Permanent,
    QuotaWait,
    Retryable,
    RunRefused,
    SheetsyncError,
)

log = logging.getLogger(__name__)

PREFIX = "urn:sheetsync:problem:"
RETRY_AFTER = 5
"""Seconds, where nobody knows better."""


class Problem(exceptions.APIException):
    """An error with a type of its own. `extra`: further members of the answer, `headers` of its head."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        status: int,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.status_code = kind, status
        self.extra, self.headers = dict(extra or {}), dict(headers or {})


def invalid(field: str, detail: str) -> exceptions.ValidationError:
    """The error of one field, named by its path: `columns.0.path`."""
    nested: Any = [detail]
    for name in reversed(field.split(".")):
        nested = {name: nested}
    return exceptions.ValidationError(nested)


def phrase(status: int) -> str:
    """What a status is called (RFC 9110); some have had another name in older Pythons."""
    renamed = {413: "Content Too Large", 422: "Unprocessable Content"}
    return renamed.get(status) or HTTPStatus(status).phrase


def answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """What a view answers when it raises: always a problem, never the host's page."""
    problem = _problem(error)
    request = context.get("request")
    if problem.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("the API failed: %s", type(error).__name__, exc_info=error, extra={"action": "api_failed"})
        got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    body = {
        "type": PREFIX + problem.kind,
        "title": phrase(problem.status_code),
        "status": problem.status_code,
        "detail": str(problem.detail),
        "request_id": getattr(request, "request_id", ""),
    }
    return Response(
        body | problem.extra, problem.status_code, headers=problem.headers, content_type="application/problem+json"
    )


def _problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case exceptions.ValidationError():
            return _bad_input(list(_places(error.detail)))
        case DjangoValidationError():
            return _bad_input(list(_places(_of_django(error))))
        case exceptions.APIException():
            return _of_framework(error)
        case Http404():
            return Problem("not-found", "There is nothing here, or it is not yours.", status=404)
        case RequestDataTooBig():
            return Problem("too-large", str(error), status=413)
        case SuspiciousOperation():
            return Problem("malformed", "This request cannot be read.", status=400)
        case PermissionDenied():
            return Problem("forbidden", "This is not allowed.", status=403)
        case SheetsyncError():
            return _of_our_own(error)
        case OperationalError():
            return _later("unavailable", "The database does not answer: try again in a moment.", RETRY_AFTER)
        case DatabaseError() | _:
            return Problem("internal", "Something went wrong here; it was written down.", status=500)


def _of_framework(error: exceptions.APIException) -> Problem:
    kinds = {400: "malformed", 401: "unauthorized", 403: "forbidden", 404: "not-found", 405: "method-not-allowed"}
    kinds |= {406: "not-acceptable", 415: "unsupported-media-type", 429: "too-many-requests"}
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    status = error.status_code
    return Problem(kinds.get(status, "error"), str(error.detail), status=status, headers=headers)


def _of_our_own(error: SheetsyncError) -> Problem:
    """What the product refuses on purpose: its messages name the value and the remedy already."""
    match error:
        case KeyInUse():
            return Problem("key-in-use", str(error), status=409, headers={"Retry-After": "1"})
        case QuotaWait():
            return _later("quota", f"{error}: try again in a moment.", error.seconds)
        case Retryable():
            return _later("unavailable", str(error), error.retry_after or RETRY_AFTER)
        case AccountInUse():
            return Problem("in-use", str(error), status=409, extra={"automations": list(error.automations)})
        case LinkRefused():
            return Problem("link-refused", str(error), status=409, extra={"outcome": error.outcome})
        case DoneBefore():
            extra = {"made": error.made, "location": error.location}
            return Problem("done-before", str(error), status=409, extra=extra)
    for kind, (name, status) in _OF_OUR_OWN.items():
        if isinstance(error, kind):
            field = getattr(error, "field", "")
            errors = [{"pointer": f"/{field}", "detail": str(error)}] if field else []
            return Problem(name, str(error), status=status, extra={"errors": errors} if errors else None)
    return Problem("internal", "Something went wrong here; it was written down.", status=500)


_OF_OUR_OWN: dict[type[SheetsyncError], tuple[str, int]] = {
    Mistyped: ("invalid", 400),
    AccessRefused: ("code-refused", 403),
    KeyReused: ("key-reused", 422),
    RunRefused: ("refused", 409),
    NotForRobots: ("refused", 409),
    ClientRefused: ("not-set-up", 409),
    NeedsOwner: ("owner-must-act", 409),
    Permanent: ("invalid", 400),
}
"""The first that fits."""


def _later(kind: str, detail: str, seconds: float) -> Problem:
    return Problem(kind, detail, status=503, headers={"Retry-After": str(max(1, round(seconds)))})


def _bad_input(errors: list[dict[str, str]]) -> Problem:
    detail = "; ".join(f"{each['pointer'].lstrip('/') or 'body'}: {each['detail']}" for each in errors[:3])
    return Problem("invalid", detail, status=400, extra={"errors": errors})


def _of_django(error: DjangoValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def _places(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """The framework's nested errors, one by one."""
    if isinstance(detail, Mapping):
        for name, below in detail.items():
            whole = name in ("", "__all__", api_settings.NON_FIELD_ERRORS_KEY)
            yield from _places(below, pointer if whole else f"{pointer}/{_escaped(str(name))}")
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            nested = isinstance(below, Mapping | list)
            yield from _places(below, f"{pointer}/{index}" if nested else pointer)
    elif detail:
        yield {"pointer": pointer, "detail": str(detail)}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
