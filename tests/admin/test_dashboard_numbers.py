"""The numbers of the dashboard are what one gets by counting every run, whoever has summed up what."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from sheetsync.admin.dashboard.numbers import active, numbers_of, percentile
from sheetsync.admin.dashboard.period import DAY_BY_HOURS, PERIODS, WEEK_BY_DAYS, period_of
from sheetsync.admin.dashboard.scope import Scope
from sheetsync.models import Hour, StaffTenant, SyncAttempt, SyncRun, retention
from sheetsync.models.hours import AT_ONCE, HOUR, KEPT, LIVE, hour_of, rows_of
from sheetsync.scheduler import tick
from tests.admin.rows import run_of
from tests.support.making import Maker

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 10, 20, tzinfo=UTC)
ENDS = ("completed", "failed", "dead", "canceled")


@pytest.fixture
def lots():
    return random.Random(11)


@pytest.fixture
def automations(db):
    maker = Maker()
    return [maker.automation() for _ in range(3)]


def ended(automation, at, lots, **values):
    """A run that ended then, somehow, with its attempt."""
    status = lots.choice(ENDS)
    begun = None if status == "canceled" and lots.random() < 0.5 else at - timedelta(seconds=lots.expovariate(1 / 60))
    error = lots.choice(["TabRefused", "Unavailable"]) if status in ("failed", "dead") else ""
    told = {"status": status, "started_at": begun, "finished_at": at, "attempts": lots.randint(1, 5) if begun else 0}
    run = run_of(automation, **told, error_type=error, **values)
    if begun:
        counted = {name: lots.randint(0, 99) for name in ("calls", "reads", "rows", "written")}
        outcome = "succeeded" if status == "completed" else "failed"
        SyncAttempt.objects.create(run=run, number=1, worker="w", outcome=outcome, finished_at=at, **counted)
    return run


def town(automations, lots, many=150, days=8):
    """Runs of some days, of three tenants; some end on the very hour."""
    for _ in range(many):
        at = NOW - timedelta(days=days) * lots.random()
        ended(lots.choice(automations), hour_of(at) if lots.random() < 0.1 else at, lots)


def scope_of(*tenants):
    """Of a superuser, or of whoever is restricted to these."""
    user = User.objects.create(username=f"user {User.objects.count()}", is_staff=True, is_superuser=not tenants)
    StaffTenant.objects.bulk_create(StaffTenant(user_key=str(user.pk), user_name="n", tenant=each) for each in tenants)
    user.has_perm = lambda name, row=None: True
    return Scope(SimpleNamespace(user=user), site)


def by_hand(since, automations):
    """Every run and every attempt, looked at one by one."""
    found = Counter()
    for run in SyncRun.objects.filter(automation__in=automations, finished_at__gte=since, finished_at__lte=NOW):
        found[run.status] += 1
        found["attempts"] += run.attempts
        found["begun"] += run.started_at is not None
        found[f"error {run.error_type}"] += bool(run.error_type)
    for attempt in SyncAttempt.objects.filter(run__automation__in=automations, finished_at__gte=since):
        found.update({name: getattr(attempt, name) for name in ("calls", "reads", "rows", "written")})
    return +found


def untimed(tally):
    return +Counter({name: n for name, n in tally.items() if not name.startswith("took ")})


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.key)
@pytest.mark.parametrize("summed", [0, 3, 400])
def test_numbers_are_what_counting_every_run_gives(automations, lots, period, summed):
    """With the hours that nobody has summed up left out, and counted as missing."""
    town(automations, lots)
    Hour.objects.sum_up(NOW, summed)
    numbers = numbers_of(scope_of(), period, NOW)
    hours = (hour_of(NOW) - hour_of(period.begin(NOW))) // HOUR + 1
    known = min(hours, max(LIVE, summed + 1))

    assert numbers.missing == hours - known
    assert untimed(numbers.total) == by_hand(hour_of(NOW) - HOUR * (known - 1), automations)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.key)
def test_whoever_is_restricted_gets_the_numbers_of_their_tenants_alone(automations, lots, period):
    town(automations, lots)
    Hour.objects.sum_up(NOW, 400)
    mine = automations[:2]
    numbers = numbers_of(scope_of(*(each.tenant for each in mine)), period, NOW)

    assert untimed(numbers.total) == by_hand(period.begin(NOW), mine)
    assert numbers.ended < numbers_of(scope_of(), period, NOW).ended


def test_a_tenant_where_nothing_ended_has_nought_and_no_hour_missing(automations, lots):
    town(automations[:1], lots, many=20)
    Hour.objects.sum_up(NOW, 400)
    numbers = numbers_of(scope_of(automations[2].tenant), WEEK_BY_DAYS, NOW)
    assert (numbers.ended, numbers.missing) == (0, 0)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.key)
def test_the_bars_together_are_the_total_and_each_run_is_in_its_own(automations, lots, period):
    town(automations, lots)
    Hour.objects.sum_up(NOW, 400)
    numbers = numbers_of(scope_of(), period, NOW)

    assert sum((bar.tally for bar in numbers.bars), Counter()) == numbers.total
    assert len(numbers.bars) == period.steps
    for bar, end in zip(numbers.bars, [*(bar.begin for bar in numbers.bars[1:]), NOW], strict=True):
        within = SyncRun.objects.filter(finished_at__gte=bar.begin, finished_at__lt=end)
        assert sum(bar.tally[status] for status in ENDS) == within.count()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "America/New_York"])
def test_days_are_the_readers_own(automations, lots, zone):
    town(automations, lots, many=60)
    Hour.objects.sum_up(NOW, 400)
    with timezone.override(zone):
        numbers = numbers_of(scope_of(), WEEK_BY_DAYS, NOW)
        begins = [timezone.localtime(bar.begin) for bar in numbers.bars]

    assert {(begin.hour, begin.minute) for begin in begins} == {(0, 0)} and len(begins) == 7
    assert untimed(numbers.total) == by_hand(hour_of(begins[0]), automations)


def test_percentiles_are_right_to_within_five_per_cent(automations, lots):
    took = sorted(lots.lognormvariate(3, 1.5) for _ in range(400))
    for each in took:
        times = {"started_at": NOW - HOUR - timedelta(seconds=each), "finished_at": NOW - HOUR}
        run_of(automations[0], status="completed", **times)
    total = numbers_of(scope_of(), DAY_BY_HOURS, NOW).total

    for share in (0.5, 0.95):
        assert percentile(total, share) == pytest.approx(took[int(share * len(took)) - 1], rel=0.05)


def test_of_nothing_there_is_no_percentile_no_success_and_no_average(automations):
    numbers = numbers_of(scope_of(), DAY_BY_HOURS, NOW)
    assert (percentile(numbers.total, 0.5), numbers.success, numbers.attempts, numbers.errors) == (None, None, None, [])


def test_success_leaves_out_what_somebody_canceled(automations):
    for status in ("completed", "completed", "completed", "dead", "canceled"):
        run_of(automations[0], status=status, attempts=2, finished_at=NOW)
    numbers = numbers_of(scope_of(), DAY_BY_HOURS, NOW)
    assert (numbers.success, numbers.ended, numbers.attempts) == (0.75, 5, 2.0)


def test_what_waits_and_runs_is_counted_now(automations):
    for automation in automations[:2]:
        run_of(automation, status="pending", finished_at=None)
    lease = {"lease_token": "t", "lease_expires_at": NOW}
    run_of(automations[2], status="running", finished_at=None, **lease)

    assert active(scope_of()) == {"pending": 2, "running": 1}
    assert active(scope_of(automations[2].tenant)) == {"pending": 0, "running": 1}


def test_an_hour_is_summed_up_once_it_is_over_and_not_before_its_last_ends_are_there(automations):
    Hour.objects.sum_up(NOW.replace(minute=0, second=20), 1)
    assert Hour.objects.get().hour == NOW.replace(hour=8, minute=0)
    Hour.objects.sum_up(NOW.replace(minute=0, second=31), 1)
    assert Hour.objects.latest("hour").hour == NOW.replace(hour=9, minute=0)


def test_summing_up_takes_a_few_hours_at_once_the_newest_first_until_all_are_there(automations, lots):
    town(automations, lots, many=30)
    found = [Hour.objects.sum_up(NOW) for _ in range(KEPT // HOUR // AT_ONCE + 1)]
    before = list(Hour.objects.order_by("pk").values("hour", "tenant", "counted"))

    assert found == [AT_ONCE] * (KEPT // HOUR // AT_ONCE) + [0]
    assert before[0]["hour"] == NOW.replace(hour=9, minute=0)
    assert Hour.objects.filter(tenant=None).count() == KEPT // HOUR
    assert Hour.objects.sum_up(NOW, 400) == 0


def test_two_who_sum_up_at_once_leave_one_row_of_each(automations, lots):
    town(automations, lots, many=40, days=0.1)
    hour = hour_of(NOW) - HOUR
    for _ in range(2):
        Hour.objects.bulk_create(rows_of(hour), ignore_conflicts=True)
    tenants = list(Hour.objects.values_list("tenant", flat=True))
    assert len(tenants) == len(set(tenants)) and None in tenants


def test_numbers_stay_when_the_runs_are_forgotten(automations, lots):
    town(automations, lots, many=40, days=0.9)
    Hour.objects.sum_up(NOW, 400)
    before = numbers_of(scope_of(), DAY_BY_HOURS, NOW).total
    SyncRun.objects.filter(finished_at__lt=hour_of(NOW)).delete()
    assert numbers_of(scope_of(), DAY_BY_HOURS, NOW).total == before


@pytest.mark.django_db(transaction=True)
def test_the_scheduler_sums_up_and_old_hours_are_forgotten(settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling"}
    automation = Maker().automation()
    now = timezone.now()
    run_of(automation, status="completed", finished_at=hour_of(now) - HOUR)
    Hour.objects.create(hour=now - KEPT - HOUR, counted={})
    tick()

    assert Hour.objects.filter(tenant=None).count() == AT_ONCE
    assert sum(row.counted["completed"] for row in Hour.objects.filter(tenant=automation.tenant)) == 1
    assert not Hour.objects.filter(hour__lt=now - KEPT).exists()


def test_a_period_that_nobody_knows_is_a_day():
    assert [period_of(each).key for each in ("7d", "24h", None, "", "7D", "'; DROP")] == ["7d", *["24h"] * 5]


@pytest.fixture
def many(automations):
    """Twenty thousand runs, and hours of years."""
    whose = {"automation": automations[0], "tenant": automations[0].tenant, "trigger": "manual", "max_attempts": 5}
    at = [NOW - timedelta(minutes=number) for number in range(20_000)]
    SyncRun.objects.bulk_create(SyncRun(**whose, status="completed", finished_at=each) for each in at)
    Hour.objects.bulk_create(Hour(hour=hour_of(NOW) - HOUR * number) for number in range(20_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.only_on("postgresql")
def test_a_day_is_found_without_looking_at_all_runs_and_all_hours(many, automations):
    day = {"finished_at__gte": NOW - HOUR, "finished_at__lt": NOW, "status__in": SyncRun.FINISHED}
    broken = SyncRun.objects.filter(automation=automations[0], status__in=["failed", "dead"]).order_by("-finished_at")
    asked = {
        "finished_runs": SyncRun.objects.filter(**day).values("status"),
        "failures_of_automation": broken.values("finished_at")[:1],
        "one_row_per_hour_for_all": Hour.objects.filter(tenant=None, hour__gte=NOW - HOUR),
        "one_row_per_hour_and_tenant": Hour.objects.filter(tenant=automations[0].tenant, hour__gte=NOW - HOUR),
        "one_row_per_hour": retention.ended()["hours"],
    }
    assert {index: rows.explain() for index, rows in asked.items() if index not in rows.explain()} == {}
