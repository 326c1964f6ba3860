"""The batches of a run, as its row remembers them: the run's counters as they stood after each, the last ones only.

The only reader and writer of `SyncRun.batch_log`, which is written by the same update as the checkpoint: a batch in the
log is in the tab, and one that a worker's death left out is not counted either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

MOST = 20
"""Marks of a run, beside those at the ends of its attempts and of its walks."""

BETWEEN = 0
"""Stands for the attempt in a mark of what was spent between the last batch of one attempt and the next attempt."""

Saved = list[list[Any]]


class Mark(NamedTuple):
    """The counters after a batch. `at`: seconds since 1970; `seconds`: of work. A new field needs a default."""

    attempt: int
    at: int
    batches: int
    orders: int
    inserted: int
    updated: int
    removed: int
    unchanged: int
    calls: int
    seconds: float


class Line(NamedTuple):
    """What happened between two marks. `first` and `last`: the batches; the first is behind the last where the walk was
    over, and only orders that it had not met were asked for. `ended`: by the worker's clock.
    """

    ended: datetime
    first: int
    last: int
    done: Mark


def logged(
    saved: Saved, attempt: int, counters: Mapping[str, Any], *, before: Mapping[str, Any], now: datetime
) -> Saved:
    """The log with one batch more; `counters`: of the run, this batch included. `before`: as its slice began."""
    log = [Mark(*mark) for mark in saved]
    if before and (not log or log[-1].attempt != attempt):
        log.append(_mark(BETWEEN, now, before))
    log.append(_mark(attempt, now, counters))
    return [list(mark) for mark in (_thinned(log) if len(log) > MOST else log)]


def lines_of(saved: Saved, attempt: int) -> Iterator[Line]:
    """The batches of an attempt in their order, those of long ago together in one line."""
    for before, mark in pairwise([_NOTHING, *(Mark(*mark) for mark in saved)]):
        if mark.attempt == attempt:
            yield _line(before, mark)


def _line(before: Mark, mark: Mark) -> Line:
    if mark.orders < before.orders:
        before = before._replace(orders=0)  # the walk began again
    moved = (new - old for new, old in zip(mark[2:], before[2:], strict=True))
    done = Mark._make([mark.attempt, mark.at, *moved])
    return Line(datetime.fromtimestamp(mark.at, UTC), before.batches + 1, mark.batches, done)


def _thinned(log: Sequence[Mark]) -> Iterable[Mark]:
    """Without the oldest mark that can go. The line before it becomes part of the one behind it.

    The last one of an attempt stays, and so does the last one of a walk: from there on orders count anew.
    """
    for number, (mark, after) in enumerate(pairwise(log)):
        if mark.attempt == after.attempt and mark.orders <= after.orders:
            return [*log[:number], *log[number + 1 :]]
    return log


def _mark(attempt: int, now: datetime, counters: Mapping[str, Any]) -> Mark:
    counted = [counters.get(name, 0) for name in Mark._fields[2:]]
    return Mark._make([attempt, int(now.timestamp()), *counted])


_NOTHING = Mark(BETWEEN, 0, 0, 0, 0, 0, 0, 0, 0, 0.0)
