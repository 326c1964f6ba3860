"""All pages of the console, as the admin site itself knows them: one that is added is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class Route:
    """An address of a ModelAdmin. `takes`: the parts of it that stand for a row."""

    model: type
    name: str
    takes: tuple[str, ...]

    def address(self, row=None) -> str:
        return reverse(f"admin:{self.name}", args=[row.pk for _ in self.takes])

    def __str__(self) -> str:
        return self.name


def pages() -> dict[type[Model], Any]:
    """{model: its ModelAdmin}, of sheetsync alone."""
    return {model: page for model, page in admin.site._registry.items() if model._meta.app_label == "sheetsync"}


def routes() -> list[Route]:
    return [
        Route(model, pattern.name, tuple(pattern.pattern.converters))
        for model, page in pages().items()
        for pattern in page.get_urls()
        if pattern.name
    ]


def of_rows() -> list[Route]:
    return [route for route in routes() if route.takes]


def of_none() -> list[Route]:
    return [route for route in routes() if not route.takes]
