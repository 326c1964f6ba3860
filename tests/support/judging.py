"""Was every claim of a race the right one? Judged from outside, by what each racer wrote down.

A claim looks at one moment, and skips a run that another racer has in its hand just then. So with many racers the rule
"highest priority, then the tenant that has waited longest, then age" means this: no claim takes a run while a better
one lies there untouched. Untouched is certain where the look that took the better run began only after this look had
ended, and where its tenant had room from the first to the last moment of all looks that overlapped this one: then
nobody can have had it in hand and put it back, nor passed its tenant over. Elsewhere nothing is judged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from operator import attrgetter
from typing import Any

CLOCK = 0.002
"""Times nearer than this are one: SQLite counts in milliseconds."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look for a run, by the machine's monotonic clock: asked at `start`, answered at `seen`, in hand until `end`.

    `call`: when the call of `claim` began, which passes over the tenants that its earlier looks had found without room.
    With a run: it was taken, its settling began, and it was settled; `alongside`: how many runs of its tenant were
    running, itself too, as its racer saw right after it. Without: it had been put back, or there was none.
    """

    worker: str
    call: float
    start: float
    seen: float
    end: float
    run: int = 0
    tenant: int = 0
    priority: int = 0
    alongside: int = 0
    settling: float = 0.0
    settled: float = 0.0

    def row(self) -> tuple[Any, ...]:
        return astuple(self)


class Judge:
    """Each question gives what was wrong, as sentences; `judged` counts the comparisons that could have gone wrong."""

    def __init__(self, looks: Iterable[Look], limits: dict[int, int]) -> None:
        self.limits = limits
        self.judged = 0
        self.claims: list[Look] = []
        self._of_worker: dict[str, list[Look]] = defaultdict(list)
        self._of_tenant: dict[int, list[Look]] = defaultdict(list)
        self._last_start: dict[tuple[int, int], float] = {}
        for look in sorted(looks, key=attrgetter("start")):
            self._of_worker[look.worker].append(look)
            if look.run:
                self.claims.append(look)
                self._of_tenant[look.tenant].append(look)
                self._last_start[look.tenant, look.priority] = look.start

    def too_many_at_once(self) -> list[str]:
        """Moments at which too many runs of a tenant were certainly running, claimed before and settled after it.

        And what a racer saw for itself. A moment that was over before anybody could write it down is not found.
        """
        taken = ((claim.end, 1, claim.tenant) for claim in self.claims)
        given = ((claim.settling, -1, claim.tenant) for claim in self.claims)
        running: dict[int, int] = defaultdict(int)
        wrong = [f"{claim} saw too many" for claim in self.claims if claim.alongside > self.limits[claim.tenant]]
        for at, change, tenant in sorted([*taken, *given]):
            running[tenant] += change
            if running[tenant] > self.limits[tenant]:
                wrong.append(f"tenant {tenant} ran {running[tenant]} at {at}")
        return wrong

    def out_of_priority(self) -> list[str]:
        """Claims of a run while a more urgent one lay there."""
        return [
            f"{claim} while tenant {tenant} had one of priority {priority}"
            for claim, tenant in self._comparisons()
            for priority in self._waiting(tenant, claim)
            if priority > claim.priority
        ]

    def out_of_turn(self) -> list[str]:
        """Claims of a run while one as urgent lay there, of a tenant that had waited longer."""
        wrong = []
        for claim, tenant in self._comparisons():
            if tenant == claim.tenant or claim.priority not in self._waiting(tenant, claim):
                continue
            served = max((each.seen for each in self._of_tenant[claim.tenant] if each.end <= claim.start), default=0.0)
            other = max((each.end for each in self._of_tenant[tenant] if each.start <= claim.seen), default=0.0)
            if other + CLOCK < served:
                wrong.append(f"{claim} though tenant {tenant} was served at {other} and its own at {served}")
        return wrong

    def out_of_age(self) -> list[str]:
        """Claims of a run while an older one, as urgent and of the same tenant, lay there."""
        wrong = []
        for claim, tenant in self._comparisons():
            if tenant != claim.tenant:
                continue
            later = (each for each in self._of_tenant[tenant] if each.start > claim.seen)
            if older := [each.run for each in later if each.priority == claim.priority and each.run < claim.run]:
                wrong.append(f"{claim} before {older}")
        return wrong

    def _comparisons(self) -> Iterator[tuple[Look, int]]:
        """Each claim with each tenant that certainly had runs to take, and room for them."""
        self.judged = 0
        for claim in self.claims:
            window = self._window(claim)
            for tenant, limit in self.limits.items():
                if self._waiting(tenant, claim) and self._busy(tenant, *window) < limit:
                    self.judged += 1
                    yield claim, tenant

    def _waiting(self, tenant: int, claim: Look) -> list[int]:
        """The priorities of this tenant's runs that nobody looked for, and took, before this look had ended."""
        found = self._last_start.items()
        return [priority for (owner, priority), start in found if owner == tenant and start > claim.seen]

    def _window(self, claim: Look) -> tuple[float, float]:
        """From the first to the last moment of this call, and of all looks that overlapped this one."""
        looks = list(self._between(claim.start, claim.seen, attrgetter("end")))
        return min([claim.call, *(look.start for look in looks)]), max(look.end for look in looks)

    def _busy(self, tenant: int, start: float, end: float) -> int:
        """How many of its runs may have run at some moment in between: never too low."""
        return sum(look.tenant == tenant for look in self._between(start, end, attrgetter("settled")))

    def _between(self, start: float, end: float, over: Callable[[Look], float]) -> Iterator[Look]:
        """The looks that began before `end` and were over after `start`: of each worker a few, one behind another."""
        for looks in self._of_worker.values():
            for look in reversed(looks[: bisect_right(looks, end, key=attrgetter("start"))]):
                if max(look.end, over(look)) < start:
                    break
                yield look
