"""Whoever opens, closes or sends dies before and after every statement: nothing is lost, no incident is two."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from sheetsync.alerts import go_round
from sheetsync.models import Alert, AlertMessage, Automation, Source
from tests.alerts.conftest import OUTBOUND, endpoint_of, ends, send
from tests.support.dying import by_run_worker, finish
from tests.support.runs import orders_of, run_of
from tests.support.sweeps import STRIDE, Sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def leases_end():
    AlertMessage.objects.pending().update(next_attempt_at=Now())


def deliver_all():
    for _ in range(5):
        leases_end()
        send()
    assert not AlertMessage.objects.pending().exists()


def by_courier():
    go_round(look=False)


def test_whoever_sends_may_die_anywhere_and_the_receiver_gets_it_with_one_id(automation, endpoint, receiver, tmp_path):
    sweep = Sweep("by_courier", "an incident", tmp_path / "journal")
    for number in sweep.numbers():
        receiver.asked.clear()
        ends(automation, "failed")
        died = sweep.die(by_courier, number)
        deliver_all()
        message = AlertMessage.objects.get()
        assert set(receiver.ids()) == {message.public_id} and message.state == "delivered"
        assert len(receiver.asked) <= 1 + died
        Alert.objects.all().delete()
    assert sweep.deaths.total() * STRIDE >= 17


@pytest.mark.parametrize("path", ["nowhere.jsonl", ""], ids=["a run that fails", "a run that completes"])
def test_whenever_a_worker_dies_over_its_end_there_is_one_alert_or_one_recovery(
    world, settings, receiver, tmp_path, path
):
    settings.SHEETSYNC = settings.SHEETSYNC | OUTBOUND
    sweep = Sweep("by_run_worker", path or "well again", tmp_path / "journal")
    for number in sweep.numbers():
        automation = world.automation(name=f"{number}", orders=orders_of(2))
        endpoint_of(automation.tenant, receiver.url)
        if path:
            Source.objects.update(config={"path": path})
        else:
            ends(automation, "failed")
        run = run_of(automation)
        sweep.die(by_run_worker, number)
        finish()
        run.refresh_from_db()
        assert run.status == ("failed" if path else "completed")
        assert list(Alert.objects.values_list("count", "end")) == [(1, "" if path else "recovered")]
        assert AlertMessage.objects.count() == (1 if path else 2)
        receiver.asked.clear()
        deliver_all()
        assert receiver.types() == ["automation.failed", "automation.recovered"][: 1 if path else 2]
        Automation.objects.all().delete()
        world.emulator.reset()
    assert sweep.deaths.total() * STRIDE > 30
