"""Columns: a table on their automation's page, checked together as the pipeline does it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.display import link
from sheetsync.admin.history import BigTable, ReadOnly
from sheetsync.admin.placing import placed
from sheetsync.errors import BadColumn
from sheetsync.models import Automation, Column
from sheetsync.pipeline.cells import ColumnType
from sheetsync.pipeline.columns import MAX_COLUMNS, columns_from
from sheetsync.pipeline.records import RowsPer

AT_THE_END = 32_000
FIELDS, OTHER_FIELDS = 10, 200
"""Of a column, and of all else in the form of an automation, with as many filters as it can have."""
_COUNTED = "_sheetsync_columns"
PLAIN = {"autocomplete": "off", "spellcheck": "false"}

TYPES = {
    ColumnType.TEXT: _("text"),
    ColumnType.INTEGER: _("whole number"),
    ColumnType.DECIMAL: _("number with decimals"),
    ColumnType.CURRENCY: _("money"),
    ColumnType.PERCENT: _("percent"),
    ColumnType.DATE: _("date"),
    ColumnType.DATETIME: _("date and time"),
    ColumnType.BOOLEAN: _("yes or no"),
    ColumnType.LINK: _("link"),
}
"""What the cells of a column are, in words."""

_PLACE = re.compile(r"column 1, (?:(path|template)(?: and template)?: |(\w+) )")


class ColumnForm(forms.ModelForm):  # type: ignore[type-arg]
    """One column. Left empty, its position is the last and its uid is made of its path; a uid never changes."""

    type = forms.ChoiceField(
        label=_("Kind of cell"),
        choices=[(type_.value, word) for type_, word in TYPES.items()],
        initial=ColumnType.TEXT.value,
    )

    class Meta:
        model = Column
        fields = ["position", "header", "path", "type", "template", "format", "uid"]
        labels = {
            "position": _("Position"),
            "header": _("Header"),
            "path": _("Path in the order"),
            "template": _("Or a text of several values"),
            "format": _("Number format"),
            "uid": _("Lasting name"),
        }
        help_texts = {
            "template": _("Instead of a path: paths in braces, such as {customer.first_name} {customer.last_name}."),
            "format": _(
                "As Google Sheets writes it, such as #,##0.00 or dd.mm.yyyy. For numbers and dates; left empty, the "
                "usual one."
            ),
            "uid": _(
                "By it the column is found again in the tab after people renamed or moved it. Left empty, it is made "
                "of the path; it never changes."
            ),
        }
        widgets = {
            "position": forms.TextInput({"size": 3, "inputmode": "numeric", "autocomplete": "off"}),
            "header": forms.TextInput({"size": 18, "autocomplete": "off"}),
            "path": forms.TextInput({"size": 24, "list": "sheetsync-paths", **PLAIN}),
            "template": forms.TextInput({"size": 40, **PLAIN}),
            "format": forms.TextInput({"size": 16, "list": "sheetsync-formats", "autocomplete": "off"}),
            "uid": forms.TextInput({"size": 16, **PLAIN}),
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

    @property
    def kind(self) -> str:
        """Of cell, in words."""
        return str(TYPES[ColumnType(self.instance.type)])

    @property
    def has_more(self) -> bool:
        """Whether there is something to see in the part that is folded otherwise."""
        return any(self[name].value() or self[name].errors for name in ("template", "format"))

    def _get_validation_exclusions(self) -> set[str]:
        """No look for the same uid among what is stored: it may be about to go. All columns are judged together."""
        return {*super()._get_validation_exclusions(), "automation"}  # type: ignore[misc]

    def _update_errors(self, errors: ValidationError) -> None:
        """The pipeline's words name the field."""
        super()._update_errors(placed(errors, self.fields, _placed, self.errors))  # type: ignore[misc]


def _placed(text: str) -> tuple[str, str]:
    found = _PLACE.match(text)
    if not found:
        return "", text
    return (found[1], text[found.end() :]) if found[1] else (found[2], text[len("column 1, ") :])


class ColumnFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All columns of an automation."""

    def clean(self) -> None:
        """Raises ValidationError where a run could not use the columns as they are going to be.

        Instead of Django's own look for duplicates, which would take two uids that are still to be made for one.
        """
        if any(self.errors):
            return
        try:
            columns_from(self.definitions(), RowsPer(self.instance.rows_per))
        except BadColumn as error:
            raise ValidationError(str(error)) from error

    def definitions(self) -> list[dict[str, Any]]:
        """As the pipeline reads them. For a set of forms that are valid."""
        return [column.definition() for column in self._kept()]

    def _kept(self) -> list[Column]:
        """In the order in which they will stand."""
        kept = [
            form.instance
            for form in self.forms
            if not form.cleaned_data.get(DELETION_FIELD_NAME) and (form.instance.pk or form.has_changed())
        ]
        return sorted(kept, key=lambda column: column.position)


def most_columns() -> int:
    """How many one form can send: Django refuses the whole form where it has more fields than the host allows."""
    limit: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return MAX_COLUMNS if limit is None else max(0, min(MAX_COLUMNS, (limit - OTHER_FIELDS) // FIELDS))


def _fits(automation: Any) -> bool:
    """Asked many times for a page, and counted once."""
    if not hasattr(automation, _COUNTED):
        setattr(automation, _COUNTED, automation.columns.count())
    return bool(getattr(automation, _COUNTED) <= most_columns())


class ColumnInline(admin.TabularInline):  # type: ignore[type-arg]
    """An automation's columns. Where there are too many for a form they are shown, and changed by the API."""

    model = Column
    form = ColumnForm
    formset = ColumnFormSet
    template = "admin/sheetsync/automation/columns.html"

    def get_max_num(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """As many as can be saved."""
        return most_columns()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Columns are a part of their automation."""
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of whoever may save the automation."""
        may = request.user.has_perm(f"sheetsync.{'change' if obj else 'add'}_automation")
        return may and (obj is None or _fits(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Likewise."""
        return self.has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of whoever sees the automation."""
        return request.user.has_perm("sheetsync.view_automation") or self.has_change_permission(request, obj)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Empty lines, for browsers without scripts."""
        return 2 if obj else 4


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
