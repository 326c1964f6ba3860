"""The correlation id that follows a run through logs, attempts and calls, and secrets kept out of all texts."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_correlation_id: ContextVar[str] = ContextVar("sheetsync_correlation_id", default="")

SECRETS = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)   # a service account's key
    | \bya29\.[\w.-]+                                                     # Google's access tokens
    | \b1//[\w-]{10,}                                                     # and refresh tokens
    | \bey[\w-]{10,}\.[\w-]+\.[\w-]*                                      # JSON web tokens
    | \bgAAAA[\w-]{20,}={0,2}                                             # what crypto.py seals
    | (?<=://)[^\s/:@]+:[^\s/@]+(?=@)                                     # user:password in an address
    | (?<=earer\ )[\w.~+/-]{6,}=*
    | (?<=asic\ )[\w+/-]{6,}=*
    | (?:token|secret|password|passwd|api_?key|private_key|assertion|authorization|signature)
      (?:['"]?\s*[:=]\s*)(?:b?'[^']*'|b?"[^"]*"|[^\s'",;&)}]+)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def scrub(text: str) -> str:
    """The text without anything that looks like a key, a token or a password."""
    return SECRETS.sub("[secret]", text)


@contextmanager
def correlated(correlation_id: str) -> Iterator[None]:
    """Every log record made inside carries this id, where a handler uses the `Correlation` filter."""
    token = _correlation_id.set(correlation_id)
    try:
        yield
    finally:
        _correlation_id.reset(token)


class Correlation(logging.Filter):
    """Gives each record a `correlation_id`, for formats such as `%(correlation_id)s %(message)s`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.correlation_id = _correlation_id.get()
        return True
