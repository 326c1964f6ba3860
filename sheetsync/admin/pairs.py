"""Names with values, such as the parameters of an address: rows of name, kind and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sheetsync.admin.rowed import TRUTHS, Rows, RowsField, Typed, kind_of, lines_of, spelt, value_of

KINDS = {
    "text": gettext_lazy("text"),
    "number": gettext_lazy("number"),
    "truth": gettext_lazy("yes or no"),
    "list": gettext_lazy("list, one a line"),
    "nothing": gettext_lazy("nothing (null)"),
}


class PairRows(Rows):
    """`was`: hidden; of what kind the elements of a list are. `none`: a box for "there are none, and that is meant"."""

    template_name = "admin/sheetsync/widgets/pairs.html"
    cells = ("name", "kind", "value", "was")
    told_by = ("name", "value")
    spare = 1
    none_label: Any = None

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Typed]:
        """One row without any cell where the box is ticked."""
        rows = super().value_from_datadict(data, files, name)
        return rows or ([Typed()] if self.none_label and data.get(f"{name}-none") else [])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the kinds, and the box where there is one."""
        empty = bool(value) and not value[0]
        context = super().get_context(name, [] if empty else value, attrs)
        context["widget"] |= {"kinds": list(KINDS.items()), "none_label": self.none_label, "none": empty}
        return context


class PairsField(RowsField):
    """An object. Without any rows it is None, and with the box ticked an empty one."""

    widget = PairRows

    def __init__(self, *, none_label: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.none_label = none_label

    def read(self, row: Typed) -> tuple[str, Any] | None:
        """A name and its value. Raises ValidationError."""
        if not row:
            return None
        name = row["name"].strip()
        if not name:
            raise ValidationError(_("It has no name: write one, or empty the row."))
        return name, _meant(row)

    def put_together(self, read: list[Any]) -> dict[str, Any] | None:
        """Raises ValidationError where a name stands twice."""
        pairs = [each for each in read if each is not None]
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValidationError(_("A name stands there twice: for several values choose “list”."))
        return found if read else None

    def show(self, stored: Any) -> list[Typed]:
        """A row for each name."""
        if not isinstance(stored, Mapping):
            return []
        if not stored:
            return [Typed()] if self.widget.none_label else []
        return [_shown(str(name), value) for name, value in stored.items()]


def _meant(row: Typed) -> Any:
    kind, text = row["kind"], row["value"]
    if kind == "nothing":
        return None
    if kind == "list":
        return [value_of(line, row["was"]) for line in lines_of(text)]
    if kind == "truth":
        if text.strip().lower() not in TRUTHS:
            raise ValidationError(_("Write yes or no."))
        return TRUTHS[text.strip().lower()]
    if kind == "number":
        found = value_of(text, "number")
        if isinstance(found, str):
            raise ValidationError(_("Write a number of at most 15 digits, or choose “text”."))
        return found
    return text


def _shown(name: str, value: Any) -> Typed:
    if isinstance(value, list | tuple):
        lines = "\n".join(spelt(each) for each in value)
        return Typed(name=name, kind="list", value=lines, was=kind_of(value) if value else "")
    kind = "nothing" if value is None else kind_of([value])
    return Typed(name=name, kind=kind, value=spelt(value), was="")
