"""How a source calls its shop: again where that is busy or away for a moment, and in words of ours where it refuses."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from sheetsync.errors import RateLimited, RequestRefused, ShopDenied, Unavailable
from sheetsync.outbound import Door, Reply
from sheetsync.outbound.door import Query

TRIES = 4
FIRST_WAIT = 1.0
LONGEST_WAIT = 20.0
"""Seconds for which a worker waits for a shop. Whoever asks for more gets the run back later."""

DENIED = (401, 403)


class Caller:
    """Calls through one door; a call that may succeed later is repeated, at most `TRIES` times in all.

    `wait` sleeps for so many seconds. Only calls that change nothing may be made: each may be sent more than once.
    """

    def __init__(self, door: Door, wait: Callable[[float], None]) -> None:
        self.door = door
        self._wait = wait

    def get(self, link: str = "", *, params: Query = (), headers: Mapping[str, str] | None = None) -> Reply:
        """The reply, if it is a good one. Raises RateLimited and Unavailable when patience is over, ShopDenied where

        the credentials are not taken (any more), RequestRefused, BadReply and AddressRefused.
        """
        return self.patiently(lambda: self.door.get(link, params=params, headers=headers))

    def post(self, link: str = "", *, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Likewise, with a question as JSON in the body."""
        return self.patiently(lambda: self.door.post(link, body=body, headers=headers))

    def patiently(self, call: Callable[[], Reply]) -> Reply:
        """What `call` replies, once that is a good reply."""
        for failures in range(1, TRIES + 1):
            try:
                return _accepted(call())
            except (RateLimited, Unavailable) as error:
                seconds = pause(error, failures)
                if failures == TRIES or seconds > LONGEST_WAIT:
                    raise
            self._wait(seconds)
        raise AssertionError("the last try either returns or raises")


def pause(error: RateLimited | Unavailable, failures: int) -> float:
    """Seconds to wait after so many failures: what the shop asked for, else twice as long each time, with jitter."""
    if error.retry_after is not None:
        return error.retry_after
    longest: float = FIRST_WAIT * 2 ** (failures - 1)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _accepted(reply: Reply) -> Reply:
    try:
        return reply.checked()
    except RequestRefused as refused:
        if refused.status in DENIED:
            raise ShopDenied(str(refused)) from refused
        raise
