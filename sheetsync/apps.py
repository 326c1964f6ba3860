"""What Django is told about the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class SheetsyncConfig(AppConfig):
    """`ready()` registers and never queries: a host's `migrate` starts before any table exists."""

    name = "sheetsync"
    label = "sheetsync"
    verbose_name = _("Sheet synchronisation")
    default_auto_field = "django.db.models.BigAutoField"  # or a host's own default would ask for migrations

    def ready(self) -> None:
        from sheetsync import own_orders
        from sheetsync.checks import CHECKS, check_deployment

        for check in CHECKS:
            checks.register(check, "sheetsync")
        checks.register(check_deployment, "sheetsync", deploy=True)
        own_orders.connect()
