"""Many at once, and a web server that dies over it: one row, one run, no order lost."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from sheetsync.models import DirtyOrder, SyncRun, WebhookDelivery
from tests.support.boundaries import forked
from tests.support.meeting import all_at_once
from tests.support.shops import hooks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("platform", ["shopify", "woocommerce", "standard", "hint"])
def test_twenty_who_bring_the_same_get_the_same_answer(shop, post, platform):
    hook = getattr(shop, platform)({"id": 7})
    answers = all_at_once(20, lambda number: post(hook))
    assert [answer.status_code for answer in answers] == [200] * 20
    (run,) = SyncRun.objects.all()
    assert {tuple(answer.json()["runs"]) for answer in answers} == {(run.pk,)}
    assert Counter(answer.json()["duplicate"] for answer in answers) == {False: 1, True: 19}
    assert WebhookDelivery.objects.count() == 1 and shop.told() == ["7"]


def test_twenty_who_bring_different_orders_get_one_run(shop, post):
    answers = all_at_once(20, lambda number: post(shop.shopify({"id": number + 1}, delivery=f"w-{number}")))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert SyncRun.objects.count() == 1 and sorted(map(int, shop.told())) == list(range(1, 21))


def test_several_automations_and_twenty_deliveries_do_not_stand_in_each_others_way(shop, make, post):
    for _ in range(3):
        also = make.automation(shop.automation.tenant)
        type(also).objects.filter(pk=also.pk).update(source=shop.source)
    answers = all_at_once(20, lambda number: post(shop.shopify({"id": number + 1}, delivery=f"w-{number}")))
    assert [len(answer.json()["runs"]) for answer in answers] == [4] * 20
    assert SyncRun.objects.count() == 4 and DirtyOrder.objects.count() == 80


@pytest.mark.slow
def test_whenever_the_web_server_dies_the_delivery_that_comes_again_brings_its_order(shop, tmp_path):
    """Killed before and after each statement and each commit. Either all of it was kept, or nothing."""
    deaths, journal = 0, tmp_path / "journal"
    for number in range(1, 100):
        hook = hooks.shopify(shop.source, {"id": 7}, shop.secrets["shopify"], delivery=f"w-{number}")
        died = forked(lambda hook=hook: hook.send(Client()), number, journal)
        stored = WebhookDelivery.objects.filter(key=f"shopify:w-{number}").count()
        assert stored == SyncRun.objects.count() == len(shop.told()) <= 1
        answer = hook.send(Client())
        assert (answer.status_code, answer.json()["duplicate"]) == (200, bool(stored))
        assert shop.told() == ["7"] and answer.json()["runs"] == [SyncRun.objects.get().pk]
        DirtyOrder.objects.all().delete()
        SyncRun.objects.all().delete()
        if died == 0:
            break
        deaths += 1
    assert 15 < deaths < 90
