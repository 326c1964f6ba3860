"""Ask probe after probe, and judge what comes back: a verdict for each, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetsync.errors import NeedsOwner, QuotaWait, RequestRefused, Retryable
from sheetsync.sheets.probes.asking import Broken, Outcome, Probe, Verdict
from sheetsync.sheets.probes.scratch import ScratchTabs

TRIES = 3
"""How often a probe is asked, each time on a new tab, before bad weather counts as no answer."""

PATIENCE = 3
"""After so many probes in a row without an answer the others are not asked any more."""

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What sheetsync's own readers raise over a reply that is not of the documented shape."""


def overhead(kind: str) -> int:
    """Calls of a check beside those of its probes: the first look, the removal, the looks around it."""
    return {"read": 3, "write": 1}[kind]


def check(tabs: ScratchTabs, probes: Sequence[Probe]) -> Iterator[Outcome]:
    """The outcome of each probe as soon as it is known. Taking the tabs away afterwards is the caller's."""
    silent, reason = 0, ""
    for probe in probes:
        if silent >= PATIENCE:
            yield Outcome(probe=probe, verdict=Verdict.NOT_ASKED, detail=reason)
            continue
        try:
            outcome = _ask(probe, tabs)
        except NeedsOwner as error:
            # Nothing more can be asked with this account.
            outcome = Outcome(probe=probe, verdict=Verdict.NOT_ASKED, detail=str(error))
            silent = PATIENCE
        silent = silent + 1 if outcome.verdict is Verdict.NOT_ASKED else 0
        reason = f"not tried any more: {outcome.detail}"
        yield outcome


def _ask(probe: Probe, tabs: ScratchTabs) -> Outcome:
    weather = ""
    for attempt in range(1, TRIES + 1):
        try:
            probe.ask(tabs.scratch(probe.name))
        except Broken as broken:
            return _broken(probe, tabs, str(broken))
        except RequestRefused as refusal:
            return _broken(probe, tabs, f"refused: {refusal}")
        except UNREADABLE as error:
            return _broken(probe, tabs, f"the reply cannot be read: {type(error).__name__}: {error}")
        except (Retryable, QuotaWait) as error:
            weather = f"{type(error).__name__}: {error}"
            tabs.client.pacer.back_off("write", 2.0**attempt)
        else:
            return Outcome(probe=probe, verdict=Verdict.HOLDS)
    return Outcome(probe=probe, verdict=Verdict.NOT_ASKED, detail=weather)


def _broken(probe: Probe, tabs: ScratchTabs, detail: str) -> Outcome:
    return Outcome(probe=probe, verdict=Verdict.BROKEN, detail=detail, exchanges=tabs.transcript.telling())
