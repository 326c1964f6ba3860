"""What Django is told about the shop."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """The demo site's orders."""

    name = "project.shop"
    label = "shop"
    verbose_name = "Cactus shop"
    default_auto_field = "django.db.models.BigAutoField"
