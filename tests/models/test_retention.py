"""Finished runs, and what nobody needs any more, are forgotten in time, and never anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from sheetsync.models import ApiToken, AuditEntry, IdempotencyKey, InstallCode, SyncAttempt, SyncRun
from sheetsync.models.retention import ended, forget, kept_for, outlived, prune
from tests.support.making import Maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def automation():
    return Maker().automation()


def a_run(automation, status="completed", days=0):
    run = SyncRun(tenant=automation.tenant, automation=automation, trigger="manual", max_attempts=5, status=status)
    if status in SyncRun.FINISHED:
        run.finished_at = Now() - timedelta(days=days, hours=1)
    run.save()
    return run


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        ("completed", 6, True),
        ("completed", 7, False),
        ("canceled", 7, False),
        ("failed", 89, True),
        ("failed", 90, False),
        ("dead", 89, True),
        ("dead", 90, False),
        ("pending", 0, True),
    ],
)
def test_a_run_is_kept_for_as_long_as_its_end_deserves(automation, status, days, kept):
    run = a_run(automation, status, days)
    a_run(automation, "completed")
    prune()
    assert SyncRun.objects.filter(pk=run.pk).exists() is kept


def test_the_last_run_of_an_automation_stays(automation):
    run = a_run(automation, days=400)
    assert prune() == 0 and SyncRun.objects.get() == run


def test_attempts_go_with_their_run_and_replays_stay(automation):
    old = a_run(automation, "dead", days=91)
    SyncAttempt.objects.create(run=old, number=1, worker="w")
    replay = a_run(automation)
    SyncRun.objects.filter(pk=replay.pk).update(replay_of=old)
    assert prune() == 1
    replay.refresh_from_db()
    assert replay.replay_of is None and not SyncAttempt.objects.exists()


def test_a_batch_takes_the_oldest_first(automation):
    runs = [a_run(automation, days=days) for days in (10, 30, 20, 0)]
    assert prune(most=2) == 2
    assert set(SyncRun.objects.all()) == {runs[0], runs[3]}


def test_the_command_takes_all_batches_and_says_so(automation, capsys, monkeypatch):
    for _ in range(5):
        a_run(automation, days=10)
    monkeypatch.setattr(forget, "__defaults__", (2,))
    call_command("prune", "--dry-run")
    call_command("prune")
    assert capsys.readouterr().out.splitlines() == [
        "4 runs would be forgotten: completed ones stay 7 days, failed ones 90",
        "4 runs were forgotten: completed ones stay 7 days, failed ones 90",
    ]


def test_looking_for_them_does_not_look_at_all_runs(automation):
    SyncRun.objects.bulk_create(
        SyncRun(
            tenant=automation.tenant,
            automation=automation,
            trigger="manual",
            max_attempts=5,
            status="completed" if number % 2 else "dead",
            finished_at=datetime.now(UTC) - timedelta(days=number % 7),
        )
        for number in range(3_000)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sheetsync_syncrun")
    assert all("finished_runs" in outlived(status).explain() for status in kept_for())


def ago(days):
    return Now() - timedelta(days=days)


def a_code(tenant, days):
    return InstallCode.objects.create(tenant=tenant, digest=f"{days}", expires_at=ago(days))


def a_dead_token(tenant, days):
    return ApiToken.objects.create(tenant=tenant, name="ci", digest=f"{days}", scope="read", expires_at=ago(days))


def a_key(tenant, days):
    return IdempotencyKey.objects.create(tenant=tenant, key=f"{days}", status=201, expires_at=ago(days))


def an_entry(tenant, days):
    return AuditEntry.objects.create(tenant=tenant, actor_kind="system", action="x.done", at=ago(days))


@pytest.mark.parametrize(
    ("make", "days", "kept"),
    [
        (a_code, 29, True),
        (a_code, 31, False),
        (a_dead_token, 89, True),
        (a_dead_token, 91, False),
        (a_key, -1, True),
        (a_key, 1, False),
        (an_entry, 364, True),
        (an_entry, 366, False),
    ],
)
def test_what_has_ended_is_kept_for_a_while(automation, make, days, kept):
    row = make(automation.tenant, days)
    assert prune() == 1 - kept
    assert type(row).objects.filter(pk=row.pk).exists() is kept


def test_a_token_that_never_ends_stays(automation):
    ApiToken.objects.create(tenant=automation.tenant, name="ci", digest="1", scope="read", created_at=ago(4_000))
    assert prune() == 0


def test_how_long_the_audit_history_is_kept_is_a_setting(automation, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"KEEP_AUDIT_DAYS": 10}
    for days in (9, 11):
        an_entry(automation.tenant, days)
    assert forget() == {"audit entries": 1}


def test_a_code_is_remembered_when_its_token_is_forgotten(automation):
    token = a_dead_token(automation.tenant, 100)
    code = InstallCode.objects.create(
        tenant=automation.tenant, digest="c", expires_at=Now(), used_at=Now(), token=token
    )
    assert forget() == {"API tokens": 1}
    code.refresh_from_db()
    assert code.token is None and code.used_at


def test_a_batch_takes_the_oldest_of_them_first(automation):
    keys = [a_key(automation.tenant, days) for days in (1, 3, 2)]
    assert forget(most=2) == {"idempotency keys": 2}
    assert IdempotencyKey.objects.get() == keys[0]


def test_where_there_is_nothing_to_forget_nothing_is_locked(automation):
    with CaptureQueriesContext(connection) as asked:
        prune()
    assert {query["sql"].split()[0] for query in asked} == {"SELECT"}


def test_the_command_tells_what_else_it_forgot(automation, capsys):
    for make in (a_key, an_entry):
        make(automation.tenant, 400)
    call_command("prune", "--dry-run")
    call_command("prune")
    runs, rest, runs_again, rest_again = capsys.readouterr().out.splitlines()
    assert runs.startswith("0 runs would be forgotten") and runs_again.startswith("0 runs were forgotten")
    assert rest == rest_again == "and beside them 1 idempotency keys, 1 audit entries"


def many(model, **values):
    return model.objects.bulk_create(
        model(**{name: make(number) for name, make in values.items()}) for number in range(3_000)
    )


def test_looking_for_them_does_not_look_at_all_either(automation):
    tenant = automation.tenant
    later = {"tenant": lambda n: tenant, "expires_at": lambda n: datetime.now(UTC) + timedelta(days=n % 300)}
    many(InstallCode, **later, digest=lambda n: f"{n}")
    many(ApiToken, **later, digest=lambda n: f"{n}", name=lambda n: f"{n}", scope=lambda n: "read")
    many(IdempotencyKey, **later, key=lambda n: f"{n}")
    at = {"at": lambda n: datetime.now(UTC) - timedelta(days=n % 300)}
    many(AuditEntry, **at, actor_kind=lambda n: "system", action=lambda n: "x.done")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    indexes = {
        "install codes": "codes_by_end",
        "API tokens": "tokens_by_end",
        "idempotency keys": "request_keys_by_end",
        "audit entries": "audit_by_age",
    }
    plans = {kind: ended()[kind].explain() for kind in indexes}
    assert all(indexes[kind] in plan for kind, plan in plans.items()), plans
