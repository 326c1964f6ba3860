"""The attempts of a run as a story: each with what it did, what it ended with, and how long it was until the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sheetsync.admin.display import badge, grouped, span
from sheetsync.admin.remedies import remedy_for
from sheetsync.admin.run.batches import batches_of
from sheetsync.admin.times import at, stretch
from sheetsync.models import SyncAttempt, SyncRun
from sheetsync.models.ending import WRITTEN

Outcome = SyncAttempt.Outcome
Status = SyncRun.Status

MOST = 30
"""Attempts on the run's page, the last ones. The list of attempts has all."""

_LOOKS = {
    Outcome.SUCCEEDED: ("✔", "good"),
    Outcome.FAILED: ("✖", "bad"),
    Outcome.LOST: ("✖", "bad"),
    Outcome.CANCELED: ("■", "off"),
}
_COUNTED: dict[str, Callable[[int], str]] = {
    "calls": lambda count: ngettext("call", "calls", count),
    "rows": lambda count: ngettext("row", "rows", count),
    "written": lambda count: ngettext("row written", "rows written", count),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attempt. `waited`: how long after the end of the one before it began; empty where that was at once.

    `meaning`: of its error, where that has not been said above. `telling`: whether its batches are shown without being
    asked for.
    """

    attempt: SyncAttempt
    badge: str
    when: str
    duration: str
    pauses: str
    counted: list[tuple[str, str]]
    waited: str
    meaning: str | Promise
    batches: list[list[str]]
    at_work: bool
    telling: bool


def steps(run: SyncRun, attempts: Sequence[SyncAttempt]) -> Iterator[Step]:
    """The attempts, which come in their order.

    One that pauses counts from where those before it stopped; of one that is at work the run's own figures tell.
    """
    before: SyncAttempt | None = None
    at_work = run.status == Status.RUNNING
    for attempt in attempts:
        ended = before.finished_at if before else run.created_at
        yield Step(
            attempt=attempt,
            badge=_badge(run, attempt),
            when=stretch(attempt.started_at, attempt.finished_at),
            duration=_duration(attempt),
            pauses=_pauses(attempt),
            counted=list(_counted(run, attempt, attempts)) if attempt.finished_at or not at_work else [],
            waited=_waited((attempt.started_at - ended).total_seconds() if ended else 0.0, first=before is None),
            meaning=_meaning(run, attempt, before),
            batches=batches_of(run, attempt.number),
            at_work=at_work and attempt.finished_at is None,
            telling=run.status != Status.COMPLETED and attempt.number == run.attempts,
        )
        before = attempt


def what_next(run: SyncRun, attempts: Sequence[SyncAttempt]) -> str:
    """What comes after the last attempt, in a sentence."""
    told = {"next": run.attempts + 1, "most": run.max_attempts, "time": at(run.next_attempt_at)}
    open_still = bool(attempts) and attempts[-1].finished_at is None
    match run.status:
        case Status.PENDING if run.next_attempt_at > timezone.now():
            goes_on, begins = _("This attempt goes on at {time}."), _("Attempt {next} of {most} begins at {time}.")
            return format_html(goes_on if open_still else begins, **told)
        case Status.PENDING if open_still:
            return _("This attempt goes on as soon as a worker is free.")
        case Status.PENDING:
            return _("Attempt %(next)s of %(most)s begins as soon as a worker is free.") % told
        case Status.DEAD:
            return _("All %(most)s attempts are used up. When the cause is gone, replay it.") % told
        case Status.FAILED:
            return _("It is not tried again by itself: the same would fail the same way until something is changed.")
    return ""


def outcome_of(attempt: SyncAttempt) -> str:
    """How it ended, or that it has not."""
    if not attempt.finished_at:
        return badge("…", _("not over"), "waiting")
    sign, kind = _LOOKS[Outcome(attempt.outcome)]
    return badge(sign, attempt.get_outcome_display(), kind)


def _badge(run: SyncRun, attempt: SyncAttempt) -> str:
    if attempt.finished_at:
        return outcome_of(attempt)
    at_work = run.status == Status.RUNNING
    return badge("▶", _("at work"), "busy") if at_work else badge("…", _("pausing"), "waiting")


def _meaning(run: SyncRun, attempt: SyncAttempt, before: SyncAttempt | None) -> str | Promise:
    said = {"", run.error_type, before.error_type if before else ""}
    return "" if attempt.error_type in said else remedy_for(attempt.error_type).what


def _duration(attempt: SyncAttempt) -> str:
    taken = ((attempt.finished_at or timezone.now()) - attempt.started_at).total_seconds()
    text = _("took %(span)s") if attempt.finished_at else _("since %(span)s")
    return text % {"span": span(taken)}


def _pauses(attempt: SyncAttempt) -> str:
    """A slice more than pauses."""
    pauses = attempt.slices - 1
    return ngettext("%(count)s pause", "%(count)s pauses", pauses) % {"count": grouped(pauses)} if pauses > 0 else ""


def _waited(seconds: float, *, first: bool) -> str:
    if seconds < 1:
        return ""
    text = _("began %(span)s after the run was asked for") if first else _("%(span)s later")
    return text % {"span": span(seconds)}


def _counted(run: SyncRun, attempt: SyncAttempt, attempts: Sequence[SyncAttempt]) -> Iterator[tuple[str, str]]:
    for name, label in _COUNTED.items():
        count: Any = getattr(attempt, name)
        if attempt.finished_at is None:
            earlier = sum(getattr(each, name) for each in attempts if each.number < attempt.number)
            count = max(count, _of_run(run, name) - earlier)
        yield label(count), grouped(count)


def _of_run(run: SyncRun, name: str) -> int:
    if name == "written":
        return sum(run.counters.get(each, 0) for each in WRITTEN)
    count: int = run.counters.get(name, 0)
    return count
