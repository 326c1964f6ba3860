"""Something small through the workers' own queue, now and then: only who really takes from it answers."""

from __future__ import annotations

from sheetsync import dispatch
from sheetsync.models import Pulse

EVERY = 30.0
RAREST = 600.0
"""Seconds. Into a queue that nobody empties they go ever more rarely, or they would pile up.

Not too rarely too soon: a wedged cluster swallows one, and the next shows that its restart has helped.
"""


def send() -> bool:
    """Send one where it is time. -> whether one was sent."""
    ages = Pulse.objects.ages()
    sent, answered = ages.get(Pulse.Name.CANARY), ages.get(dispatch.answered_by())
    if sent is not None and sent < _pause(sent, answered):
        return False
    if not dispatch.try_workers():
        return False
    Pulse.objects.beat(Pulse.Name.CANARY)
    return True


def _pause(sent: float, answered: float | None) -> float:
    """Half as long as there was no answer."""
    if answered is None:
        return RAREST
    return EVERY if answered <= sent else min(RAREST, max(EVERY, answered / 2))
