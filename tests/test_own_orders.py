"""The site's own orders, saved or deleted by its own code."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from project.shop.models import Order, OrderLine
from sheetsync import own_orders
from sheetsync.execute import execute_next
from sheetsync.models import Automation, DirtyOrder, Source, SyncRun
from tests.support.runs import run_of

pytestmark = pytest.mark.django_db(transaction=True)

WATCHED = ["shop.Order", "shop.OrderLine.order"]
CONFIG = {"model": "shop.Order", "id_field": "number", "fields": ["number", "note"], "lines": "lines"}


@pytest.fixture(autouse=True)
def listening(settings, world):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WATCH": WATCHED, "WEBHOOK_DEBOUNCE_SECONDS": 0}
    own_orders.connect()
    yield
    for signal in (post_save, post_delete):
        assert signal.disconnect(sender=Order, dispatch_uid="sheetsync shop.Order")
        assert signal.disconnect(sender=OrderLine, dispatch_uid="sheetsync shop.OrderLine.order")


@pytest.fixture
def automation(world):
    tenant = world.tenant()
    source = Source.objects.create(tenant=tenant, name="own", kind="queryset", config=CONFIG)
    automation = Automation.objects.create(
        tenant=tenant,
        name="own",
        source=source,
        spreadsheet_id=world.emulator.create_spreadsheet("own"),
        status="active",
    )
    automation.set_columns([{"header": "Order", "path": "number"}, {"header": "Note", "path": "note"}])
    return automation


def waiting():
    return sorted(DirtyOrder.objects.values_list("order_id", flat=True))


def an_order(number="1"):
    return Order.objects.create(number=number)


def a_line(order):
    return OrderLine.objects.create(order=order, position=1, sku="a", title="A", quantity=1, price=1)


def numbers(world, automation):
    sheet = world.emulator.spreadsheet(automation.spreadsheet_id).sheet(title="Orders")
    return [row[2:] for row in sheet.values()[1:] if len(row) > 2 and row[2]]


def test_a_saved_order_is_in_the_tab_after_the_next_run(world, automation):
    an_order("0007")
    run = SyncRun.objects.get()
    assert (run.mode, run.trigger) == ("orders", "webhook")
    execute_next()
    Order.objects.get().delete()
    execute_next()
    assert numbers(world, automation) == [] and not waiting()
    assert set(SyncRun.objects.values_list("status", flat=True)) == {"completed"}


def test_a_line_has_its_order_looked_at(automation):
    line = a_line(an_order("0007"))
    DirtyOrder.objects.all().delete()
    line.delete()
    assert waiting() == ["0007"]


def test_all_that_one_transaction_changes_is_asked_for_once(automation, django_assert_max_num_queries):
    with transaction.atomic():
        orders = [an_order(str(number)) for number in range(20)]
        for order in orders:
            order.save()
    assert len(waiting()) == 20 and SyncRun.objects.count() == 1


def test_nothing_is_asked_for_before_the_transaction_is_over_or_if_it_is_rolled_back(automation):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        an_order()
        assert not SyncRun.objects.exists()
        raise ZeroDivisionError
    assert not SyncRun.objects.exists() and not waiting()


def test_an_order_that_goes_with_its_lines_is_asked_for_by_its_own_number(automation):
    order = an_order("0007")
    a_line(order)
    DirtyOrder.objects.all().delete()
    order.delete()
    assert set(waiting()) == {"0007"}


@pytest.mark.parametrize("values", [{"status": "paused"}, {"webhooks_enabled": False}])
def test_an_automation_that_does_not_listen_is_left_alone(automation, values):
    Automation.objects.update(**values)
    an_order()
    assert not SyncRun.objects.exists() and not waiting()


def test_a_source_that_cannot_be_read_does_not_hinder_who_saves(automation, caplog):
    Source.objects.update(config={"model": "shop.Gone"})
    an_order()
    assert Order.objects.exists() and not SyncRun.objects.exists()


def test_during_a_run_the_order_is_left_to_the_one_that_follows(automation):
    run = run_of(automation)
    an_order()
    run.refresh_from_db()
    assert run.again and SyncRun.objects.count() == 1 and waiting() == ["1"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("shop.Ordre", "there is no such model"),
        ("Order", "there is no such model"),
        ("shop.OrderLine.ordr", "has no foreign key 'ordr': those are order"),
        ("shop.OrderLine.order.customer", "has no foreign key"),
    ],
)
def test_the_check_names_what_cannot_be_listened_to(settings, entry, words):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WATCH": [entry]}
    (found,) = [message for message in run_checks(tags=["sheetsync"]) if message.id == "sheetsync.E017"]
    assert words in found.msg
    own_orders.connect()  # and the site starts all the same
