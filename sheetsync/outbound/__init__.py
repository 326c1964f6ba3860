"""The only door to addresses that tenants choose.

    with Door("https://shop.example/wp-json/wc/v3/", headers={"Authorization": "…"}, field="base_url") as door:
        orders = door.get("orders", params=[("per_page", "100")]).checked().json()

Public addresses only, checked on the connection itself; https only, unless a setting says otherwise; nothing goes to
another origin, be it by a redirect or a link; time and size are capped whatever the other side does. It is read in this
order: `urls` (the text), `connecting` (the host), `budget` (the socket), `door` (the call), `bodies`, `reply`.
"""

from __future__ import annotations

from sheetsync.outbound.door import Door
from sheetsync.outbound.exact_json import parse_json
from sheetsync.outbound.reply import Reply
from sheetsync.outbound.rules import Rules
from sheetsync.outbound.urls import Url, check_url, follow, same_origin

__all__ = ["Door", "Reply", "Rules", "Url", "check_url", "follow", "parse_json", "same_origin"]
