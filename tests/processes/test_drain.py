"""Much more work than quota, and much work at once: nothing is refused, nothing is left over, and nothing lies idle.

The emulator counts as Google does, each account and all of a project together, over any sixty seconds.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from random import Random

import pytest

from sheetsync import trigger
from sheetsync.emulator import Quotas
from sheetsync.execute.opening import pacer_of
from sheetsync.models import Automation, QuotaBucket, SyncAttempt, SyncRun
from sheetsync.sheets.pacing import Rate
from tests.support import paced_settings
from tests.support.crowd import DEFAULTS, Crowd
from tests.support.processes import Children, until
from tests.support.quotas import CountingEmulator, most_in_a_minute
from tests.support.runs import orders_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DUE = int(os.environ.get("SHEETSYNC_DUE", "10000"))
WORKERS = 3
SAMPLE = 200


@pytest.fixture
def crowd(tmp_path, settings):
    """Tenants and automations against an emulator with Google's quotas."""
    emulator = CountingEmulator(strict_auth=True, quotas=Quotas())
    with emulator.serve() as server:
        settings.SHEETSYNC = settings.SHEETSYNC | {"SHEETS_URL": server.url, "DISPATCH": "polling"} | DEFAULTS
        yield Crowd(emulator, server.url, tmp_path)


@pytest.fixture
def children(child_environment, crowd, tmp_path):
    """Workers and schedulers at the product's default rates, or at others: `at(rates, more settings)`."""
    with Children(child_environment | {"DJANGO_SETTINGS_MODULE": "tests.support.paced_settings"}, tmp_path) as children:
        at(children, DEFAULTS, crowd, POLL_SECONDS=0.2, SCHEDULER_SECONDS=0.2)
        yield children


def at(children, rates, crowd, **settings):
    chosen = {"SHEETS_URL": crowd.url, "DISPATCH": "polling", **rates, **settings}
    children.environment[paced_settings.EXTRA] = json.dumps(chosen)


def times(factor):
    """The default rates, and Google's quotas, so many times over."""
    quotas = Quotas(
        user_reads=60 * factor, user_writes=60 * factor, project_reads=300 * factor, project_writes=300 * factor
    )
    return {name: value * factor for name, value in DEFAULTS.items()}, quotas


def drained(crowd, children, number, tenants):
    """So many automations due at one instant, until all are exported. -> seconds until all had a run"""
    rates, crowd.emulator.meter.quotas = times(100)
    at(children, rates, crowd)
    made = [crowd.tenant(f"t{n}") for n in range(tenants)]
    crowd.automations(made, number)
    for child in [children.scheduler(), *(children.worker() for _ in range(WORKERS))]:
        child.says("ready")
    crowd.make_due()
    due_at = time.monotonic()
    until(lambda: SyncRun.objects.count() == number, "a run of every automation", 120, every=0.2)
    born = time.monotonic() - due_at
    until(lambda: not SyncRun.objects.active().exists(), "all runs to be over", number * 0.5 + 60, every=1)
    seconds = time.monotonic() - due_at
    print(
        f"\n{number} due at once: all have a run after {born:.1f} s, drained after {seconds:.0f} s by {WORKERS} workers"
    )
    print(f"{number / seconds:.1f} runs and {len(crowd.emulator.metered) / seconds:.0f} calls a second")
    return born


def all_went_well(crowd, number):
    assert crowd.emulator.refusals() == []
    assert set(SyncRun.objects.values_list("status", "attempts")) == {("completed", 1)}
    assert set(SyncAttempt.objects.values_list("outcome", flat=True)) == {"succeeded"}
    assert SyncRun.objects.count() == SyncAttempt.objects.count() == number
    sample = Random(number).sample(list(Automation.objects.all()), min(number, SAMPLE))
    return crowd.wrong(sample) == []


def test_many_automations_due_at_one_instant_drain_without_a_refusal(crowd, children):
    drained(crowd, children, 60, tenants=10)
    assert all_went_well(crowd, 60)


@pytest.mark.thorough
@pytest.mark.long
def test_ten_thousand_automations_due_at_one_instant_have_their_runs_in_ten_seconds_and_drain(crowd, children):
    assert drained(crowd, children, DUE, tenants=20) < 10
    assert all_went_well(crowd, DUE)


# -- the quotas of Google, the rates of the product


@dataclass(frozen=True)
class Use:
    """Of a stretch of work with more to do than quota: calls of the binding kind, and what there was for it."""

    kind: str
    calls: int
    paced: float
    allowed: float

    def __str__(self) -> str:
        paced, allowed = self.calls / self.paced, self.calls / self.allowed
        return f"{self.calls} {self.kind}s: {paced:.1%} of what the pace allows, {allowed:.1%} of Google's quota"


def used(crowd, seconds, rate, allowed):
    """What was made of the seconds since the first call. `rate`: of the bucket that binds; `allowed`: Google's."""
    calls = {kind: crowd.emulator.accepted(kind) for kind in ("read", "write")}
    kind = max(calls, key=lambda each: len(calls[each]))
    began = min(calls[kind])
    within = sum(1 for moment in calls[kind] if moment < began + seconds)
    return Use(kind, within, rate.burst + seconds / rate.interval, allowed * seconds / 60)


def worked_for(crowd, children, seconds, workers):
    """So many workers, for so long since the first call. What they have is put back."""
    hands = [children.worker(POLL_SECONDS=0.2) for _ in range(workers)]
    until(lambda: crowd.emulator.metered, "the first call", every=0.01)
    time.sleep(seconds + 1)
    for hand in hands:
        hand.signal(signal.SIGTERM)
    for hand in hands:
        assert hand.wait(30) == 0, hand.output
    print(
        f"\n{SyncRun.objects.filter(status='completed').count()} runs completed in {seconds} s by {workers} workers, ",
        end="",
    )
    print(f"{SyncAttempt.objects.count()} claimed, {len(crowd.emulator.refusals())} calls refused")


@pytest.mark.thorough
@pytest.mark.long
def test_eight_accounts_of_a_project_use_its_quota_and_are_never_refused(crowd, children):
    automations = crowd.automations([crowd.tenant(f"t{n}") for n in range(8)], 800)
    crowd.ask_for_runs(automations)
    worked_for(crowd, children, 300, workers=6)
    use = used(crowd, 300, Rate(per_minute=270, burst=25), 300)
    print(use)
    assert crowd.emulator.refusals() == [] and use.calls >= 0.95 * use.paced
    assert crowd.wrong(each.automation for each in SyncRun.objects.filter(status="completed")[:SAMPLE]) == []


@pytest.mark.thorough
@pytest.mark.long
def test_workers_of_one_account_use_its_quota_and_are_never_refused(crowd, children):
    automations = crowd.automations([crowd.tenant("alone", max_concurrent_runs=6)], 120)
    crowd.ask_for_runs(automations)
    worked_for(crowd, children, 120, workers=6)
    use = used(crowd, 120, Rate(per_minute=54, burst=6), 60)
    print(use)
    assert crowd.emulator.refusals() == [] and use.calls >= 0.95 * use.paced


@pytest.mark.thorough
@pytest.mark.long
def test_workers_find_out_a_quota_of_half_their_rate_and_keep_to_it(crowd, children):
    """Somebody else uses the other half, or Google allows less. Ten times the default rates, so that there is much."""
    rates, _ = times(10)
    crowd.emulator.meter.quotas = Quotas(user_reads=600, user_writes=300, project_reads=None, project_writes=None)
    at(children, rates, crowd)
    crowd.ask_for_runs(crowd.automations([crowd.tenant("alone", max_concurrent_runs=3)], 600))
    worked_for(crowd, children, 300, workers=3)
    writes, refused = crowd.emulator.accepted("write"), crowd.emulator.refusals()
    share = QuotaBucket.objects.exclude(subject="").get(name__endswith="write").share
    print(f"{len(writes) / 5:.0f} of 300 writes a minute, {len(refused)} refused; {share:.0%} of the rate in the end")
    assert len(writes) >= 0.75 * 300 * 5 and len(refused) <= 0.04 * len(writes) and 0.4 < share < 0.9
    assert most_in_a_minute(writes) <= 300 and not SyncRun.objects.filter(status__in=["dead", "failed"]).exists()


# -- who comes first


SLOW = {"READS_PER_MINUTE": 120, "WRITES_PER_MINUTE": 120, "BURST": 3, "LONGEST_WAIT_SECONDS": 3.0}


def an_export(crowd, tenant, children, batches):
    """Of so many batches of five orders, begun by a worker."""
    crowd.set_orders(tenant, orders_of(5 * batches))
    export, small = crowd.automations([tenant], 2)
    crowd.ask_for_runs([export])
    until(lambda: crowd.emulator.spreadsheet(export.spreadsheet_id).writes > 4, "the export to be under way")
    return export, small


def a_webhook(automation):
    return trigger.request_run(automation, trigger=SyncRun.Trigger.WEBHOOK, order_ids=["00001"]).run


def seconds_until_done(run):
    asked = time.monotonic()
    until(lambda: SyncRun.objects.filter(pk=run.pk, status="completed").exists(), f"run {run.pk} to be completed", 90)
    return time.monotonic() - asked


def test_a_webhook_run_is_done_soon_while_an_export_uses_up_the_same_account(crowd, children):
    crowd.emulator.meter.quotas = None
    at(children, SLOW, crowd, MAX_GROUPS_PER_BATCH=5)
    for _ in range(2):
        children.worker().says("ready")
    export, small = an_export(crowd, crowd.tenant("alone"), children, batches=300)
    before = len(crowd.emulator.metered)
    run = a_webhook(small)
    seconds = seconds_until_done(run)
    calls = crowd.emulator.metered[before:]
    own = [call for call in calls if call.run == run.correlation_id]
    print(f"\nthe webhook's run was done after {seconds:.1f} s: {len(own)} calls of its own, {len(calls)} in all")
    # The export makes a call for each of its calls, and those that were asked for before.
    assert len(calls) <= 3 * len(own) + 6
    assert SyncRun.objects.get(automation=export).status == "running"


def test_with_a_single_worker_a_webhook_run_comes_after_one_slice_of_the_export(crowd, children):
    crowd.emulator.meter.quotas = None
    at(children, SLOW, crowd, MAX_GROUPS_PER_BATCH=5, SLICE_SECONDS=4)
    children.worker().says("ready")
    export, small = an_export(crowd, crowd.tenant("alone"), children, batches=300)
    slices = export.runs.get().attempt_log.get().slices
    run = a_webhook(small)
    seconds_until_done(run)
    assert run.attempt_log.get().slices <= 2
    assert export.runs.get().attempt_log.get().slices <= slices + run.attempt_log.get().slices


def test_workers_do_not_wait_for_a_blocked_account_while_others_have_work(crowd, children):
    crowd.emulator.meter.quotas = None
    at(children, DEFAULTS | {"READS_PER_MINUTE": 5_400, "WRITES_PER_MINUTE": 5_400, "BURST": 600}, crowd)
    busy, calm = crowd.tenant("busy", max_concurrent_runs=9), crowd.tenant("calm")
    crowd.ask_for_runs(blocked := crowd.automations([busy], 50))
    pacer_of(busy.accounts.get().subject, "").back_off("read", 600)
    crowd.ask_for_runs(crowd.automations([calm], 10))
    for _ in range(2):
        children.worker()
    until(lambda: SyncRun.objects.filter(tenant=calm, status="completed").count() == 10, "the calm tenant's runs", 60)
    # Whoever knows that the account waits does not even try.
    assert SyncAttempt.objects.filter(run__automation__in=blocked).count() == 0
