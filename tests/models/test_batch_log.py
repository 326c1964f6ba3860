"""The log of a run's batches: what each did, in a row that does not grow."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.models.batch_log import MOST, Mark, lines_of, logged

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNTED = Mark._fields[2:]


def counted(batches=0, orders=0, **values):
    return {"batches": batches, "orders": orders, **values}


def log_of(*batches, saved=(), attempt=1, before=None):
    for counters in batches:
        saved = logged(saved, attempt, counters, before=before or {}, now=NOW)
    return saved


def told(saved, attempt=1):
    return [(line.first, line.last, line.done.orders) for line in lines_of(saved, attempt)]


def test_each_batch_is_told_with_what_it_did():
    log = log_of(
        counted(1, 300, inserted=300, calls=4, seconds=1.5), counted(2, 500, inserted=350, updated=150, calls=5)
    )
    first, second = lines_of(log, 1)

    assert (first.first, first.last, first.ended) == (1, 1, NOW)
    assert (first.done.orders, first.done.inserted, first.done.calls, first.done.seconds) == (300, 300, 4, 1.5)
    assert (second.done.orders, second.done.inserted, second.done.updated, second.done.calls) == (200, 50, 150, 1)


def test_the_next_attempt_does_not_answer_for_what_the_one_before_spent_in_vain():
    log = log_of(counted(1, 300, calls=4))
    log = log_of(counted(2, 600, calls=12), saved=log, attempt=2, before=counted(1, 300, calls=9))

    assert told(log, 1) == [(1, 1, 300)] and told(log, 2) == [(2, 2, 300)]
    assert [line.done.calls for line in lines_of(log, 2)] == [3]


def test_what_attempts_without_a_batch_spent_is_not_counted_to_the_first_batch_either():
    log = log_of(counted(1, 300, calls=8), attempt=3, before=counted(calls=4))

    assert told(log, 3) == [(1, 1, 300)] and [line.done.calls for line in lines_of(log, 3)] == [4]


def test_a_walk_that_begins_again_counts_its_orders_anew():
    log = log_of(counted(1, 300), counted(2, 600), counted(3, 250))

    assert told(log) == [(1, 1, 300), (2, 2, 300), (3, 3, 250)]


def test_a_second_look_at_orders_is_no_batch():
    assert told(log_of(counted(1, 300), counted(1, 300, removed=2))) == [(1, 1, 300), (2, 1, 0)]


def test_of_many_batches_the_first_are_told_together():
    log = log_of(*(counted(number, number * 300) for number in range(1, 501)))

    assert len(log) == MOST
    assert told(log)[0] == (1, 481, 481 * 300) and told(log)[-1] == (500, 500, 300)


def test_what_earlier_attempts_did_keeps_its_line():
    log = log_of(counted(1, 300), counted(2, 600))
    before = counted(2, 600)
    log = log_of(*(counted(n, n * 300) for n in range(3, 100)), saved=log, attempt=2, before=before)

    assert told(log, 1) == [(1, 2, 600)]
    assert told(log, 2)[0][0] == 3 and told(log, 2)[-1] == (99, 99, 300)


STEP = st.tuples(st.integers(0, 2), *[st.integers(0, 1_000)] * (len(COUNTED) - 1))


@given(st.lists(STEP, min_size=1, max_size=80))
def test_the_lines_give_together_all_that_was_counted_and_stay_few(steps):
    sums = list(accumulate(steps, lambda one, other: tuple(a + b for a, b in zip(one, other, strict=True))))
    log = log_of(*(dict(zip(COUNTED, each, strict=True)) for each in sums))
    lines = list(lines_of(log, 1))

    assert len(lines) == min(len(steps), MOST)
    assert tuple(map(sum, zip(*(line.done[2:] for line in lines), strict=True))) == sums[-1]
    assert [line.first for line in lines[1:]] == [line.last + 1 for line in lines[:-1]]
