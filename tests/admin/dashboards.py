"""The dashboard as tests read it, and who looks at it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sheetsync.models import StaffTenant
from tests.admin.rows import run_of

INDEX = reverse("admin:app_list", args=["sheetsync"])
SITE = reverse("admin:index")
EVERYTHING = ("syncrun", "automation", "googleaccount", "source", "tenant", "quotabucket")


def ago(**span):
    return timezone.now() - timedelta(**span)


def completed(automation, at, **values):
    """A run that took twenty seconds."""
    times = {"created_at": at, "started_at": at - timedelta(seconds=20), "finished_at": at}
    return run_of(automation, status="completed", **times, **values)


def person(*names, tenants=()):
    """Somebody who may look at these, of these tenants where some are named."""
    user = User.objects.create_user(f"person {User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{name}" for name in names]))
    StaffTenant.objects.bulk_create(
        StaffTenant(user_key=str(user.pk), user_name=user.username, tenant=each) for each in tenants
    )
    client = Client()
    client.force_login(user)
    return client


def tiles(client, address=INDEX, **query) -> dict[str, str]:
    """{what: number} as the page shows them."""
    return {tile["label"]: tile["value"] for tile in client.get(address, query).context["tiles"]}


def dashboard(text: str) -> str:
    """That part of the page."""
    return text.partition('class="sheetsync-dashboard')[2].partition('id="content-main"')[0]
