"""A small task through the workers' own queue, now and then: only who really works answers it."""

from __future__ import annotations

from sheetsync import dispatch
from sheetsync.models import Pulse

EVERY = 30.0
UNANSWERED = 600.0
"""Seconds. Into a queue that nobody empties the next one follows only after so long, or they would pile up."""


def send() -> bool:
    """Send one where it is time. -> whether one was sent."""
    ages = Pulse.objects.ages()
    sent, answered = ages.get(Pulse.Name.CANARY), ages.get(Pulse.Name.WORKERS)
    if sent is not None:
        was_answered = answered is not None and answered <= sent
        if sent < (EVERY if was_answered else UNANSWERED):
            return False
    if not dispatch.try_workers():
        return False
    Pulse.objects.beat(Pulse.Name.CANARY)
    return True
