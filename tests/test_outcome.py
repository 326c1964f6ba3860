"""What becomes of a run is decided from the error, the attempt and the time alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import (
    AccessDenied,
    AmbiguousOutcome,
    BadColumn,
    GrantRevoked,
    RateLimited,
    SpreadsheetGone,
    TabChanging,
    Unavailable,
    WorkerLost,
)
from sheetsync.outcome import Backoff, Completed, Dead, Failed, OwnerMustAct, RetryAt, decide

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BACKOFF = Backoff(timedelta(seconds=10), timedelta(minutes=15))


def decided(error, attempt=1, *, max_attempts=5, jitter=1.0):
    return decide(error, attempt=attempt, max_attempts=max_attempts, now=NOW, backoff=BACKOFF, jitter=lambda: jitter)


@pytest.mark.parametrize(
    ("error", "attempt", "outcome"),
    [
        (None, 1, Completed()),
        (None, 5, Completed()),
        (Unavailable("503"), 1, RetryAt(NOW + timedelta(seconds=10))),
        (AmbiguousOutcome("?"), 2, RetryAt(NOW + timedelta(seconds=20))),
        (TabChanging("!"), 4, RetryAt(NOW + timedelta(seconds=80))),
        (Unavailable("503"), 5, Dead()),
        (WorkerLost("killed"), 1, RetryAt(NOW)),  # at once: most workers are lost to deployments
        (WorkerLost("killed"), 2, RetryAt(NOW + timedelta(seconds=20))),  # a run that kills its worker has to wait
        (WorkerLost("killed"), 5, Dead()),
        (BadColumn("path"), 1, Failed()),
        (ZeroDivisionError("a fault of ours"), 1, Failed()),  # loud, never tried again blindly
        (GrantRevoked("revoked"), 1, OwnerMustAct()),
        (AccessDenied("403"), 5, OwnerMustAct()),
        (SpreadsheetGone("404"), 1, OwnerMustAct()),
    ],
)
def test_each_error_has_its_outcome(error, attempt, outcome):
    assert decided(error, attempt) == outcome


def test_a_retry_never_comes_before_what_the_server_asked_for():
    assert decided(RateLimited("429", retry_after=300), jitter=0.0) == RetryAt(NOW + timedelta(seconds=300))


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1))
def test_no_delay_is_negative_or_beyond_the_cap(failures, jitter):
    assert timedelta(0) <= BACKOFF.delay(failures, jitter) <= BACKOFF.cap


@given(failures=st.integers(1, 100))
def test_delays_never_shrink_as_failures_add_up(failures):
    assert BACKOFF.delay(failures, 1.0) <= BACKOFF.delay(failures + 1, 1.0)
