"""Not all at the full hour: each schedule comes a little after its time, always by as much."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256


def offset(key: str, window: timedelta, interval: timedelta) -> timedelta:
    """By how much the schedule of `key` comes late, in whole seconds: less than the window and than half its interval.

    The same for the same key on every machine, and evenly spread over many keys.
    """
    room = int(min(window, interval / 2).total_seconds())
    if room <= 0:
        return timedelta()
    digest = sha256(f"sheetsync offset {key}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8]) % room)
