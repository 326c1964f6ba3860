"""Two people, one configuration: who changes it says which state they saw. And polling that costs next to nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from sheetsync.api.problems import Problem


def etag_of(representation: Any) -> str:
    """A digest of what is shown: another state, another tag."""
    text = json.dumps(representation, sort_keys=True, default=str)
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def shown(request: Request, representation: Any, status: int = 200) -> Response:
    """The representation with its tag; 304 without a body for who has that very state already (`If-None-Match`)."""
    tag = etag_of(representation)
    if request.method in ("GET", "HEAD") and tag in _tags(request.headers.get("If-None-Match", "")):
        return Response(status=304, headers={"ETag": tag})
    return Response(representation, status=status, headers={"ETag": tag})


def expect(request: Request, representation: Any) -> None:
    """Raises a 412 where somebody has changed it since the caller looked (`If-Match`).

    To be called with the row locked, or two could both be right. Without the header nothing is expected.
    """
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*" or etag_of(representation) in _tags(given):
        return
    raise Problem("changed", "Somebody has changed this since you read it: read it again.", status=412)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
