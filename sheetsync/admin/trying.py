"""Buttons that try something and show what came of it. Nothing is written to any tab."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync import linking, sampling
from sheetsync.admin.acts import Act
from sheetsync.admin.asking import AskingAct, Shown
from sheetsync.admin.display import short, table
from sheetsync.execute.opening import open_job
from sheetsync.models import Automation, GoogleAccount, Source

ROWS, MOST_ROWS = 5, 50


def _test_source(source: Source) -> str:
    rows = sampling.sample_widely(source, 1)
    if not rows:
        return _("%(source)s answers, and has no order yet") % {"source": source}
    named = {"source": source, "order": short(rows[0].order_id)}
    return _("%(source)s answers; its first order is %(order)s") % named


def _test_account(account: GoogleAccount) -> str:
    linking.check(account)
    return _("Google lets %(account)s in") % {"account": account}


class HowManyRows(forms.Form):
    """Of a preview."""

    rows = forms.IntegerField(
        label=gettext_lazy("Rows"),
        min_value=1,
        max_value=MOST_ROWS,
        initial=ROWS,
        help_text=gettext_lazy("The first orders of the source are read, and shown as they would be written."),
    )


def _preview(automation: Automation, rows: int) -> Shown:
    found = sampling.previewed(open_job(automation), automation.source, rows, automation.zone)
    done = _("%(automation)s: this would be written; nothing was") % {"automation": automation}
    return Shown.of(done, _as_page(found))


def _as_page(found: dict[str, Any]) -> SafeString:
    """The rows, and what is odd about them."""
    rows = table(([number, *map(_cell, row)] for number, row in enumerate(found["rows"], 1)), ["", *found["headers"]])
    odd = [(each["kind"], each["count"], each["example"]) for each in found["warnings"]]
    warnings = table(odd, [_("kind"), _("how often"), _("for example")]) if odd else ""
    return format_html("{}{}{}", rows if found["rows"] else _nothing(), warnings, _unknown(found["unknown_paths"]))


def _cell(value: Any) -> Any:
    return "" if value is None else value


def _nothing() -> SafeString:
    text = _("No order comes through: the source has none, or the filters let none of the first ones pass.")
    return format_html("<p>{}</p>", text)


def _unknown(paths: list[dict[str, Any]]) -> SafeString:
    """Columns that would stay empty, with the names that may be meant."""
    text = _("No sampled order has %(path)s.")
    near = _("Nearest: %(nearest)s.")
    lines = [
        (text % {"path": each["path"]}, near % {"nearest": ", ".join(each["nearest"])} if each["nearest"] else "")
        for each in paths
    ]
    return format_html_join("", "<p>{} {}</p>", lines)


TEST_SOURCE = Act(name="test", label=gettext_lazy("Test"), do=_test_source)
TEST_ACCOUNT = Act(
    name="test",
    label=gettext_lazy("Test"),
    do=_test_account,
    fits=lambda account: account.status != GoogleAccount.Status.UNLINKED,
)
PREVIEW = AskingAct(name="preview", label=gettext_lazy("Preview"), do=_preview, form=HowManyRows)
