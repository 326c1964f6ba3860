"""Misbehaviour by chance: how often each kind strikes, when exactly by a seed, and what it did in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.misbehaviour import matching
from sheetsync.emulator.misbehaviour.fault_kinds import Fault, checked_options
from sheetsync.emulator.misbehaviour.lots import chance
from sheetsync.emulator.misbehaviour.matching import Match
from sheetsync.emulator.options import Options, wrong
from sheetsync.emulator.people.chance import CHANCES
from sheetsync.emulator.wire import Request

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
STATUSES = {"429": 429, "500": 500, "503": 503, "502-html": "502-html"}
STATUS_RATES = {name: {"status": status} for name, status in STATUSES.items()}
APPLIED_RATES = {
    f"{name} applied": {"status": status, "applied": True} for name, status in STATUSES.items() if status != 429
}
FAULT_RATES = (*STATUS_RATES, *APPLIED_RATES, "drop", "lose_reply", "late", "double", "slow", "expire_token")
PERSON_RATES = ("person before", "person after")
RATES = (*FAULT_RATES, *PERSON_RATES)
STORM = {**dict.fromkeys(FAULT_RATES, 0.01), **dict.fromkeys(PERSON_RATES, 0.03)}
"""What blows when no rates are given: one call in five meets something."""

LONGEST_LATE = 3
LONGEST_SLOW = 0.5
HAPPENINGS_KEPT = 10_000


@dataclass(slots=True)
class Happening:
    """What a call met. `number` counts the matching calls from 1; `detail` are a fault's options or a person's acts."""

    number: int
    method: str
    path: str
    what: str
    detail: Json = field(default_factory=dict)


class Weather:
    """A random plan. One call meets at most one fault and one person; which is a function of the seed and its number.

    As a context manager it stops at the end. `happened` tells what it did.
    """

    def __init__(
        self,
        emulator: Emulator,
        seed: int,
        rates: Mapping[str, float] | None = None,
        match: Match = "",
        acts: Iterable[str] = CHANCES,
    ) -> None:
        self._emulator = emulator
        self.seed = seed
        self.rates = checked_rates(STORM if rates is None else rates)
        self.match = matching.checked(match)
        self.acts = tuple(acts)
        emulator.person.random(0, self.acts)  # refuses an unknown act now rather than in the storm
        self.calls = 0
        self.stopped = False
        self._happened: list[Happening] = []
        self._lock = threading.Lock()

    @property
    def happened(self) -> list[Happening]:
        """What it did so far, in the order of the calls."""
        with self._lock:
            return list(self._happened)

    def stop(self) -> list[Happening]:
        """No further call meets anything; what is late stays on its way. -> what happened"""
        self.stopped = True
        return self.happened

    def __enter__(self) -> Weather:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def meet(self, request: Request) -> list[Fault]:
        """A call arrives: what it meets."""
        if self.stopped or not matching.fits(self.match, request, self._emulator):
            return []
        with self._lock:
            self.calls += 1
            lots = chance(self.seed, self.calls)
            fault, person = _drawn(self.rates, FAULT_RATES, lots), _drawn(self.rates, PERSON_RATES, lots)
            # The person is the outer one: a call that is lost on its way keeps nobody from acting.
            return [self._fault(what, lots, request) for what in (person, fault) if what is not None]

    def _fault(self, what: str, lots: Random, request: Request) -> Fault:
        happening = Happening(self.calls, request.method, request.path, what)
        self._happened.append(happening)
        del self._happened[:-HAPPENINGS_KEPT]
        if what in PERSON_RATES:
            options: Json = {"call": self._person(request, happening), "apart": True}
        else:
            options = happening.detail = _options(what, lots)
        return Fault(0, _kind(what), self.match, 0, 1, checked_options(_kind(what), options))

    def _person(self, request: Request, happening: Happening) -> Callable[[Emulator], None]:
        """Somebody who does something in a visible tab of the file that the call is about, if there is one."""
        file, lots = matching.spreadsheet_of(request), chance(f"{self.seed} person", happening.number)

        def act(emulator: Emulator) -> None:
            with emulator.lock:
                book = emulator.store.books.get(file)
                tabs = [sheet for sheet in book.sheets if not sheet.hidden] if book else []
                if tabs:
                    done = emulator.person.random(lots, self.acts).act(lots.choice(tabs))
                    happening.detail = {"acts": done}

        return act


def checked_rates(rates: object) -> dict[str, float]:
    """{name: probability} of known names; those of the faults add up to 1 at most, so do those of people."""
    options = Options(rates, "rates")
    found = {name: options.number(name, 0, 1) for name in RATES}
    options.done()
    for names in (FAULT_RATES, PERSON_RATES):
        total = sum(found[name] for name in names)
        if total > 1 + 1e-9:
            raise wrong("rates", f"{total:g} in all", f"let these add up to 1 at most: {', '.join(names)}")
    return {name: rate for name, rate in found.items() if rate}


def _drawn(rates: Mapping[str, float], names: Iterable[str], lots: Random) -> str | None:
    """One of these names, or none. The lot is drawn in any case: a rate changes nothing about the next draw."""
    names, lot = list(names), lots.random()
    heaped = accumulate(rates.get(name, 0.0) for name in names)
    return next((name for name, top in zip(names, heaped, strict=True) if lot < top), None)


def _kind(what: str) -> str:
    if what in PERSON_RATES:
        return what.removeprefix("person ")
    return "status" if what in STATUS_RATES or what in APPLIED_RATES else what


def _options(what: str, lots: Random) -> Json:
    if what in STATUS_RATES or what in APPLIED_RATES:
        return dict({**STATUS_RATES, **APPLIED_RATES}[what])
    drawn: dict[str, Callable[[], Json]] = {
        "late": lambda: {"calls": lots.randint(1, LONGEST_LATE)},
        "double": lambda: {"reply": lots.choice(["first", "second"])},
        "slow": lambda: {"seconds": round(lots.uniform(0, LONGEST_SLOW), 3)},
    }
    return drawn.get(what, dict)()
