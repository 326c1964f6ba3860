"""Calls of the API: what opens it goes along, and stays out of every address that is kept."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from sheetsync.outbound import Reply
from sheetsync.outbound.door import Query
from sheetsync.pipeline.records import MAX_ID
from sheetsync.sources.calling import Caller

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Api:
    """Reads one API. `secrets`: parameters that open it; many APIs repeat them in their links."""

    def __init__(self, caller: Caller, secrets: Query) -> None:
        self._caller = caller
        self._secrets = list(secrets)
        self._names = {name for name, _ in secrets}

    @property
    def shown(self) -> str:
        """Its address for messages."""
        return self._caller.door.url.shown()

    def get(self, link: str, params: Query = ()) -> Reply:
        """The reply of a link of the same origin; for an empty one of the API's own address. Raises as Caller."""
        return self._caller.get(self.bare(link), params=[*params, *self._secrets])

    def bare(self, link: str) -> str:
        """A link without what opens the API: such may be kept."""
        if not self._names or not any(name in link for name in self._names):
            return link
        parts = urlsplit(link)
        kept = [(name, value) for name, value in parse_qsl(parts.query, True) if name not in self._names]
        return urlunsplit(parts._replace(query=urlencode(kept)))


def with_id(template: str, order_id: str) -> str | None:
    """The address of an order; None for an id that would lead to another place than an order's."""
    steps = order_id.replace("\\", "/").split("/")
    if len(order_id) > MAX_ID or _UNFIT.search(order_id) or any(step.strip() in ("", ".", "..") for step in steps):
        return None
    return template.replace("{id}", quote(order_id, safe=""))
