"""What came back, and which error it means where it is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests.utils

from sheetsync.errors import BadReply, RateLimited, RequestRefused, Unavailable
from sheetsync.outbound.exact_json import parse_json
from sheetsync.outbound.urls import Url, follow

LONGEST_WAIT = 86_400.0
"""Seconds that anybody may ask us to wait."""

CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "iso-8859-15", "windows-1252"}
"""Python knows more, among them some that unpack, and some that take a minute for a megabyte."""

REMEDIES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check the credentials",
    HTTPStatus.FORBIDDEN: "check what these credentials may read",
    HTTPStatus.NOT_FOUND: "check the address",
    HTTPStatus.METHOD_NOT_ALLOWED: "check the address",
    HTTPStatus.GONE: "check the address",
}

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.ASCII | re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply, whatever its status. `headers` may be asked in any case."""

    url: Url
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def checked(self) -> Reply:
        """This reply, if it is a good one. Raises RateLimited, Unavailable, RequestRefused.

        What the other side wrote into it stays out of the message.
        """
        if 200 <= self.status < 300:
            return self
        answered = f"{self.url.shown()} answered {self.status} {_phrase(self.status)}".rstrip()
        wait = retry_after(self.headers.get("Retry-After", ""), now=datetime.now(UTC))
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise RateLimited(answered, retry_after=wait)
        if self.status >= 500 or self.status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY):
            raise Unavailable(answered, retry_after=wait)
        remedy = REMEDIES.get(self.status)
        raise RequestRefused(f"{answered}: {remedy}" if remedy else answered, status=self.status)

    def json(self) -> Any:
        """The body as JSON, exactly: see `parse_json`. Raises BadReply."""
        text = self.text()
        try:
            return parse_json(text)
        except ValueError as error:
            hint = ": is this the address of an API, or of a page?" if text.lstrip()[:1] == "<" else ""
            raise BadReply(f"{self.url.shown()} gave a reply that cannot be read: {error}{hint}") from None

    def text(self) -> str:
        """The body as text, in UTF-8 where the headers name nothing else. Raises BadReply."""
        named = _CHARSET.search(self.headers.get("Content-Type", ""))
        charset = named[1].lower() if named else "utf-8"
        if charset not in CHARSETS:
            raise BadReply(f"{self.url.shown()} gave a reply in {charset!r}: it should be in UTF-8")
        try:
            return self.body.decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset)
        except UnicodeDecodeError:
            raise BadReply(f"{self.url.shown()} gave a reply that is not in {charset}: mend its Content-Type") from None

    def link(self, rel: str = "next") -> str | None:
        """The address that the header Link gives for it, or None. Raises AddressRefused for one of another origin."""
        for found in requests.utils.parse_header_links(self.headers.get("Link", "")):
            if rel in found.get("rel", "").lower().split():
                return str(follow(self.url, found["url"], field=f"Link rel={rel}"))
        return None


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, given as seconds or as a date, at most a day. None where it is neither."""
    text = value.strip()
    if _DIGITS.fullmatch(text):
        return min(float(text[:12]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(seconds.total_seconds(), 0.0), LONGEST_WAIT)


def _phrase(status: int) -> str:
    """The standard's words; those of the other side may be anything."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
