"""`{% load sheetsync_dashboard %}`, then `{% sheetsync_summary %}`: a section for the first page of a host's admin.

`{% sheetsync_dashboard %}` is the whole of it, as on the app's own page. Both need the stylesheets `console.css` and
`dashboard.css`, and show each person what they may see, and nothing to others.
"""

from __future__ import annotations

from typing import Any

from django import template

from sheetsync.admin.dashboard.contents import parts
from sheetsync.admin.dashboard.page import dashboard, summary

register = template.Library()


@register.inclusion_tag("admin/sheetsync/dashboard.html", takes_context=True)
def sheetsync_dashboard(context: template.RequestContext) -> dict[str, Any]:
    """The whole dashboard."""
    return _with_token(context, dashboard(context.request))


@register.inclusion_tag("admin/sheetsync/dashboard_summary.html", takes_context=True)
def sheetsync_summary(context: template.RequestContext) -> dict[str, Any]:
    """What needs somebody, and how the last day went, with a link to the whole."""
    return _with_token(context, summary(context.request))


@register.inclusion_tag("admin/sheetsync/dashboard_contents.html")
def sheetsync_contents(app_list: list[dict[str, Any]]) -> dict[str, Any]:
    """The lists of the app's own page, by what they are for. `app_list`: as that page has it."""
    return {"parts": parts(each for app in app_list for each in app["models"])}


def _with_token(context: template.RequestContext, shown: dict[str, Any]) -> dict[str, Any]:
    """Its buttons post."""
    return {**shown, "csrf_token": context.get("csrf_token")}
