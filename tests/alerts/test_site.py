"""What is not well about the whole site is told when it lasts, and when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import F

from sheetsync.alerts import Courier, go_round, site
from sheetsync.health import Finding
from sheetsync.models import Alert, AlertMessage, Pulse
from tests.support.meeting import all_at_once
from tests.support.processes import until

pytestmark = pytest.mark.django_db(transaction=True)


def finding(ok=False, name="workers", detail="no worker has answered: start one"):
    return Finding(name, ok, detail, vital=True)


def later(seconds):
    Alert.objects.update(opened_at=F("opened_at") - timedelta(seconds=seconds))


def test_what_passes_by_itself_is_told_to_nobody(make, operators):
    site.judge([finding()])
    later(100)
    site.judge([finding()])
    site.judge([finding(ok=True)])
    assert not Alert.objects.exists() and not AlertMessage.objects.exists()


def test_what_lasts_is_told_once_and_when_it_is_over(make, operators):
    site.judge([finding()])
    later(121)
    for _ in range(3):
        site.judge([finding(detail="no worker has answered for 200 s: start one")])
    alert = Alert.objects.get()
    assert (alert.kind, alert.finding, alert.tenant, alert.state) == ("wedged", "workers", None, "open")
    assert "200 s" in alert.reason and AlertMessage.objects.get().event == "opened"
    site.judge([finding(ok=True)])
    assert Alert.objects.get().state == "recovered" and AlertMessage.objects.count() == 2


def test_how_long_it_has_to_last_is_a_setting(make, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"ALERT_AFTER_SECONDS": 5}
    site.judge([finding()])
    later(6)
    site.judge([finding()])
    assert Alert.objects.get().told_at


def test_a_check_that_is_made_no_more_leaves_no_alert_open(make, operators):
    site.judge([finding(name="cluster")])
    later(121)
    site.judge([finding(name="cluster")])
    site.judge([finding(ok=True)])
    assert Alert.objects.get().state == "closed" and AlertMessage.objects.count() == 1


def test_a_database_that_is_away_says_nothing_of_the_rest(make):
    site.judge([finding()])
    later(121)
    site.judge([finding()])
    site.judge([finding(name="database")])
    assert Alert.objects.get().state == "open"


def test_several_schedulers_tell_it_once(make, operators):
    assert all_at_once(8, lambda _: site.judge([finding()])) == [None] * 8
    later(121)
    assert all_at_once(8, lambda _: site.judge([finding()])) == [None] * 8
    assert AlertMessage.objects.count() == 1
    assert all_at_once(8, lambda _: site.judge([finding(ok=True)])) == [None] * 8
    assert AlertMessage.objects.count() == 2


def test_a_real_site_without_workers(make, operators):
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    go_round()
    later(121)
    go_round()
    assert "start manage.py run_worker" in Alert.objects.told().get().reason
    Pulse.objects.beat(Pulse.Name.WORKERS)
    go_round()
    assert not Alert.objects.open().exists()


def test_a_scheduler_that_looks_once_goes_round_once(make, operators, capsys):
    for _ in range(2):
        call_command("run_scheduler", "--once")
        later(121)
    assert list(Alert.objects.told().values_list("finding", flat=True)) == ["workers"]


def test_a_courier_goes_round_until_it_is_told_to_stop(make, operators):
    with Courier():
        until(lambda: Alert.objects.filter(finding="workers").exists(), "the courier to look")


def test_whatever_goes_wrong_does_not_end_the_rounds(make, monkeypatch, caplog):
    monkeypatch.setattr(site, "judge", lambda findings: 1 / 0)
    assert go_round() == 0 and "ZeroDivisionError" in caplog.text
