"""Where Google sends a person's browser back to: a page in words, for whoever linked an account, or did not."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from sheetsync import linking
from sheetsync.api.pages import page, title_of
from sheetsync.errors import ClientRefused, LinkRefused, SheetsyncError

log = logging.getLogger(__name__)

LONGEST = 2_000


@require_GET
@never_cache
@sensitive_variables()
def google_callback(request: HttpRequest) -> HttpResponse:
    """Finish what was begun through the API. The answer is good once: a page that is loaded again says so."""
    state, code, error = (request.GET.get(name, "")[:LONGEST] for name in ("state", "code", "error"))
    try:
        linked = linking.finish(state, code=code, error=error)
    except LinkRefused as refusal:
        return page(request, title_of(refusal, _("Not linked")), str(refusal), 400)
    except ClientRefused as refusal:
        return page(request, _("Not set up"), str(refusal), 503)
    except SheetsyncError as refusal:
        extra = {"action": "link_failed"}
        log.error("an account was not linked: %s", type(refusal).__name__, exc_info=refusal, extra=extra)
        return page(request, _("Not linked"), _("Something went wrong here. Start again in a moment."), 500)
    # Whose it is now: somebody may have been sent here by a stranger.
    words = _("%(email)s is linked for %(tenant)s. You can close this page.")
    if not linked.created:
        words = _("%(email)s is connected again for %(tenant)s. You can close this page.")
    names = {"email": linked.account.email, "tenant": linked.account.tenant.name}
    return page(request, _("Linked"), words % names, 200)
