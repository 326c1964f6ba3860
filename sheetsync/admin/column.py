"""Columns: a table on their automation's page, checked together as the pipeline does it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import link
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.errors import BadColumn
from sheetsync.models import Automation, Column
from sheetsync.pipeline.columns import MAX_COLUMNS, columns_from
from sheetsync.pipeline.records import RowsPer

AT_THE_END = 32_000


class ColumnForm(forms.ModelForm):  # type: ignore[type-arg]
    """One column. Left empty, its position is the last and its uid is made of its path; a uid never changes."""

    class Meta:
        model = Column
        fields = ["position", "header", "path", "template", "type", "format", "uid"]
        widgets = {
            "position": forms.TextInput({"size": 2, "inputmode": "numeric"}),
            "header": forms.TextInput({"size": 16}),
            "path": forms.TextInput({"size": 16}),
            "template": forms.TextInput({"size": 16}),
            "format": forms.TextInput({"size": 8}),
            "uid": forms.TextInput({"size": 10}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = self.fields["uid"].required = False
        if self.instance.pk:
            self.fields["uid"].disabled = True
        else:
            self.initial["position"] = None

    def clean_position(self) -> int:
        """Where people put it."""
        position: int | None = self.cleaned_data["position"]
        return AT_THE_END if position is None else position

    def clean(self) -> None:
        """Said here, it is said in better words than the database's constraint has."""
        super().clean()
        if bool(self.cleaned_data.get("path")) == bool(self.cleaned_data.get("template")):
            self.add_error("path", _("Write either a path or a template."))


class ColumnFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All columns of an automation."""

    def clean(self) -> None:
        """Raises ValidationError where a run could not use the columns as they are going to be.

        Instead of Django's own look for duplicates, which would take two uids that are still to be made for one.
        """
        if any(self.errors):
            return
        try:
            columns_from([column.definition() for column in self._kept()], RowsPer(self.instance.rows_per))
        except BadColumn as error:
            raise ValidationError(str(error)) from error

    def _kept(self) -> list[Column]:
        """In the order in which they will stand."""
        kept = [
            form.instance
            for form in self.forms
            if not form.cleaned_data.get(DELETION_FIELD_NAME) and (form.instance.pk or form.has_changed())
        ]
        return sorted(kept, key=lambda column: column.position)


class ColumnInline(admin.TabularInline):  # type: ignore[type-arg]
    """An automation's columns."""

    model = Column
    form = ColumnForm
    formset = ColumnFormSet
    max_num = MAX_COLUMNS

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Empty lines to begin with."""
        return 0 if obj else 3


def renumber(automation: Automation) -> None:
    """Positions from 1, without gaps."""
    for number, column in enumerate(automation.columns.all(), start=1):
        if column.position != number:
            automation.columns.filter(pk=column.pk).update(position=number)


@admin.register(Column)
class ColumnAdmin(BigTable, ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """All columns of all automations, to find out who writes what. They are changed on their automation's page."""

    list_display = ["header", "automation", "path", "template", "type"]
    list_filter = ["type"]
    list_select_related = ["automation"]
    search_fields = ["header", "path", "template", "automation__name"]
    ordering = ["-pk"]
    fields = ["automation_link", "position", "header", "path", "template", "type", "format", "uid"]
    readonly_fields = ["automation_link"]

    @admin.display(description=_("automation"))
    def automation_link(self, column: Column) -> str:
        """Where it is changed."""
        return link(column.automation)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only together with its automation: of one by one nobody would check what is left."""
        match = request.resolver_match
        here = match is None or (match.url_name or "").startswith("sheetsync_column_")
        return not here and admin.ModelAdmin.has_delete_permission(self, request, obj)
