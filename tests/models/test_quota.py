"""Quota buckets: one count for all workers of an account, and of a project."""

from __future__ import annotations

import time

import pytest

from sheetsync.errors import QuotaWait
from sheetsync.models import QuotaBucket
from sheetsync.models.quota import SharedPacer
from sheetsync.sheets.pacing import Rate

pytestmark = pytest.mark.django_db(transaction=True)


def pacer(account="a", *, per_minute=60.0, burst=3, project_burst=100, longest=0.5):
    slept = []
    rates = {
        "write": {
            account: Rate(per_minute=per_minute, burst=burst),
            "project": Rate(per_minute=60, burst=project_burst),
        }
    }
    made = SharedPacer(rates, longest, sleep=slept.append)
    return made, slept


def taken(made, times):
    """How many calls were let through before one would have had to wait too long."""
    for number in range(times):
        try:
            made.take("write")
        except QuotaWait:
            return number
    return times


def test_a_burst_goes_out_at_once_and_then_the_pace_sets_in():
    made, slept = pacer()
    assert taken(made, 10) == 3 and slept == []


def test_two_workers_of_one_account_share_what_there_is():
    first, second = pacer()[0], pacer()[0]
    assert taken(first, 2) + taken(second, 10) == 3


def test_two_accounts_of_one_project_share_the_projects_quota():
    first, second = pacer("a", project_burst=4)[0], pacer("b", project_burst=4)[0]
    assert taken(first, 10) + taken(second, 10) == 4


def test_a_short_wait_is_slept_and_a_long_one_refused_with_nothing_taken():
    made, slept = pacer(per_minute=600, burst=1, longest=0.15)
    made.take("write")
    made.take("write")
    assert len(slept) == 1 and 0 < slept[0] <= 0.1
    before = list(QuotaBucket.objects.order_by("name").values())
    with pytest.raises(QuotaWait) as caught:
        made.take("write")
    assert 0.1 < caught.value.seconds <= 0.2
    assert list(QuotaBucket.objects.order_by("name").values()) == before


def test_a_refusal_by_google_holds_back_every_worker_of_the_account_and_no_other():
    first, second, other = pacer()[0], pacer()[0], pacer("b")[0]
    first.take("write")
    first.back_off("write", 30)
    assert (taken(second, 5), taken(other, 2), first.refused, second.refused) == (0, 2, True, False)


def test_reads_are_not_held_back_by_writes():
    made, _ = pacer()
    assert taken(made, 10) == 3
    made.take("read")


def test_what_was_used_comes_back_with_time():
    made, _ = pacer(per_minute=600, burst=1, longest=0.001)
    made.take("write")
    time.sleep(0.12)
    made.take("write")


def test_without_a_bucket_a_refusal_is_slept_out_or_given_up():
    slept = []
    made = SharedPacer({}, 1.0, sleep=slept.append)
    made.back_off("write", 0.5)
    with pytest.raises(QuotaWait):
        made.back_off("write", 2.0)
    assert slept == [0.5] and made.refused
