"""An emulator that remembers of every metered call when it came, whose it was and how it was answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.api.sheets import match


@dataclass(frozen=True, slots=True)
class Metered:
    """One call; `moment` by the emulator's clock, `kind` is read or write."""

    moment: float
    kind: str
    account: str
    status: int
    run: str


class CountingEmulator(Emulator):
    """Keeps them all: `calls` of its parent keeps the last ten thousand."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.metered: list[Metered] = []

    def _note(self, request: Request, status: int, size: int) -> None:
        super()._note(request, status, size)
        found = match(request)
        if found is not None:
            run = request.header("X-Correlation-ID")
            self.metered.append(Metered(self.clock(), found[0].kind, self.account_of(request), status, run))

    def refusals(self) -> list[Metered]:
        return [call for call in self.metered if call.status == 429]

    def accepted(self, kind: str) -> list[float]:
        """When calls of this kind were let through; in a list of its own, for calls still come."""
        return [call.moment for call in list(self.metered) if call.kind == kind and call.status != 429]


def most_in_a_minute(moments: Iterable[float]) -> int:
    """The most calls that any stretch of a minute held: in a list of thousands, too."""
    moments, first, most = sorted(moments), 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 60:
            first += 1
        most = max(most, last - first + 1)
    return most
