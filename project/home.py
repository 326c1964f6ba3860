"""The front page: what this site is, whether it is alive, and where to go on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sheetsync import health


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Strangers see it too: whether it works, and not what is wrong. It opens without a database."""
    findings = health.look()
    level = "error" if not health.ready(findings) else "ok" if all(each.ok for each in findings) else "warning"
    return render(request, "home.html", {"level": level})


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for it on pages that name none, as those of the admin do."""
    return redirect(static("project/icon.svg"))
