"""What a probe is: an assumption of the sheet contract, and the calls that ask the API whether it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sheetsync.sheets.probes.exchanges import Exchange

if TYPE_CHECKING:
    from sheetsync.sheets.probes.scratch import Scratch

Ask = Callable[["Scratch"], None]


class Broken(Exception):
    """The API does not do what was assumed; the message says what was seen instead."""


class Verdict(StrEnum):
    """What came of a probe."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_ASKED = "could not be asked"


class Rule(StrEnum):
    """The section of docs/sheet-contract.md that a probe guards."""

    TAB = "How a tab looks"
    COMMIT = "How a batch is committed"
    MARKER = "The marker"
    REMOVED = "What becomes of removed orders"
    EDITS = "Hand edits"
    LIMITS = "Limits"


class Known(StrEnum):
    """Where an assumption comes from, before anybody asked."""

    REFERENCE = "Google's reference"
    RECORDED = "recorded traffic"
    REPORTED = "a third party's report"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One assumption. `matters`: what would go wrong without it. `reads`, `writes`: the calls that it takes."""

    name: str
    claim: str
    matters: str
    known: Known
    rule: Rule
    reads: int
    writes: int
    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found out. `detail` and `exchanges` are empty where the assumption holds."""

    probe: Probe
    verdict: Verdict
    detail: str = ""
    exchanges: tuple[Exchange, ...] = ()


def probe(
    claim: str, *, matters: str, known: Known, rule: Rule, reads: int = 0, writes: int = 0
) -> Callable[[Ask], Probe]:
    """Make a probe of a function, which is given a scratch tab and raises Broken; its name is the function's."""

    def made(ask: Ask) -> Probe:
        return Probe(
            name=ask.__name__.replace("_", "-"),
            claim=claim,
            matters=matters,
            known=known,
            rule=rule,
            reads=reads,
            writes=writes,
            ask=ask,
        )

    return made


def expect(what: str, found: Any, wanted: Any) -> None:
    """Raises Broken, with both values, where they differ. A number is no boolean, and neither is a text."""
    if found != wanted or repr(type(found)) != repr(type(wanted)):
        raise Broken(f"{what}: expected {_shown(wanted)}, found {_shown(found)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:200]} … ({len(text):,} characters)"
