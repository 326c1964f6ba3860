"""What goes wrong in real life, done to the real processes, and what becomes of it. Each claim is checked."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from project.demonstration import exports
from project.demonstration.stage import Stage
from sheetsync import trigger
from sheetsync.conf import settings as conf
from sheetsync.errors import RunRefused
from sheetsync.models import Automation, GoogleAccount, SyncAttempt, SyncRun

Status = SyncRun.Status
FOR_EVER = 1_000_000
UNKNOWN = "1Nobody-Has-A-Spreadsheet-With-This-Id"
LAST_CALL = "the killed worker's last call"
CALLS_BEFORE = 4
"""Calls that write before the one at which the worker dies: two that set the tab up, and two batches."""


def failures(stage: Stage) -> list[SyncRun]:
    """All five. -> their runs. Raises CommandError where one does not end as it says."""
    stage.title("When things go wrong")
    defaults = type(conf)
    stage.say(
        f"waits are short here: leases of {conf.LEASE_SECONDS:g} s, {conf.MAX_ATTEMPTS} attempts, the first retry "
        f"within {conf.RETRY_BASE_SECONDS:g} s. A site's own, unless it says otherwise: "
        f"{defaults.LEASE_SECONDS.default:g} s, {defaults.MAX_ATTEMPTS.default}, "
        f"{defaults.RETRY_BASE_SECONDS.default:g} s"
    )
    automation = stage.automations[0]
    chapters = (unavailable, over_quota, gone, revoked, killed)
    return [run for chapter in chapters for run in chapter(stage, automation)]


def unavailable(stage: Stage, automation: Automation) -> list[SyncRun]:
    """Google is away for a moment: the run is tried again by itself."""
    stage.title("a. The Sheets API answers 503, and 503 again, and then it is back")
    stage.live_a_day()
    path = f"/v4/spreadsheets/{automation.spreadsheet_id}"
    with stage.emulator.misbehaving("status", status=503, match=path, times=2):
        run = stage.request(automation)
        stage.watch(run)
    stage.expect(run, Status.COMPLETED)
    if run.attempts < 2:
        raise CommandError(f"run {run.pk} has {run.attempts} attempt: two answers of 503 should have ended one")
    _tell(stage, run)
    stage.say(f"nobody had to do anything; {stage.equal(automation)}")
    return [run]


def over_quota(stage: Stage, automation: Automation) -> list[SyncRun]:
    """Google refuses for longer than a run has attempts: it is dead, and replayed once the cause is gone."""
    stage.title("b. It answers 429 for ever: the run is dead after its last attempt, and replayed when that is mended")
    stage.live_a_day()
    path = f"{automation.spreadsheet_id}:batchUpdate"
    with stage.emulator.misbehaving("status", status=429, match=path, times=FOR_EVER):
        run = stage.request(automation)
        stage.watch(run)
    stage.expect(run, Status.DEAD)
    stage.judge(run.attempts, run.max_attempts, f"attempts of run {run.pk}")
    _tell(stage, run, "the fault is removed; then Replay on the run's page in the admin, or trigger.replay(run)")
    before = _stored(run)
    replay = trigger.replay(run)
    stage.watch(replay)
    stage.expect(replay, Status.COMPLETED)
    stage.judge((replay.replay_of_id, replay.replay_of_attempt), (run.pk, run.attempts), "what the new run replays")
    stage.judge(_stored(run), before, f"the rows of run {run.pk} and of its attempts in the database")
    _tell(stage, replay)
    stage.say(f"run {run.pk} and its attempts stand in the database as they stood; {stage.equal(automation)}")
    return [run, replay]


def gone(stage: Stage, automation: Automation) -> list[SyncRun]:
    """The same again would fail again: it is not tried again, and the automation says what its owner has to mend."""
    stage.title("c. The spreadsheet is gone: the run has failed at once, and is tried again when the id is right")
    stage.live_a_day()
    right = automation.spreadsheet_id
    exports.move(automation, UNKNOWN)
    run = stage.request(automation)
    stage.watch(run)
    stage.expect(run, Status.FAILED)
    automation.refresh_from_db()
    stage.judge(automation.problem, run.error, "the problem that the automation shows")
    _tell(stage, run, "the automation gets the right id; then Retry on the run's page, or trigger.retry(run)")
    exports.move(automation, right)
    _retry(stage, run)
    automation.refresh_from_db()
    stage.judge(automation.problem, "", "the problem that the automation shows")
    stage.say(f"it is the same run; {stage.equal(automation)}")
    return [run]


def revoked(stage: Stage, automation: Automation) -> list[SyncRun]:
    """The account's owner took the grant back: nothing runs with it until it is connected again."""
    stage.title("d. The account's grant is revoked: the run has failed, and the account waits for its owner")
    stage.live_a_day()
    account = GoogleAccount.objects.get(tenant=automation.tenant_id)
    with stage.emulator.revoked():
        run = stage.request(automation)
        stage.watch(run)
        stage.expect(run, Status.FAILED)
        account.refresh_from_db()
        stage.judge(account.status, GoogleAccount.Status.NEEDS_OWNER, "the account's status")
        _tell(stage, run)
        stage.say(f"new runs are refused: {_refusal(automation)}")
    stage.say("to mend it: Use it again on the account's page, or account.reconnect(); then Retry on the run's page")
    account.reconnect()
    _retry(stage, run)
    stage.say(stage.equal(automation))
    return [run]


def killed(stage: Stage, automation: Automation) -> list[SyncRun]:
    """A worker dies holding a lease, with a call under way: another goes on, and that call is refused when it lands."""
    stage.title("e. A worker is killed in the middle: another goes on where it stopped")
    warehouse = exports.automation(automation.tenant, automation.spreadsheet_id, "warehouse", rows_per="order")
    with stage.emulator.misbehaving("hold", name=LAST_CALL, after=CALLS_BEFORE):
        run = stage.request(warehouse)
        stage.until(stage.emulator.held, "a call to be held")
        run.refresh_from_db()
        _kill(stage, run)
        stage.watch(run)
        landed = _let_it_land(stage)
    stage.expect(run, Status.COMPLETED)
    outcomes = [attempt.outcome for attempt in _attempts(run)]
    stage.judge((outcomes[0], outcomes[-1]), ("lost", "succeeded"), f"the attempts of run {run.pk}")
    stage.judge(landed, 400, "the answer to the call that was under way")
    _tell(stage, run)
    stage.say("the killed worker's last call arrives late, and is refused: its number is taken")
    stage.say(stage.equal(warehouse))
    return [run]


def _kill(stage: Stage, run: SyncRun) -> None:
    worker = int(run.lease_worker.rpartition(":")[2])
    os.kill(worker, signal.SIGKILL)
    written = run.counters.get("orders", 0)
    stage.say(f"kill -9 {worker}: it held the lease of run {run.pk}, and had written {written:,} orders")
    if not 0 < written < run.total_orders:
        raise CommandError(f"that was not the middle: {written} of {run.total_orders} orders")


def _let_it_land(stage: Stage) -> int:
    """-> the status that the call is answered with, though nobody listens any more"""
    before = len(stage.emulator.calls())
    stage.emulator.release(LAST_CALL)
    stage.until(lambda: len(stage.emulator.calls()) > before, "the late call to land")
    return int(stage.emulator.calls()[before]["status"])


def _retry(stage: Stage, run: SyncRun) -> None:
    trigger.retry(run)
    stage.watch(run)
    stage.expect(run, Status.COMPLETED)
    _tell(stage, run)


def _refusal(automation: Automation) -> str:
    try:
        trigger.request_run(automation, trigger=SyncRun.Trigger.MANUAL)
    except RunRefused as refused:
        return str(refused)
    raise CommandError("a new run was not refused")


def _tell(stage: Stage, run: SyncRun, mend: str = "") -> None:
    """What became of it, attempt by attempt."""
    what = f"run {run.pk} is {run.status}, attempts {run.attempts}"
    stage.say(f"{what}, correlation id {run.correlation_id}")
    for attempt in _attempts(run):
        error = f": {attempt.error_type}: {attempt.error}" if attempt.error_type else ""
        stage.detail(f"attempt {attempt.number}, worker {attempt.worker.rpartition(':')[2]}, {attempt.outcome}{error}")
    if mend:
        stage.say(f"to mend it: {mend}")


def _attempts(run: SyncRun) -> list[SyncAttempt]:
    return list(run.attempt_log.order_by("number"))


def _stored(run: SyncRun) -> list[Any]:
    """The rows of a run and of its attempts as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {SyncRun._meta.db_table} WHERE id = %s", [run.pk])  # noqa: S608 - our own table
        rows = cursor.fetchall()
        cursor.execute(f"SELECT * FROM {SyncAttempt._meta.db_table} WHERE run_id = %s ORDER BY id", [run.pk])  # noqa: S608
        return [*rows, *cursor.fetchall()]
