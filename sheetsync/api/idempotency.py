"""A request with an Idempotency-Key is carried out once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync.models.idempotency import IdempotencyKey, clean_key, fingerprint_of

REPLAYED = {"Idempotency-Replayed": "true"}


def once_for_each_key(method: Callable[..., Response], *, secret: bool) -> Callable[..., Response]:
    """The method of an endpoint, done once for each key and answered alike afterwards.

    `secret`: its answer is shown once, so of it only the id is kept.
    """

    @wraps(method)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        header = request.headers.get("Idempotency-Key")
        if header is None:
            return method(view, request, *args, **kwargs)
        with IdempotencyKey.objects.once(view.tenant, clean_key(header), _fingerprint(request)) as once:
            if once.replay:
                found = once.replay
                return Response(found.body, found.status, headers={**found.headers, **REPLAYED})
            response = method(view, request, *args, **kwargs)
            once.keep(response, secret=secret, made={"id": response.data["id"]} if secret else None)
        return response

    return wrapped


def _fingerprint(request: Request) -> str:
    query = request.META.get("QUERY_STRING", "")
    return fingerprint_of(str(request.method), request.path, query, request.body)
