"""What browsers may load on this site's pages: files of this host, and nothing that stands in the page itself.

Django has a middleware of its own for this from 6.0 on; this one also serves those who are on 5.2.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADER = "Content-Security-Policy"

TECHNICAL = {400, 404, 500}
"""What Django tells developers of, on pages that bring styles of their own."""


def content_security_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware. A page that brings a policy of its own keeps it."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not (settings.DEBUG and response.status_code in TECHNICAL):
            response.headers.setdefault(HEADER, POLICY)
        return response

    return answer
