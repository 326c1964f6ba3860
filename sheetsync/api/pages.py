"""Pages in words, for people whose browser was sent here by somebody else's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from sheetsync.errors import ConsentDenied, ScopeUnticked, SheetsyncError

HEADERS = {
    # The address holds a code and a state: it goes to nobody, and nothing but our own style sheet is loaded.
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


def page(request: HttpRequest, title: str, words: str, status: int) -> HttpResponse:
    """A heading and what there is to say."""
    context = {"title": title, "words": words, "good": status == 200}
    response = render(request, "sheetsync/linked.html", context, status=status)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def title_of(refusal: SheetsyncError, otherwise: str) -> str:
    """What a page that tells of a refusal is headed by."""
    match refusal:
        case ConsentDenied():
            return _("Access was not allowed")
        case ScopeUnticked():
            return _("Something was not ticked")
    return otherwise
