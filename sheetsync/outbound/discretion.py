"""Keys kept out of other people's logs: urllib3 writes down the path and the query of a call, all of them at DEBUG, and
as a warning where a reply has odd headers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OPAQUE = re.compile(r"(?<!://)(?<=/)(?=[^/]*[0-9])[\w.~%-]{20,}")
"""A part of a path that looks like a key, as the addresses of some webhooks have one."""

_calling: ContextVar[bool] = ContextVar("sheetsync_outbound_calling", default=False)


def without_keys(target: str) -> str:
    """A path and query, or the whole of an address, as it may be shown."""
    path, mark, _ = target.partition("?")
    return OPAQUE.sub("…", path) + ("?…" if mark else "")


class Discretion(logging.Filter):
    """Leaves the query out of records that are made during our calls, and nobody else's."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        if _calling.get() and isinstance(record.args, tuple):
            record.args = tuple(without_keys(each) if isinstance(each, str) else each for each in record.args)
        return True


@contextmanager
def keys_kept_out_of_logs() -> Iterator[None]:
    """What urllib3 logs inside is shown as messages show it."""
    token = _calling.set(True)
    try:
        yield
    finally:
        _calling.reset(token)


for name in ("connection", "connectionpool", "response"):
    logging.getLogger(f"urllib3.{name}").addFilter(Discretion())
