"""Quota buckets: one count for all workers of an account, and of a project."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from sheetsync.errors import QuotaWait
from sheetsync.models import GoogleAccount, QuotaBucket, Tenant
from sheetsync.models.quota import SharedPacer, waiting_accounts
from sheetsync.sheets.pacing import CUT, Rate

pytestmark = pytest.mark.django_db(transaction=True)


def pacer(account="a", *, per_minute=6.0, burst=3, project_burst=100, longest=0.5, project="p"):
    slept = []
    own, shared = Rate(per_minute=per_minute, burst=burst), Rate(per_minute=per_minute, burst=project_burst)
    made = SharedPacer(account, project, {"write": {"account": own, "project": shared}}, longest, sleep=slept.append)
    return made, slept


def taken(made, times):
    """How many calls were let through before one would have had to wait too long."""
    for number in range(times):
        try:
            made.take("write")
        except QuotaWait:
            return number
    return times


def buckets(*fields):
    return list(QuotaBucket.objects.order_by("name").values_list("name", *fields))


def test_a_burst_goes_out_at_once_and_then_the_pace_sets_in():
    made, slept = pacer()
    assert taken(made, 10) == 3 and slept == []


def test_two_workers_of_one_account_share_what_there_is():
    first, second = pacer()[0], pacer()[0]
    assert taken(first, 2) + taken(second, 10) == 3


def test_two_accounts_of_one_project_share_the_projects_quota():
    first, second = pacer("a", project_burst=4)[0], pacer("b", project_burst=4)[0]
    assert taken(first, 10) + taken(second, 10) == 4


def test_two_accounts_of_two_projects_share_nothing():
    first, second = pacer("a", project_burst=2)[0], pacer("b", project_burst=2, project="q")[0]
    assert (taken(first, 10), taken(second, 10)) == (2, 2)


def test_a_short_wait_is_slept_and_a_long_one_refused_with_nothing_taken():
    made, slept = pacer(burst=1, longest=15)
    made.take("write")
    made.take("write")
    assert len(slept) == 1 and 0 < slept[0] <= 10
    before = buckets("arrival")
    with pytest.raises(QuotaWait) as caught:
        made.take("write")
    assert 15 < caught.value.seconds <= 20
    assert buckets("arrival") == before


@pytest.mark.parametrize(("bursts", "whose"), [((1, 100), "account's"), ((100, 1), "project's")])
def test_people_are_told_whose_quota_it_is(bursts, whose):
    made, _ = pacer(burst=bursts[0], project_burst=bursts[1])
    made.take("write")
    with pytest.raises(QuotaWait, match=f"the {whose} quota at Google is used up"):
        made.take("write")


@pytest.mark.parametrize("bursts", [(2, 100), (100, 2)], ids=["the account's is full", "the project's is full"])
def test_where_one_bucket_is_full_no_place_is_lost_in_the_other(bursts):
    made, _ = pacer(burst=bursts[0], project_burst=bursts[1])
    taken(made, 2)
    before = buckets("arrival")
    assert [taken(made, 1) for _ in range(5)] == [0] * 5 and buckets("arrival") == before


def test_workers_of_several_accounts_lose_no_place_between_account_and_project():
    counts, began = {"a": 0, "b": 0, "c": 0}, time.time()

    def work(account):
        made = pacer(account, burst=10, project_burst=25, longest=0.0)[0]
        done = sum(taken(made, 1) for _ in range(15))
        with lock:
            counts[account] += done
        connections.close_all()

    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(account,)) for account in "abc" for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.time() - began
    # A bucket of one in ten seconds stands ten seconds further for each call that went through.
    total, back = sum(counts.values()), 1 + lasted / 10  # as many places came back meanwhile
    assert 25 <= total <= 25 + back and all(count <= 10 + back for count in counts.values())
    for subject, calls in [*counts.items(), ("", total)]:
        (arrival,) = QuotaBucket.objects.filter(subject=subject).values_list("arrival", flat=True)
        assert began - 0.1 <= arrival - 10 * calls <= began + lasted + 0.1


def test_a_paced_call_takes_two_statements():
    made, _ = pacer()
    made.take("write")
    with CaptureQueriesContext(connection) as captured:
        made.take("write")
    words = [query["sql"].split()[0] for query in captured]
    assert [word for word in words if word in ("SELECT", "UPDATE", "INSERT")] == ["SELECT", "UPDATE"]


def test_reads_are_not_held_back_by_writes():
    made, _ = pacer()
    assert taken(made, 10) == 3
    made.take("read")


def test_what_was_used_comes_back_with_time():
    made, _ = pacer(per_minute=600, burst=1, longest=0.001)
    made.take("write")
    time.sleep(0.12)
    made.take("write")


# -- refusals


def test_a_refusal_by_google_holds_back_every_worker_of_the_account_and_no_other():
    first, second, other = pacer()[0], pacer()[0], pacer("b")[0]
    first.take("write")
    first.back_off("write", 30)
    assert (taken(second, 5), taken(other, 2), first.refused, second.refused) == (0, 2, True, False)


def test_a_refusal_for_the_project_holds_back_all_its_accounts_and_cuts_only_its_own_rate():
    first, other, elsewhere = pacer()[0], pacer("b")[0], pacer("c", project="q")[0]
    first.take("write")
    first.back_off("write", 30, "project")
    assert (taken(other, 5), taken(elsewhere, 2)) == (0, 2)
    shares = {(name.split()[0], share) for name, share in buckets("share") if share < 1}
    assert shares == {("project", CUT)}


def test_what_one_worker_learns_the_others_keep_to():
    first, (second, waits) = pacer()[0], pacer(longest=100)
    first.back_off("write", 0.0)
    assert taken(second, 4) == 4
    assert waits[-1] - waits[-2] == pytest.approx(10 / CUT, abs=1)


def test_refusals_of_several_workers_at_once_cut_the_rate_once():
    workers = [pacer()[0] for _ in range(4)]
    for worker in workers:
        worker.back_off("write", 1.0)
    assert {share for _, share in buckets("share")} == {CUT}


def test_without_a_bucket_a_refusal_is_slept_out_or_given_up():
    slept = []
    made = SharedPacer("a", "p", {}, 1.0, sleep=slept.append)
    made.back_off("write", 0.5)
    with pytest.raises(QuotaWait):
        made.back_off("write", 2.0)
    assert slept == [0.5] and made.refused


# -- who has to wait


def test_an_account_whose_next_call_has_to_wait_is_known_to_all_its_tenants():
    tenants = [Tenant.objects.create(name=name) for name in ("one", "two", "three")]
    subjects = ("a", "a", "b")
    for tenant, subject in zip(tenants, subjects, strict=True):
        GoogleAccount.objects.create(tenant=tenant, kind="oauth", subject=subject, email="x@example.com")
    taken(pacer("a", burst=2)[0], 5)
    assert set(waiting_accounts(5).values_list("tenant", flat=True)) == {tenants[0].pk, tenants[1].pk}
    assert not waiting_accounts(15).exists()


def test_an_account_that_waits_for_its_project_is_known_to_wait_too():
    GoogleAccount.objects.create(
        tenant=Tenant.objects.create(name="t"), kind="oauth", subject="a", email="x@example.com"
    )
    pacer("b")[0].back_off("write", 30, "project")
    assert not waiting_accounts(5).exists()
    assert taken(pacer("a")[0], 1) == 0 and waiting_accounts(5).exists()


def test_nothing_is_noted_while_nobody_waits():
    made, _ = pacer(per_minute=6_000, burst=50)
    taken(made, 10)
    assert {free_at for _, free_at in buckets("free_at")} == {0}
