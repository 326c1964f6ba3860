"""A door: what leaves through it goes to one origin, within its budget, and comes back as a Reply or an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType

import requests
import urllib3

from sheetsync import __version__
from sheetsync.errors import AddressRefused, BadReply, CallRefused, Unavailable
from sheetsync.logs import current_correlation_id
from sheetsync.outbound.bodies import BrokenOff, Garbled, TooLarge, read_body
from sheetsync.outbound.budget import HEADERS, Budget, OutOfTime, TooMuch
from sheetsync.outbound.connecting import OneWay, Way
from sheetsync.outbound.discretion import keys_kept_out_of_logs
from sheetsync.outbound.reply import Reply
from sheetsync.outbound.rules import Rules
from sheetsync.outbound.urls import Url, check_url, follow

Query = Sequence[tuple[str, str]]

USER_AGENT = f"sheetsync/{__version__}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MOST_REDIRECTS = 3
REDIRECTS = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)

OURS = {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"}
OURS |= {"accept-encoding", "user-agent", "x-correlation-id"}
"""Headers by which a call could be made to end elsewhere, or to be two calls."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]{0,8000}[\x21-\x7e])?|")
_HALF = re.compile("[\ud800-\udfff]")
_CORRELATION = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class Door:
    """One tenant's way to the origin of an address that the tenant chose.

    Not thread-safe: build one per thread and run. `headers` go along with every call, and so to no other origin.
    Raises AddressRefused for an address that must not be called, CallRefused for such a header.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, rules: Rules | None = None, field: str = "url"
    ) -> None:
        self.rules = rules or Rules.in_force()
        self.url = check_url(url, rules=self.rules, field=field)
        self.headers = checked_headers(headers or {})
        self._budget = Budget()
        self._way = Way(self.url, self.rules, self._budget, field=field)
        self._adapter = OneWay(self._way)

    def __enter__(self) -> Door:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._adapter.close()

    def knock(self) -> None:
        """See where the host leads, without a call. Raises AddressRefused, Unavailable."""
        self._budget.start(self.rules.seconds)
        with self._typed(self.url):
            self._way.addresses()

    def get(self, link: str = "", *, params: Query = (), headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for the door's own address, or for one of the same origin."""
        return self.request("GET", link, params=params, headers=headers)

    def post(
        self,
        link: str = "",
        *,
        body: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a body to the door's own address, or to one of the same origin."""
        return self.request("POST", link, body=body, headers={"Content-Type": content_type} | dict(headers or {}))

    def request(
        self,
        method: str,
        link: str = "",
        *,
        params: Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """The reply, whatever its status: see `Reply.checked`. A redirect within the origin is followed, for reading.

        Raises AddressRefused for a link or redirect that leads away, Unavailable where no complete reply came in time,
        BadReply for one that is too large, CallRefused for what must not be sent.
        """
        if method not in METHODS:
            raise CallRefused(f"method {method!r} is not one of {', '.join(METHODS)}", field="method")
        url = follow(self.url, link, field="link") if link else self.url
        check_query(params)
        sent = self.headers | checked_headers(headers or {}) | _own_headers()
        self._budget.start(self.rules.seconds)
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._call(requests.Request(method, str(url), params=list(params), headers=sent, data=body), url)
            if reply.status not in REDIRECTS or "Location" not in reply.headers:
                return reply
            url, params = follow(url, reply.headers["Location"], field="redirect"), ()
            if method not in ("GET", "HEAD"):
                raise AddressRefused(
                    f"{reply.url.shown()} is now {url.shown()}: give that address", field=self._way.field
                )
        raise BadReply(f"{self.url.shown()} redirects more than {MOST_REDIRECTS} times: give the address at the end")

    def _call(self, request: requests.Request, url: Url) -> Reply:
        self._budget.allow_headers()
        prepared = request.prepare()
        with self._typed(url), keys_kept_out_of_logs():
            try:
                # Not through a requests.Session: even told to follow no redirect, it reads the whole body of one.
                response = self._adapter.send(prepared, stream=True, timeout=self.rules.seconds)
                with response:
                    body = self._body(response)
            except BaseException:
                self._adapter.start_anew()
                raise
        return Reply(url=url, status=response.status_code, headers=response.headers, body=body)

    def _body(self, response: requests.Response) -> bytes:
        if response.status_code < HTTPStatus.OK:
            # http.client skips only 100. After another interim reply it would take the real one for the next.
            raise BrokenOff
        if response.status_code in REDIRECTS:
            return b""
        self._budget.allow_body(self.rules.max_bytes)
        coding = response.headers.get("Content-Encoding", "")
        pieces = response.raw.stream(65_536, decode_content=False)
        return read_body(pieces, coding, limit=self.rules.max_bytes, tick=self._budget.seconds)

    @contextmanager
    def _typed(self, url: Url) -> Iterator[None]:
        """What sockets and libraries raise, as our own errors. Theirs hold addresses with all keys: they end here."""
        try:
            yield
        except TooLarge:
            raise BadReply(
                f"{url.shown()} gave a reply of over {self.rules.max_bytes:,} bytes: ask for smaller pages"
            ) from None
        except TooMuch:
            raise BadReply(
                f"{url.shown()} sends over {HEADERS:,} bytes of headers, or far more than its body holds"
            ) from None
        except Garbled:
            raise BadReply(
                f"{url.shown()} gave a reply that is not packed as it says: it should be gzip, or plain"
            ) from None
        except (OutOfTime, BrokenOff, requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            # ValueError: for a chunk of a negative length, among others, the libraries have no error of their own.
            if self._budget.is_spent():
                raise Unavailable(
                    f"{url.shown()} gave no complete reply within {self.rules.seconds:g} seconds"
                ) from None
            raise Unavailable(f"{url.shown()} broke off, or does not speak HTTP") from None


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, if they may be sent. Raises CallRefused, which names a header, never its value."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise CallRefused(f"header {name[:100]!r} has no usable name: use letters, digits and -", field="headers")
        if name.lower() in OURS or name.lower().startswith("proxy-"):
            raise CallRefused(f"header {name} is set by sheetsync itself: leave it out", field="headers")
        if not _VALUE.fullmatch(value):
            raise CallRefused(
                f"header {name} has a value that cannot be sent: use up to 8,000 plain characters in one line, "
                "with no blank at its ends",
                field="headers",
            )
    return dict(headers)


def check_query(params: Query) -> None:
    """Raises CallRefused for what no address can hold."""
    for name, value in params:
        if _HALF.search(name + value):
            raise CallRefused(f"parameter {_HALF.sub('?', name)!r} has half a character: write it anew", field="params")


def _own_headers() -> dict[str, str]:
    correlation_id = current_correlation_id()
    own = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
    return own | ({"X-Correlation-ID": correlation_id} if _CORRELATION.fullmatch(correlation_id) else {})
