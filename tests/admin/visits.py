"""Every page of the console as somebody who works with it comes to it: filtered, sorted, searched, far back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.templatetags.admin_list import result_headers
from django.test import Client
from django.urls import reverse

from tests.admin.pages import listing
from tests.admin.routes import Route, pages, routes

FRONT = {"site's index": ("admin:index", []), "app's index": ("admin:app_list", ["sheetsync"])}
FAR = {"list, page 100": {"p": 100}, "list, searched": {"q": "shop"}, "list, searched in vain": {"q": "qqqqqq"}}


@dataclass(frozen=True)
class Visit:
    """`what`: of which model's page this is, in words."""

    what: str
    address: str


def visits(client: Client, rows: dict[Any, Any]) -> list[Visit]:
    """`rows`: one of each model, {model: row}, whose own pages are visited."""
    found = [Visit(name, reverse(view, args=args)) for name, (view, args) in FRONT.items()]
    for model in pages():
        found += _of_list(client, model)
    for route in routes():
        if not _is_no_page(client, route, rows[route.model]):
            found.append(Visit(route.name.removeprefix("sheetsync_"), route.address(rows[route.model])))
    return found


def _is_no_page(client, route: Route, row) -> bool:
    """Lists come with their filters, acts are posted to, and before something is deleted Django looks at each table."""
    if route.name.endswith(("_changelist", "_delete")):
        return True
    return client.get(route.address(row)).status_code in (302, 400, 403, 405)


def _of_list(client, model) -> list[Visit]:
    name, address = model._meta.model_name, listing(model)
    shown = client.get(address).context["cl"]
    asked: dict[str, Any] = {"list": {}} | FAR
    if not shown.search_fields:
        asked = {what: query for what, query in asked.items() if "q" not in query}
    for spec in shown.filter_specs:
        choice = list(spec.choices(shown))[-1]
        asked[f"list, by {spec.title}"] = choice.get("query_string", "?")
    for header in result_headers(shown):
        if header["sortable"]:
            asked[f"list, sorted by {header['text']}"] = header["url_primary"]
    return [Visit(f"{name} {what}", address + _query(query)) for what, query in asked.items()]


def _query(asked) -> str:
    return asked if isinstance(asked, str) else f"?{urlencode(asked)}" if asked else ""
