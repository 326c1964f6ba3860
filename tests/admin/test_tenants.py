"""Tenants are edited without touching what workers write, and their schedules follow their time zone."""

from __future__ import annotations

from datetime import UTC, datetime

from sheetsync.models import Automation, Tenant
from tests.admin.pages import adding, errors, page

FORM = {"name": "Cactus shop", "platform": "", "external_id": "", "time_zone": "UTC", "max_concurrent_runs": "2"}


def test_a_tenant_is_added(operator):
    operator.post(adding(Tenant), FORM)

    tenant = Tenant.objects.get()
    assert (tenant.name, tenant.active, tenant.external_id) == ("Cactus shop", True, None)


def test_a_new_time_zone_moves_the_schedules_that_are_meant_in_it(shop, operator):
    then = datetime(2026, 1, 1, tzinfo=UTC)
    Automation.objects.update(cron="0 6 * * *", schedule_enabled=True, next_run_at=then)
    operator.post(page(shop.tenant), FORM | {"time_zone": "Asia/Tokyo"})

    assert Automation.objects.get().next_run_at.hour == 21


def test_the_same_time_zone_leaves_the_schedules_alone(shop, operator):
    then = datetime(2026, 1, 1, tzinfo=UTC)
    Automation.objects.update(cron="0 6 * * *", schedule_enabled=True, next_run_at=then)
    operator.post(page(shop.tenant), FORM | {"name": "Agave shop"})

    assert Tenant.objects.get().name == "Agave shop"
    assert Automation.objects.get().next_run_at == then


def test_a_paused_tenant_is_not_resumed_by_its_form(shop, operator):
    Tenant.objects.update(active=False)
    operator.post(page(shop.tenant), FORM | {"active": "on"})

    assert not Tenant.objects.get().active


def test_an_unknown_time_zone_is_refused(shop, operator):
    assert "IANA name" in errors(operator.post(page(shop.tenant), FORM | {"time_zone": "Mars/Base"}))
