"""The form of an automation, in the order in which somebody thinks of it: from where, which orders, where to, when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.fields import LinesField, SpreadsheetField
from sheetsync.admin.filters import FiltersField
from sheetsync.models import Automation
from sheetsync.pipeline.columns import MAX_COLUMNS, MAX_HEADER
from sheetsync.pipeline.records import HandEdits, Removed, RowsPer

BEFORE_COLUMNS = "sheetsync-before-columns"
"""The class of the fieldset that the columns come after."""

ROWS_PER = {RowsPer.ORDER: _("one row per order"), RowsPer.LINE: _("one row per line of an order, so per article")}
REMOVED = {
    Removed.CLEAR: _("empty its cells, and leave the row with what people wrote beside it"),
    Removed.KEEP: _("leave its row as it is"),
    Removed.MARK: _("leave its row, and mark it as removed"),
    Removed.DELETE: _("delete its row, with what people wrote beside it; this cannot be undone"),
}
HAND_EDITS = {
    HandEdits.KEEP: _("leave them until the order itself changes"),
    HandEdits.REPAIR: _("put back what the order says, at the next run of all orders"),
}


def _choice(label: Any, words: Any, help_text: Any) -> forms.ChoiceField:
    choices = [(each.value, word) for each, word in words.items()]
    return forms.ChoiceField(label=label, choices=choices, initial=choices[0][0], help_text=help_text)


class AutomationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The model's `clean` judges what belongs together."""

    rows_per = _choice(
        _("The tab has"), ROWS_PER, _("It decides which paths a column can have: line.sku is the article of a line.")
    )
    removed = _choice(
        _("When an order is gone"), REMOVED, _("It was deleted in the shop, or is left out by the filters now.")
    )
    hand_edits = _choice(
        _("What people type into our columns"), HAND_EDITS, _("Columns that people add themselves are never touched.")
    )
    filters = FiltersField(
        label=_("Filters"),
        help_text=_(
            "All must hold; without any, all orders are taken. For “is one of” write one value a line. A path says "
            "where a value stands in an order, such as status or customer.address.city: “Show a preview” below "
            "shows those that there are."
        ),
    )
    adopt = LinesField(
        label=_("Take over filled rows by"),
        most=MAX_COLUMNS,
        longest=MAX_HEADER,
        rows=2,
        help_text=_(
            "Only where the tab is filled already: the headers, one a line, that tell which row is which order. Left "
            "empty, a tab with rows of somebody else's is refused rather than changed."
        ),
    )
    spreadsheet_id = SpreadsheetField(
        label=_("Spreadsheet"),
        help_text=_("Paste its address from the browser, or its id, which stands in the address after /d/."),
    )

    class Meta:
        labels = {
            "name": _("Name"),
            "source": _("Source"),
            "account": _("Google account"),
            "tab_title": _("Tab"),
            "webhooks_enabled": _("Run when the shop reports a change"),
            "schedule_enabled": _("Run by a schedule"),
            "cron": _("Schedule"),
            "exact": _("On the minute"),
            "full_every_hours": _("Look at all orders every … hours"),
        }
        help_texts = {
            "name": _("For people: it stands in lists, messages and mails."),
            "source": _("Where the orders come from."),
            "account": _("Who writes. Left empty, the tenant's default account."),
            "tab_title": _("The name at the bottom of the spreadsheet. A tab that is not there yet is made."),
            "webhooks_enabled": _(
                "Within seconds, where the shop sends webhooks: see the source's page for their address."
            ),
            "cron": _(
                "Five fields: minute, hour, day of the month, month, day of the week. 0 6 * * 1-5 is six o'clock, "
                "Monday to Friday; */15 * * * * is every quarter of an hour."
            ),
            "exact": _("Else it starts some minutes late, always by as much, so that not all start at once."),
            "time_zone": _("The clock of the schedule, such as Europe/Berlin. Left empty, the tenant's."),
            "full_every_hours": _("Runs of the schedule in between look only at changed orders. 0: always at all."),
        }
        widgets = {
            "name": forms.TextInput({"size": 40}),
            "tab_title": forms.TextInput({"size": 30, "autocomplete": "off"}),
            "cron": forms.TextInput({"size": 24, "autocomplete": "off", "spellcheck": "false"}),
            "time_zone": forms.TextInput({"size": 24, "list": "sheetsync-zones", "autocomplete": "off"}),
            "full_every_hours": forms.NumberInput({"min": 0}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._teach()

    def clean(self) -> None:
        """Without a tenant nothing can be told of what has to be the tenant's, or is meant in its time zone."""
        super().clean()
        if "tenant" in self.fields and not self.cleaned_data.get("tenant"):
            for name in ("source", "account", "cron", "schedule_enabled"):
                self.cleaned_data.pop(name, None)

    def _teach(self) -> None:
        """Where there is nothing to choose from yet, say what comes first."""
        if "account" in self.fields:
            self.fields["account"].empty_label = _("the tenant's default account")  # type: ignore[attr-defined]
        for name, (first, consequence) in _NONE.items():
            field: Any = self.fields.get(name)
            if field is not None and not field.queryset.exists():
                add = reverse(f"admin:sheetsync_{field.queryset.model._meta.model_name}_add")
                field.help_text = format_html('<a href="{}">{}</a>: {}', add, first, consequence)


_NONE = {
    "source": (_("Add a source"), _("there is none yet, and it says where the orders come from.")),
    "account": (_("Link a Google account"), _("none is linked yet, and without one nothing can be written.")),
}
"""What to do first, and why."""

FIELDSETS: list[Any] = [
    (None, {"fields": ["tenant", "name", "status", "whole_problem"]}),
    (
        _("1. From where"),
        {
            "fields": ["source", "rows_per"],
            "description": _("The shop whose orders are exported, and what a row of the tab is."),
        },
    ),
    (
        _("2. Which orders, and what of them"),
        {"fields": ["filters"], "classes": [BEFORE_COLUMNS]},
    ),
    (
        _("3. Where to"),
        {
            "fields": ["account", "spreadsheet_id", "tab_title", "tab_link"],
            "classes": ["sheetsync-destination"],
            "description": _(
                "The spreadsheet has to be shared with the account as an editor. “Look” says whether it is, and "
                "what is in it."
            ),
        },
    ),
    (
        _("4. When"),
        {
            "fields": ["webhooks_enabled", "schedule_enabled", "cron", "time_zone", "upcoming"],
            "classes": ["sheetsync-schedule"],
            "description": _("Both may be on. A run can be asked for at any time as well, by the button “Run now”."),
        },
    ),
    (
        _("More: orders that are gone, edits by hand, filled tabs, exact times"),
        {"fields": ["removed", "hand_edits", "adopt", "exact", "full_every_hours"], "classes": ["collapse"]},
    ),
]
RUNS: Any = (
    _("Runs"),
    {"fields": ["next_run_at", "last_runs", "waiting_orders", "walked_at", "sheet_id", "created_at"]},
)


def fieldsets_of(automation: Automation | None, *, editable: bool) -> list[Any]:
    """A new one has no history; who may only look sees filters and the schedule in words."""
    found = [*FIELDSETS, RUNS] if automation else FIELDSETS
    left_out = () if automation else ("status", "whole_problem", "tab_link", "upcoming")
    words = {} if editable else {"filters": "filter_words", "adopt": "adopted"}
    return [
        (name, options | {"fields": [words.get(each, each) for each in options["fields"] if each not in left_out]})
        for name, options in found
    ]
