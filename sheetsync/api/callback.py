"""Where Google sends a person's browser back to: a page in words, for whoever linked an account, or did not."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from sheetsync import linking
from sheetsync.errors import ClientRefused, ConsentDenied, LinkRefused, ScopeUnticked, SheetsyncError

log = logging.getLogger(__name__)

LONGEST = 2_000
HEADERS = {
    # The address holds a code and a state: it goes to nobody, and nothing but our own style sheet is loaded.
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


@require_GET
@never_cache
@sensitive_variables()
def google_callback(request: HttpRequest) -> HttpResponse:
    """Finish what was begun through the API. The answer is good once: a page that is loaded again says so."""
    state, code, error = (request.GET.get(name, "")[:LONGEST] for name in ("state", "code", "error"))
    try:
        linked = linking.finish(state, code=code, error=error)
    except LinkRefused as refusal:
        return _page(request, _title(refusal), str(refusal), 400)
    except ClientRefused as refusal:
        return _page(request, _("Not set up"), str(refusal), 503)
    except SheetsyncError as refusal:
        extra = {"action": "link_failed"}
        log.error("an account was not linked: %s", type(refusal).__name__, exc_info=refusal, extra=extra)
        return _page(request, _("Not linked"), _("Something went wrong here. Start again in a moment."), 500)
    # Whose it is now: somebody may have been sent here by a stranger.
    words = _("%(email)s is linked for %(tenant)s. You can close this page.")
    if not linked.created:
        words = _("%(email)s is connected again for %(tenant)s. You can close this page.")
    names = {"email": linked.account.email, "tenant": linked.account.tenant.name}
    return _page(request, _("Linked"), words % names, 200)


def _title(refusal: LinkRefused) -> str:
    match refusal:
        case ConsentDenied():
            return _("Access was not allowed")
        case ScopeUnticked():
            return _("Something was not ticked")
    return _("Not linked")


def _page(request: HttpRequest, title: str, words: str, status: int) -> HttpResponse:
    context = {"title": title, "words": words, "good": status == 200}
    response = render(request, "sheetsync/linked.html", context, status=status)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
