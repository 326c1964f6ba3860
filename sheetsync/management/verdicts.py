"""How the outcomes of a check are shown: a line for each as it comes, a summary, or JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import CommandError

from sheetsync.sheets.client import Traffic
from sheetsync.sheets.probes import Exchange, Outcome, Probe, Verdict, overhead

BROKEN, NO_ANSWER, INTERRUPTED = 1, 2, 130
"""Exit codes; 1 is kept for what was asked and is not as assumed."""

SHOWN = {Verdict.HOLDS: "holds", Verdict.BROKEN: "BROKEN", Verdict.NOT_ASKED: "NO ANSWER"}


def unasked(message: str) -> CommandError:
    """What to raise where nothing could be asked."""
    return CommandError(message, returncode=NO_ANSWER)


def outcome_text(outcome: Outcome) -> str:
    """One line; for what does not hold, why it matters, what was seen, and the very words on the wire."""
    probe = outcome.probe
    lines = [f"{SHOWN[outcome.verdict]:<10}{probe.name:<30}{probe.claim}"]
    if outcome.verdict is Verdict.BROKEN:
        lines.append(f"    it matters because: {probe.matters}")
        lines.append(f"    guards:   {probe.rule} (docs/sheet-contract.md); known from: {probe.known}")
    if outcome.detail:
        lines.append(f"    seen:     {outcome.detail}")
    return "\n".join([*lines, *map(_exchange_text, outcome.exchanges)])


def _exchange_text(exchange: Exchange) -> str:
    short = exchange.shortened()
    return (
        f"    sent:     {short['method']} {short['path']}\n              {short['sent']}\n"
        f"    answered: {short['status']} {short['answered']}"
    )


def listing(probes: Iterable[Probe]) -> str:
    """What would be asked, and where each assumption comes from."""
    return "\n".join(
        f"{probe.name}\n    {probe.claim}\n    guards: {probe.rule}; known from: {probe.known}" for probe in probes
    )


def expected_calls(probes: Sequence[Probe]) -> dict[str, int]:
    """Calls that a check of these probes makes in good weather."""
    return {
        "read": sum(probe.reads for probe in probes) + overhead("read"),
        "write": sum(probe.writes for probe in probes) + overhead("write"),
    }


def least_seconds(calls: dict[str, int], per_minute: dict[str, float | None], burst: int) -> float:
    """How long so many calls take by the pace alone: reads and writes are paced apart."""
    waits = (max(0, calls[kind] - burst) * 60 / rate for kind, rate in per_minute.items() if rate is not None)
    return max(waits, default=0.0)


def summary(outcomes: Sequence[Outcome], traffic: Traffic, seconds: float) -> str:
    """How many of each verdict, and what it cost."""
    found = Counter(outcome.verdict for outcome in outcomes)
    words = (("hold", Verdict.HOLDS), ("broken", Verdict.BROKEN), ("without an answer", Verdict.NOT_ASKED))
    counts = ", ".join(f"{found[verdict]} {word}" for word, verdict in words)
    calls = f"{traffic.calls['read']} reads and {traffic.calls['write']} writes"
    return f"{len(outcomes)} assumptions: {counts}. {calls} in {seconds:.0f} s"


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One outcome as plain values."""
    probe = outcome.probe
    return {
        "name": probe.name,
        "verdict": outcome.verdict.value,
        "claim": probe.claim,
        "matters": probe.matters,
        "known_from": probe.known.value,
        "guards": probe.rule.value,
        "detail": outcome.detail,
        "exchanges": [exchange.shortened() for exchange in outcome.exchanges],
    }
