"""What Prometheus is told, at what cost, and who may ask."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from sheetsync.execute import execute_next
from sheetsync.metrics.families import Families
from sheetsync.models import Automation, Pulse, QuotaBucket, SyncAttempt, SyncRun, Totals
from sheetsync.models.fields import database_time
from tests.support.making import Maker
from tests.support.runs import LEASE, orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
TOKEN = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def configure(settings):
    def put(**values):
        settings.SHEETSYNC = settings.SHEETSYNC | values

    put(DISPATCH="polling", METRICS_TOKEN=TOKEN)
    return put


@pytest.fixture
def scrape(client):
    """-> {series: value}, such as `sheetsync_runs{status="dead"}`."""

    def scrape():
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200 and response["Cache-Control"].count("no-store")
        lines = [line for line in response.text.splitlines() if not line.startswith("#")]
        return {series: float(value) for series, _, value in (line.rpartition(" ") for line in lines)}

    return scrape


def ended_run(automation, status="completed", outcome="succeeded", **values):
    """A run of one attempt that took 20 seconds."""
    times = {"started_at": Now() - timedelta(seconds=20), "finished_at": Now()}
    owner = {"automation": automation, "tenant": automation.tenant, "trigger": "manual", "max_attempts": 5}
    run = SyncRun.objects.create(**owner, attempts=1, status=status, **times)
    SyncAttempt.objects.create(run=run, number=1, worker="w", outcome=outcome, **times, **values)
    return run


def a_minute_later():
    """All that has happened was a minute earlier."""
    minute = timedelta(minutes=1)
    for model in (SyncRun, SyncAttempt):
        model.objects.filter(finished_at__isnull=False).update(
            started_at=F("started_at") - minute, finished_at=F("finished_at") - minute
        )
    Totals.objects.update(until=F("until") - minute)


# Who may ask


def test_without_a_token_in_the_settings_there_is_nothing(client, configure):
    configure(METRICS_TOKEN=None)
    assert client.get("/metrics").status_code == 404


def test_on_a_desk_no_token_is_needed(client, configure, settings):
    configure(METRICS_TOKEN=None)
    settings.DEBUG = True
    assert "sheetsync_ready" in client.get("/metrics").text


@pytest.mark.parametrize(
    "shown", [None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", "Bearer \u00fc"]
)
@pytest.mark.parametrize("debug", [True, False])
def test_who_does_not_show_the_token_is_told_nothing(client, settings, shown, debug):
    settings.DEBUG = debug
    response = client.get("/metrics", headers={"Authorization": shown} if shown is not None else {})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert "sheetsync" not in response.text and TOKEN not in response.text


def test_without_prometheus_client_there_is_nothing(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_nothing_can_be_posted(client):
    assert client.post("/metrics").status_code == 405


# The format


@pytest.mark.parametrize(
    ("accept", "content_type", "parse"),
    [
        ("", "text/plain; version=0.0.4", parse_text),
        (OPENMETRICS, OPENMETRICS, parse_openmetrics),
    ],
)
def test_both_formats_are_well_formed_and_every_series_has_help(client, accept, content_type, parse):
    ended_run(Maker().automation())
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Accept": accept})
    families = list(parse(response.text))
    assert response["Content-Type"].startswith(content_type)
    assert len(families) > 15 and all(family.documentation and family.samples for family in families)
    assert all(family.name.startswith("sheetsync_") for family in families)


def test_every_series_of_a_counter_is_there_from_the_beginning(scrape):
    """Or Prometheus would not see the first dead run: an increase needs a value before it."""
    told = scrape()
    assert told['sheetsync_runs_finished_total{status="dead"}'] == 0
    assert told['sheetsync_attempts_total{outcome="lost"}'] == 0
    assert told['sheetsync_google_calls_total{kind="write"}'] == 0


def test_nobody_is_named(client):
    automation = Maker().automation()
    ended_run(automation)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    named = (automation.tenant.name, automation.name, automation.spreadsheet_id, "@example.com", "automation=")
    assert not [each for each in named if each in text]


def test_an_automation_has_a_series_of_its_own_where_that_is_asked_for(scrape, configure):
    automation = Maker().automation()
    ended_run(automation)
    configure(METRICS_PER_AUTOMATION=True)
    assert scrape()[f'sheetsync_automation_freshness_seconds{{automation="{automation.pk}"}}'] < 10


def test_the_page_for_operators_lists_every_metric_and_no_other(client, configure):
    configure(METRICS_PER_AUTOMATION=True)
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    told = set(re.findall("^# TYPE (\\w+)", text, re.MULTILINE))
    page = (Path(__file__).parent.parent / "docs" / "operations.md").read_text()
    listed = set(re.findall(r"^\| `(sheetsync_\w+)` \|", page, re.MULTILINE))
    assert listed == {name for name in told if not name.endswith(("_gcount", "_gsum"))}
    suffixes = re.compile("_(bucket|count|sum)$")
    assert {suffixes.sub("", name) for name in re.findall(r"sheetsync_\w+", page)} <= listed


# What is


def test_runs_are_counted_by_status(scrape):
    make = Maker()
    for status in ("failed", "dead", "dead", "completed"):
        ended_run(make.automation(), status, "failed")
    run_of(make.automation())
    told = scrape()
    counted = {
        status: told[f'sheetsync_runs{{status="{status}"}}'] for status in ("pending", "running", "failed", "dead")
    }
    assert counted == {"pending": 1, "running": 0, "failed": 1, "dead": 2}


def test_it_says_how_long_ready_runs_wait(scrape):
    run_of(Maker().automation())
    SyncRun.objects.update(next_attempt_at=Now() - timedelta(seconds=40))
    told = scrape()
    assert told["sheetsync_runs_ready"] == 1 and 40 <= told["sheetsync_queue_age_seconds"] < 45


@pytest.mark.parametrize(("reason", "label"), [("the quota is used up", "quota"), ("another attempt after X", "retry")])
def test_it_says_what_waiting_runs_wait_for(scrape, reason, label):
    run_of(Maker().automation())
    SyncRun.objects.update(next_attempt_at=Now() + timedelta(seconds=40), waiting_for=reason)
    told = scrape()
    waiting = {name: told[f'sheetsync_runs_waiting{{reason="{name}"}}'] for name in ("quota", "retry")}
    assert waiting == {"quota": 0, "retry": 0} | {label: 1} and told["sheetsync_runs_ready"] == 0


def test_a_run_that_takes_long_is_stuck(scrape):
    run_of(Maker().automation())
    SyncRun.objects.claim("w", LEASE)
    SyncRun.objects.update(started_at=Now() - timedelta(seconds=3_601))
    assert scrape()["sheetsync_runs_stuck"] == 1


def test_schedules_that_nobody_started_are_late(scrape):
    automation = Maker().automation(schedule_enabled=True, cron="0 5 * * *")
    Automation.objects.filter(pk=automation.pk).update(next_run_at=Now() - timedelta(seconds=70))
    told = scrape()
    assert told["sheetsync_schedules_due"] == 1 and 70 <= told["sheetsync_schedule_lateness_seconds"] < 75


def test_the_fullest_bucket_of_each_scope_is_told(scrape):
    soon = database_time(QuotaBucket).timestamp() + 30
    for name, arrival in (("account a read", soon), ("account b read", soon - 20), ("project a write", 5)):
        QuotaBucket.objects.create(name=name, arrival=arrival)
    told = scrape()
    assert 25 < told['sheetsync_quota_backlog_seconds{kind="read",scope="account"}'] <= 30
    assert told['sheetsync_quota_backlog_seconds{kind="write",scope="project"}'] == 0


def test_what_refusals_taught_is_told_until_it_is_forgotten(scrape):
    now = database_time(QuotaBucket).timestamp()
    for name, ago in (("account a write", 60), ("project a read", 7_000)):
        QuotaBucket.objects.create(name=name, share=0.5, cut_at=now - ago, subject="a", free_at=now + 60)
    told = scrape()
    shares = [told[f'sheetsync_quota_share_ratio{{kind="{kind}",scope="account"}}'] for kind in ("read", "write")]
    assert shares == [1, pytest.approx(0.51, abs=0.002)] and told["sheetsync_quota_accounts_waiting"] == 1
    assert told['sheetsync_quota_share_ratio{kind="read",scope="project"}'] == 1


def test_signs_of_life_grow_old_and_what_never_lived_is_not_there(scrape):
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    Pulse.objects.update(beaten_at=Now() - timedelta(seconds=61))
    told = scrape()
    assert told['sheetsync_pulse_age_seconds{pulse="scheduler"}'] >= 61
    assert 'sheetsync_pulse_age_seconds{pulse="cluster"}' not in told
    assert told["sheetsync_ready"] == 0 and told['sheetsync_check_ok{check="scheduler"}'] == 0


def test_automations_are_as_fresh_as_their_last_completed_run(scrape):
    make = Maker()
    old, never = make.automation(), make.automation(schedule_enabled=True)
    for hours in (30, 4):
        ended_run(old)
        SyncRun.objects.filter(finished_at__gt=Now() - timedelta(hours=1)).update(
            created_at=Now() - timedelta(hours=hours), finished_at=Now() - timedelta(hours=hours)
        )
    ended_run(old, "dead")
    Automation.objects.filter(pk=never.pk).update(created_at=Now() - timedelta(days=30))
    told = scrape()
    within = [told[f'sheetsync_freshness_seconds_bucket{{le="{le}",scheduled="no"}}'] for le in ("10800.0", "43200.0")]
    assert within == [0, 1] and told['sheetsync_freshness_seconds_bucket{le="+Inf",scheduled="yes"}'] == 1
    assert told['sheetsync_oldest_freshness_seconds{scheduled="yes"}'] > 29 * 86_400


# What happened


def test_a_run_through_all_is_counted_once_it_is_over(world, scrape):
    scrape()
    run_of(world.automation(orders=orders_of(7)))
    execute_next()
    a_minute_later()
    for _ in range(2):
        told = scrape()
        assert told['sheetsync_attempts_total{outcome="succeeded"}'] == 1
        assert told['sheetsync_runs_finished_total{status="completed"}'] == 1
        assert told['sheetsync_rows_total{result="written"}'] == 7
    assert min(told[f'sheetsync_google_calls_total{{kind="{kind}"}}'] for kind in ("read", "write")) > 0


def test_calls_and_rows_are_those_of_the_attempt_and_not_of_the_run(world, scrape):
    scrape()
    run = run_of(world.automation(orders=orders_of(7)))
    world.emulator.faults.add("status", "batchUpdate", status=503, times=1_000)
    execute_next()
    world.emulator.faults.clear()
    SyncRun.objects.update(next_attempt_at=Now())
    execute_next()
    run.refresh_from_db()
    attempts = SyncAttempt.objects.order_by("number")
    assert [each.outcome for each in attempts] == ["failed", "succeeded"]
    assert sum(each.reads for each in attempts) == run.counters["reads"] > attempts[0].reads > 0
    assert sum(each.calls for each in attempts) == run.counters["calls"]
    assert sum(each.written for each in attempts) == 7


def test_durations_are_a_histogram(scrape):
    scrape()
    ended_run(Maker().automation())
    a_minute_later()
    told = scrape()
    name = "sheetsync_run_duration_seconds"
    within = [told[f'{name}_bucket{{le="{le}",status="completed"}}'] for le in ("10.0", "30.0", "10800.0", "+Inf")]
    assert within == [0, 1, 1, 1]
    assert 19 < told[f'{name}_sum{{status="completed"}}'] < 21 and told[f'{name}_count{{status="completed"}}'] == 1


def test_counters_do_not_fall_when_what_they_counted_is_forgotten(scrape):
    scrape()
    run = ended_run(Maker().automation(), calls=9, reads=5, rows=70, written=40)
    a_minute_later()
    before = scrape()
    run.delete()
    a_minute_later()
    after = scrape()
    totals = [name for name in before if "_total{" in name or "_duration_" in name]
    assert len(totals) > 40 and [after[name] for name in totals] == [before[name] for name in totals]
    assert after['sheetsync_google_calls_total{kind="write"}'] == 4
    assert after['sheetsync_rows_total{result="unchanged"}'] == 30


def test_what_ended_before_the_first_scrape_is_not_counted(scrape):
    ended_run(Maker().automation())
    a_minute_later()
    scrape()
    a_minute_later()
    assert scrape()['sheetsync_attempts_total{outcome="succeeded"}'] == 0


def test_after_a_long_silence_it_catches_up_in_steps(scrape):
    scrape()
    ended_run(Maker().automation())
    for model in (SyncRun, SyncAttempt):
        model.objects.update(started_at=Now() - timedelta(hours=5), finished_at=Now() - timedelta(hours=5))
    Totals.objects.update(until=Now() - timedelta(hours=14))
    assert [scrape()['sheetsync_attempts_total{outcome="succeeded"}'] for _ in range(3)] == [0, 1, 1]
    assert database_time(Totals) - Totals.objects.get().until < timedelta(minutes=1)


def test_an_end_may_be_committed_a_little_later_than_it_says(scrape):
    scrape()
    a_minute_later()
    scrape()
    ended_run(Maker().automation())
    SyncAttempt.objects.update(finished_at=Now() - timedelta(seconds=20))
    assert scrape()['sheetsync_attempts_total{outcome="succeeded"}'] == 0
    a_minute_later()
    assert scrape()['sheetsync_attempts_total{outcome="succeeded"}'] == 1


def test_of_two_scrapes_at_the_same_moment_one_counts(scrape):
    scrape()
    ended_run(Maker().automation())
    a_minute_later()
    others = []

    def another_comes_first(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "sheetsync_totals" in sql and not others:
            others.append(None)
            others.append(Totals.objects.count_up(database_time(Totals)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(another_comes_first):
        told = scrape()
    assert others[1]["attempts succeeded"] == 1 == told['sheetsync_attempts_total{outcome="succeeded"}']
    assert scrape()['sheetsync_attempts_total{outcome="succeeded"}'] == 1


# What it costs


def test_a_scrape_is_seventeen_statements_however_much_there_is(scrape, configure):
    make = Maker()
    configure(METRICS_PER_AUTOMATION=True)
    scrape()
    for number in range(12):
        if number in (1, 11):
            a_minute_later()
            with CaptureQueriesContext(connection) as made:
                scrape()
            assert len(made) == 17
        ended_run(make.automation(schedule_enabled=True), "dead")


def test_no_statement_of_a_scrape_looks_at_all_runs():
    automation = Maker().automation()
    now = database_time(SyncRun)
    ends = {"finished_at": now - timedelta(days=3)}
    owner = {"automation": automation, "tenant": automation.tenant, "trigger": "manual", "max_attempts": 5}
    runs = [SyncRun(**owner, **ends, status="completed") for _ in range(2_000)]
    runs = SyncRun.objects.bulk_create(runs)
    SyncAttempt.objects.bulk_create(SyncAttempt(run=run, number=1, worker="w", outcome="lost", **ends) for run in runs)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Families().collect()
    with CaptureQueriesContext(connection) as made:
        Families().collect()
    asked = [query["sql"] for query in made if re.search("FROM .sheetsync_sync(run|attempt)", query["sql"])]
    assert len(asked) == 9 and not [sql for sql in asked if whole_tables(sql)]


def whole_tables(sql):
    """The steps of the plan that read a table of history from one end to the other."""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        steps = [str(row[-1]) for row in cursor.fetchall()]
    whole = re.compile(
        r"^SCAN sheetsync_sync\w+\b(?! USING (COVERING )?INDEX (ready|running))|Seq Scan on sheetsync_sync"
    )
    return [step for step in steps if whole.search(step)]


def test_of_a_database_that_does_not_answer_only_that_is_told(scrape):
    def refuse(*call):
        raise OperationalError("password=hush-hush")

    with connection.execute_wrapper(refuse):
        told = scrape()
    assert (told["sheetsync_ready"], told['sheetsync_check_ok{check="database"}'], len(told)) == (0, 0, 3)
