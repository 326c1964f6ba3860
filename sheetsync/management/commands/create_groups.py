"""`manage.py create_groups`: the groups that members of the staff may be put into. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import router, transaction

OPERATED = frozenset(
    {"alert", "alertendpoint", "automation", "googleaccount", "incident", "privacyrequest", "source", "syncrun"}
    | {"tenant"}
)
"""Models whose acts operators use: run, retry, pause, connect again. Not those that open doors: tokens and codes."""

VIEWER, OPERATOR, ADMIN = "sheetsync viewer", "sheetsync operator", "sheetsync admin"


def permitted(group: str, codename: str) -> bool:
    """Whether a permission of ours, such as `change_tenant`, belongs to a group."""
    verb, _, model = codename.partition("_")
    if group == ADMIN:
        return True
    if model == "stafftenant":  # who may see what is not for everybody to see
        return False
    return verb == "view" or (group == OPERATOR and verb == "change" and model in OPERATED)


class Command(BaseCommand):
    """Not done by `migrate`: groups are the host's own. What a group may do with other apps is left alone."""

    help = (
        f"Create the groups {VIEWER!r}, {OPERATOR!r} and {ADMIN!r}, or give those that are there the permissions that "
        "belong to them now. People are put into them in your admin, and need to be staff. Groups are not restricted "
        "to tenants; people can be, in the admin under staff restrictions."
    )

    def handle(self, **options: Any) -> None:
        """Prints what was done."""
        ours = list(Permission.objects.filter(content_type__app_label="sheetsync"))
        if not ours:
            raise CommandError("There are no permissions yet: run manage.py migrate first.")
        with transaction.atomic(router.db_for_write(Group)):
            for name in (VIEWER, OPERATOR, ADMIN):
                self.stdout.write(_set_up(name, ours))


def _set_up(name: str, ours: list[Permission]) -> str:
    """-> what was done, in words"""
    group, created = Group.objects.get_or_create(name=name)
    had = set(group.permissions.filter(content_type__app_label="sheetsync").values_list("pk", flat=True))
    wanted = {each.pk for each in ours if permitted(name, each.codename)}
    group.permissions.add(*wanted - had)
    group.permissions.remove(*had - wanted)
    if created:
        return f"{name} was created with {len(wanted)} permissions"
    if had == wanted:
        return f"{name} is as it should be, with {len(wanted)} permissions"
    return f"{name} was changed: {len(wanted - had)} permissions were added, {len(had - wanted)} were taken away"
