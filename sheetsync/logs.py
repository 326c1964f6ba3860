"""The correlation id that follows a run through logs, attempts and calls; secrets kept out of all texts; JSON lines."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_correlation_id: ContextVar[str] = ContextVar("sheetsync_correlation_id", default="")

SECRETS = re.compile(
    r"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)   # a service account's key
    | \bya29\.[\w.-]+                                                     # Google's access tokens
    | \b1//[\w-]{10,}                                                     # and refresh tokens
    | \b4/[\w-]{20,}                                                      # the codes that they are given for
    | \bGOCSPX-[\w-]+                                                     # and the secrets of OAuth clients
    | \bey[\w-]{10,}\.[\w-]+\.[\w-]*                                      # JSON web tokens
    | \bgAAAA[\w-]{20,}={0,2}                                             # what crypto.py seals
    | \bss[itw]_[a-z2-7]{20,}                                             # our own codes, tokens and addresses of hints
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


def current_correlation_id() -> str:
    """The id of the run or request that is being worked on, empty where there is none."""
    return _correlation_id.get()


class Correlation(logging.Filter):
    """Gives each record a `correlation_id`, for formats such as `%(correlation_id)s %(message)s`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.correlation_id = _correlation_id.get()
        return True


class JsonLines(logging.Formatter):
    """A log record as one line of JSON, for machines that collect them; needs no filter.

    `time` (UTC), `level`, `logger`, `message`, `correlation_id`, `exception` where there is one, and whatever the
    record was given as `extra`, such as `action`, a lasting word for what happened, and `run`. Without secrets.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "correlation_id": getattr(record, "correlation_id", _correlation_id.get()),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL and name not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: _plain(value) for name, value in line.items()}, ensure_ascii=False)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool | None) else scrub(str(value))


_USUAL = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
"""What every record has; `taskName` only since Python 3.12."""
