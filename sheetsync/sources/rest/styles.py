"""How each kind of API goes from one page to the next: what is asked for a page, and what leads on from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheetsync.errors import BadReply
from sheetsync.outbound import Reply, follow
from sheetsync.outbound.door import Query
from sheetsync.sources.rest.config import RestConfig
from sheetsync.sources.rest.opening import ABSENT, getter

Token = str | int
"""What asks for a page: a number, or a link or cursor, which is empty for the first page."""

Call = tuple[str, Query]
"""A link, empty for the list's own, and parameters."""


class SinglePage:
    """The list comes whole."""

    first: Token = ""

    def __init__(self, config: RestConfig) -> None:
        self._has_more = getter("has_more_path", config.has_more_path or "") if config.has_more_path else None

    def call(self, token: Token, params: Query) -> Call:
        """How the page of this token is asked for; `params` are those of the list."""
        return "", params

    def next(self, reply: Reply, body: Any) -> Token | None:
        """What asks for the page after this one; None where it was the last. Raises BadReply, AddressRefused."""
        more = isinstance(body, dict) and bool(body.get("next"))
        if more or 'rel="next"' in reply.headers.get("Link", ""):
            raise BadReply(f"{reply.url.shown()} has more pages than one: set paginator to json_link or header_link")
        return None

    def _goes_on(self, body: Any) -> bool:
        return self._has_more is None or bool(self._has_more(body))


class HeaderLink(SinglePage):
    """The header Link has the address of the next page."""

    def call(self, token: Token, params: Query) -> Call:
        """The link is complete: parameters sent beside it would be there twice."""
        return (str(token), ()) if token else ("", params)

    def next(self, reply: Reply, body: Any) -> Token | None:
        """From the header."""
        return reply.link("next")


class JsonLink(HeaderLink):
    """A field of the page has the address of the next one."""

    def __init__(self, config: RestConfig) -> None:
        super().__init__(config)
        self._path, self._next = config.next_path, _below("next_path", config.next_path)

    def next(self, reply: Reply, body: Any) -> Token | None:
        """From the body, and of the same origin."""
        link = self._next(reply, body)
        if _is_end(link) or not self._goes_on(body):
            return None
        if not isinstance(link, str):
            raise _odd(reply, "next_path", self._path, link, "an address")
        return str(follow(reply.url, link, field=f"next_path {self._path}"))


class Cursor(SinglePage):
    """A field of the page, or a header, has what asks for the next one."""

    def __init__(self, config: RestConfig) -> None:
        super().__init__(config)
        self._param = config.cursor_param
        self._header = config.cursor_header if config.paginator == "header_cursor" else None
        self._path, self._cursor = config.cursor_path, _below("cursor_path", config.cursor_path)

    def call(self, token: Token, params: Query) -> Call:
        """The list with its parameters, and the cursor as one more."""
        return "", [*params, (self._param, str(token))] if token else params

    def next(self, reply: Reply, body: Any) -> Token | None:
        """From the header or the body."""
        found = reply.headers.get(self._header) if self._header else self._cursor(reply, body)
        if _is_end(found) or not self._goes_on(body):
            return None
        if isinstance(found, bool) or not isinstance(found, (str, int)):
            raise _odd(reply, "cursor_path", self._path, found, "a text or number")
        return str(found)


class PageNumber(SinglePage):
    """Pages are counted. What leads on is known without asking."""

    def __init__(self, config: RestConfig) -> None:
        super().__init__(config)
        self.first = config.base_page
        self._param = config.page_param

    def call(self, token: Token, params: Query) -> Call:
        """The list with its parameters, and the number as one more."""
        return "", [*params, (self._param, str(token))]

    def next(self, reply: Reply, body: Any) -> Token | None:
        """Never the reply's to say."""
        return None


class Offset(PageNumber):
    """Orders are counted."""

    def __init__(self, config: RestConfig) -> None:
        super().__init__(config)
        self.first = 0
        self._param = config.offset_param


STYLES: dict[str, Callable[[RestConfig], SinglePage]] = {
    "single_page": SinglePage,
    "header_link": HeaderLink,
    "json_link": JsonLink,
    "cursor": Cursor,
    "header_cursor": Cursor,
    "page_number": PageNumber,
    "offset": Offset,
}


def _is_end(found: Any) -> bool:
    return found is None or found is False or found == ""


def _below(option: str, path: str) -> Callable[[Reply, Any], Any]:
    """Reads `path`, which may be absent at its very end only: that is how some say that there is no next page."""
    read = getter(option, path)
    parent, dot, _ = path.rpartition(".")
    holder = getter(option, parent)

    def find(reply: Reply, body: Any) -> Any:
        found = read(body)
        if found is not ABSENT:
            return found
        if dot and "[" not in path and not isinstance(holder(body), dict):
            raise _odd(reply, option, parent, holder(body), "an object")
        return None

    return find


def _odd(reply: Reply, option: str, path: str, found: Any, expected: str) -> BadReply:
    what = "nothing" if found is ABSENT else f"a {type(found).__name__}"
    return BadReply(f"{reply.url.shown()}: {option} {path!r} leads to {what}, not to {expected}: correct it")
