"""Which orders an automation takes: rows of path, operator and value, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.display import NOTHING
from sheetsync.admin.rowed import Rows, RowsField, Typed, kind_of, lines_of, spelt, value_of
from sheetsync.errors import BadFilter
from sheetsync.pipeline.filters import MAX_FILTERS, Operator, filters_from

WORDS: dict[Operator, Any] = {
    Operator.EQ: gettext_lazy("is"),
    Operator.NE: gettext_lazy("is not"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.GT: gettext_lazy("is more than, or after"),
    Operator.GTE: gettext_lazy("is at least, or from"),
    Operator.LT: gettext_lazy("is less than, or before"),
    Operator.LTE: gettext_lazy("is at most, or until"),
    Operator.WITHIN_DAYS: gettext_lazy("is in the last … days"),
    Operator.EXISTS: gettext_lazy("has a value"),
    Operator.MISSING: gettext_lazy("has no value"),
}
LISTS = (Operator.IN, Operator.NOT_IN)
BARE = (Operator.EXISTS, Operator.MISSING)


class FilterRows(Rows):
    """`kind` is hidden: what the value was, a number say, which it stays where a number is typed."""

    template_name = "admin/sheetsync/widgets/filters.html"
    cells = ("path", "operator", "value", "kind")
    told_by = ("path", "value")
    most = MAX_FILTERS

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the operators, an unknown one among them where a row has it."""
        context = super().get_context(name, value, attrs)
        context["widget"]["operators"] = [(operator.value, WORDS[operator]) for operator in WORDS]
        for row in context["widget"]["rows"]:
            row["strange"] = row["operator"] and row["operator"] not in WORDS
        return context


class FiltersField(RowsField):
    """Filters as `filters_from` reads them."""

    widget = FilterRows

    def read(self, row: Typed) -> dict[str, Any]:
        """One condition. Raises ValidationError."""
        found: dict[str, Any] = {"path": row["path"].strip(), "operator": row["operator"] or Operator.EQ.value}
        if found["operator"] not in BARE:
            found["value"] = _value(found["operator"], row["value"], row["kind"])
        try:
            filters_from([found])
        except BadFilter as error:
            raise ValidationError(str(error).removeprefix("filter 1, ").removeprefix("path: ")) from error
        return found

    def show(self, stored: Any) -> list[Typed]:
        """A row for each condition."""
        return [_shown(each) for each in stored] if isinstance(stored, list) else []


def in_words(stored: Any) -> str:
    """All conditions, for who may only look."""
    if not isinstance(stored, list) or not stored:
        return _("none: all orders are taken")
    rows = [_shown(each) for each in stored]
    words = {operator.value: text for operator, text in WORDS.items()}
    lines = [
        (row["path"], words.get(row["operator"], row["operator"]), ", ".join(lines_of(row["value"]))) for row in rows
    ]
    return format_html_join("", "<div>{} <em>{}</em> {}</div>", lines) or NOTHING


def _value(operator: str, text: str, kind: str) -> Any:
    if operator in LISTS:
        return [value_of(line, kind) for line in lines_of(text)]
    if operator == Operator.WITHIN_DAYS:
        return value_of(text, "number")
    text = text.strip("\n")
    if "\n" in text:
        raise ValidationError(_("It has several lines: write one value, or choose “is one of”."))
    return value_of(text, kind)


def _shown(stored: Any) -> Typed:
    if not isinstance(stored, Mapping):
        return Typed(path=str(stored)[:200], operator="", value="", kind="")
    value = stored.get("value")
    values = list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
    return Typed(
        path=str(stored.get("path") or ""),
        operator=str(stored.get("operator") or ""),
        value="\n".join(spelt(each) for each in values),
        kind=kind_of(values) if kind_of(values) != "text" else "",
    )
