"""Who sends: a thread beside the scheduler, as often as there is something to send."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType

from django.db import Error, connections

from sheetsync import health
from sheetsync.alerts import mail, site, webhooks

log = logging.getLogger(__name__)

PAUSE = 1.0
LOOK_EVERY = 10.0
"""Seconds between two looks at whether the site is well; each is several questions to the database."""
GRACE = 2.0
"""How long a scheduler that was told to stop waits for what is being sent. What is cut off is sent again."""


def go_round(look: bool = True) -> int:
    """Once: judge the site and close what nobody wants to hear of, where it is time to `look`; send what is due.

    -> how many messages were tried. Any number may do this at once, on any number of machines. Never raises: what goes
    wrong is logged, and the next round tries again.
    """
    try:
        if look:
            site.judge(health.look())
            site.tidy()
        return mail.deliver() + webhooks.deliver()
    except Error as error:
        text = "the database did not answer: alerts are sent when it does (%s)"
        log.warning(text, type(error).__name__, extra={"action": "database_away"})
        connections.close_all()
    except Exception:
        log.exception("alerts could not be sent; trying again", extra={"action": "alerts_failed"})
    return 0


class Courier:
    """Goes round for as long as its `with` lasts."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sheetsync-alerts", daemon=True)
        self._look_at = 0.0

    def __enter__(self) -> Courier:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(GRACE)

    def _work(self) -> None:
        try:
            while True:
                again = self._round()
                if self._stop.wait(0 if again else PAUSE):
                    break
        finally:
            connections.close_all()

    def _round(self) -> bool:
        """-> whether there may be more to send at once"""
        look = time.monotonic() >= self._look_at
        if look:
            self._look_at = time.monotonic() + LOOK_EVERY
        return go_round(look) > 0
