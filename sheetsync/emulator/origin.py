"""Which pages may send edits: the emulator's own. It listens where any page in the person's browser can reach it."""

from __future__ import annotations

from urllib.parse import urlsplit

from sheetsync.emulator.errors import ApiError
from sheetsync.emulator.wire import Request, Response, json_response


def foreign(request: Request) -> Response | None:
    """A 403 for what a page of another site sends; None for all else.

    Browsers say in Origin whose page sends a POST; other programs send none and are let in.
    """
    origin = request.header("Origin")
    if request.method == "GET" or not origin or urlsplit(origin).netloc == request.header("Host"):
        return None
    error = ApiError(403, f"Origin {origin[:200]} is another site: only the emulator's own pages may do this.")
    return json_response(error.code, error.body())
