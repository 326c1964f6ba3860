"""Looks over the shoulder of every test: no secret may stand where anybody could read it.

Looked at: every record that is logged, with its traceback; every response that Django gives; what child processes
print; and, when a test is over, every column of every table, queue messages and sessions unpacked, but for the sealed
ones. A secret is what looks like one of those that are in use here, what a sealed column turns out to hold, and what
the settings keep.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.base import BaseHandler
from django.db import Error, connections
from django.db.transaction import TransactionManagementError

from sheetsync import crypto
from sheetsync.errors import CannotDecrypt
from sheetsync.models import shown_once

LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bya29\.[\w.-]{8,}"  # Google's access tokens,
    r"|\b1//[\w-]{16,}"  # its refresh tokens,
    r"|\bGOCSPX-[\w-]{8,}"  # and the secrets of OAuth clients
    r"|\bss[itw]_[a-z2-7]{47}"  # our own codes, tokens and addresses
    r"|\bwhsec_[A-Za-z0-9+/]{24,}"  # what webhooks are signed with
    r"|\bshp(?:at|ca|ss|rt)_[0-9a-f]{24,}"  # Shopify's tokens
    r"|\bc[ks]_[0-9a-f]{40}"  # WooCommerce's keys
)
SEALED = re.compile(r"\bgAAAA[\w-]{60,}")
TELLING = re.compile(r"(?i)token|secret|password|verifier|private_key|api_key|consumer_key")
HARMLESS = re.compile(r"(?i)_(?:uri|url|id|at|prefix)$")
SHORTEST = 12
MOST_ROWS = 2_000
LONGEST = 1_000_000
THEIRS = "/allowedLocations"
"""A question of google-auth's own session, which it logs with its token. Ours is not that session and asks it not; the
clients that try the emulator do, also after their test is over."""

LOGGERS = ("sheetsync", "urllib3", "requests", "google", "gspread", "django_q", "django.request")


class Watch(logging.Handler):
    """What the present test has let out, and what of it should have stayed inside."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.setFormatter(logging.Formatter("%(message)s"))
        self.active = False
        self.begin(active=False)

    def begin(self, *, active: bool) -> None:
        """A new test; one that shows secrets on purpose is not looked at."""
        self.active = active
        self.leaks: list[str] = []
        self._heard: list[tuple[str, str]] = []
        self._minted: dict[int, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """A line of a log."""
        if self.active:
            extra = {name: value for name, value in vars(record).items() if name not in _ORDINARY}
            text = f"{self.format(record)} {extra!r}"
            if THEIRS not in text:
                self.look_at(f"the log of {record.name}", text)

    def look_at(self, where: str, text: str, but: tuple[str, ...] = ()) -> None:
        """Something that others can read."""
        if not self.active:
            return
        text = text[:LONGEST]
        for each in but:
            text = text.replace(each, "")
        if found := LOOKS_SECRET.search(text) or SEALED.search(text):
            self.leaks.append(f"{where}: {found[0][:12]}…")
        self._heard.append((where, text))

    def minted(self, text: str) -> None:
        """A code or token was made: the one response to this request may show it."""
        self._minted.setdefault(get_ident(), []).append(text)

    def answered(self, request: Any, response: Any, before: int) -> None:
        """A response of Django."""
        own = tuple(self._minted.get(get_ident(), [])[before:])
        body = "" if response.streaming else response.content.decode(errors="replace")
        headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
        self.look_at(f"the answer to {request.method} {request.path}", f"{headers}\n{body}", own)

    def mints(self) -> int:
        """How many were made in this thread so far."""
        return len(self._minted.get(get_ident(), []))

    def look_at_tables(self, alias: str = "default") -> None:
        """Every column of every row; then everything once more for what sealed ones hold."""
        opened: set[str] = set()
        columns = list(_columns(alias, opened))
        for where, text in columns:
            self.look_at(where, text)
        for secret in opened | _of_settings():
            self.leaks += [f"{where}: a sealed value" for where, text in self._heard if secret in text]


WATCH = Watch()
_ORDINARY = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "exc_text"}


@contextmanager
def watching() -> Iterator[None]:
    """For the whole suite. Handlers and mints are observed, and do what they did."""
    handlers, mint = BaseHandler.get_response, shown_once.new_text

    def observed(self: BaseHandler, request: Any) -> Any:
        before = WATCH.mints()
        response = handlers(self, request)
        WATCH.answered(request, response, before)
        return response

    def noted(prefix: str) -> str:
        text = mint(prefix)
        WATCH.minted(text)
        return text

    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(WATCH)
        logger.setLevel(logging.DEBUG)
    BaseHandler.get_response, shown_once.new_text = observed, noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseHandler.get_response, shown_once.new_text = handlers, mint  # type: ignore[method-assign]
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(WATCH)
            logger.setLevel(level)


def _columns(alias: str, opened: set[str]) -> Iterator[tuple[str, str]]:
    """(table and column, text) of all that is kept in the open; what is sealed is opened, for comparison."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor))
            for table in sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} & there):
                cursor.execute(f'SELECT * FROM "{table}" LIMIT {MOST_ROWS}')  # noqa: S608
                names = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    yield from _fields(table, dict(zip(names, row, strict=True)), opened)
    except (TransactionManagementError, Error):
        return  # the test left its connection broken, on purpose


def _fields(table: str, row: Mapping[str, Any], opened: set[str]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if name == "sealed":
            opened.update(_opened(row))
        elif isinstance(value, str | bytes | memoryview | dict | list):
            yield f"{table}.{name}", _unpacked(table, name, value)


def _unpacked(table: str, name: str, value: Any) -> str:
    """Queue messages and sessions are packed, not secret."""
    if (table, name) == ("django_q_ormq", "payload"):
        from django_q.signing import SignedPackage

        return repr(SignedPackage.loads(value))
    if (table, name) == ("django_session", "session_data"):
        from django.contrib.sessions.backends.db import SessionStore

        return repr(SessionStore().decode(value))
    return bytes(value).decode(errors="replace") if isinstance(value, memoryview) else str(value)


def _opened(row: Mapping[str, Any]) -> set[str]:
    if not row["sealed"]:
        return set()
    try:
        return set(_telling(json.loads(crypto.decrypt(row["tenant_id"], row["sealed"]))))
    except (CannotDecrypt, ImproperlyConfigured, ValueError):
        return set()  # sealed by a key that the test took away


def _telling(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _telling(each, str(key))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _telling(each, name)
    elif isinstance(value, str) and len(value) >= SHORTEST and TELLING.search(name) and not HARMLESS.search(name):
        yield value


def _of_settings() -> set[str]:
    """As they are, also where a test has put nonsense there."""
    ours = getattr(settings, "SHEETSYNC", {})
    found = [ours.get("GOOGLE_CLIENT_SECRET"), ours.get("SHOPIFY_CLIENT_SECRET"), *(ours.get("ENCRYPTION_KEYS") or ())]
    return {each for each in found if isinstance(each, str) and len(each) >= SHORTEST}
