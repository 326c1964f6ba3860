"""Lists in forms as rows of ordinary inputs: no JSON to write, and no script needed. A row left empty is none."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

UNFIT = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL stores no NUL, and UTF-8 knows no half of a surrogate pair."""
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?")
TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Typed(dict[str, str]):
    """A row as somebody typed it, or as it is shown to be typed over: texts by the names of the inputs."""


class Rows(forms.Widget):
    """Inputs named `name-0-path`, `name-1-path`… A form that is sent without any has no rows."""

    cells: ClassVar[tuple[str, ...]] = ()
    told_by: ClassVar[tuple[str, ...]] = ()
    """The cells of which one at least is filled in a row that means something."""
    spare = 2
    """Empty rows below, for browsers without scripts."""
    most = 50

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.complaints: dict[int, list[str]] = {}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Typed]:
        """Those rows that are not empty, in the order of their numbers."""
        pattern = re.compile(rf"{re.escape(name)}-([0-9]{{1,6}})-({'|'.join(self.cells)})")
        found: dict[int, Typed] = {}
        for key in data:
            if match := pattern.fullmatch(key):
                row = found.setdefault(int(match[1]), Typed(dict.fromkeys(self.cells, "")))
                row[match[2]] = str(data.get(key) or "").replace("\r\n", "\n")
        rows = [found[number] for number in sorted(found)]
        return [row for row in rows if any(row[cell].strip() for cell in self.told_by)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never: no rows at all are a value too."""
        return False

    def id_for_label(self, id_: str) -> str:
        """The first input."""
        return f"{id_}-0-{self.cells[0]}" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the rows, some empty ones, and one that scripts make copies of."""
        context = super().get_context(name, value, attrs)
        rows = list(value or ())
        shown = [*rows, *(Typed(dict.fromkeys(self.cells, "")) for _ in range(self.spare))]
        id_ = context["widget"]["attrs"].get("id") or f"id_{name}"
        context["widget"] |= {
            "rows": [self._row(name, id_, number, row) for number, row in enumerate(shown)],
            "blank": self._row(name, id_, None, Typed(dict.fromkeys(self.cells, ""))),
            "most": self.most,
        }
        return context

    def _row(self, name: str, id_: str, number: int | None, row: Typed) -> dict[str, Any]:
        place = "__row__" if number is None else str(number)
        return {
            "prefix": f"{name}-{place}",
            "id": f"{id_}-{place}",
            "number": "" if number is None else number + 1,
            "complaints": [] if number is None else self.complaints.get(number, []),
            **row,
        }


class RowsField(ABC, forms.Field):
    """What rows stand for. Each is read by itself, so that what is wrong is told beside it."""

    widget: Any = Rows

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    @abstractmethod
    def read(self, row: Typed) -> Any:
        """What one row means. Raises ValidationError."""

    @abstractmethod
    def show(self, stored: Any) -> list[Typed]:
        """What is stored, as rows. Whatever it is: somebody has to be able to mend it."""

    def put_together(self, read: list[Any]) -> Any:
        """What all rows mean together. Raises ValidationError."""
        return read

    def clean(self, value: Any) -> Any:
        """Raises ValidationError naming the rows, and keeps what is wrong with each for the widget."""
        read, complaints = [], {}
        for number, row in enumerate(value or ()):
            try:
                if UNFIT.search("".join(row.values())):
                    raise ValidationError(_("It holds a character that cannot be stored: type it anew."))
                read.append(self.read(row))
            except ValidationError as error:
                complaints[number] = list(error.messages)
        self.widget.complaints = complaints
        if complaints:
            raise ValidationError([_row(number, text) for number, texts in complaints.items() for text in texts])
        if len(read) > self.widget.most:
            raise ValidationError(_("%(count)d rows are too many: keep at most %(most)d.") % self._counted(read))
        return self.put_together(read)

    def prepare_value(self, value: Any) -> list[Typed]:
        """Rows to show: what was typed as it was typed, else what is stored."""
        if isinstance(value, list) and all(isinstance(each, Typed) for each in value):
            return value
        return self.show(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, also where nothing was."""
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the rows are others, or mean something else."""
        return bool(data != self.show(initial))

    def _counted(self, read: list[Any]) -> dict[str, int]:
        return {"count": len(read), "most": self.widget.most}


def kind_of(values: Iterable[Any]) -> str:
    """What all of these values are: text, number or truth, else mixed."""
    kinds = {"truth" if isinstance(v, bool) else "number" if isinstance(v, int | float) else "text" for v in values}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "text"


def spelt(value: Any) -> str:
    """A value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def value_of(text: str, kind: str) -> Any:
    """What somebody means who typed this in the place of a value of that kind; a text where it is nothing else."""
    plain = text.strip()
    if kind in ("truth", "mixed") and plain.lower() in ("true", "false"):
        return plain.lower() == "true"
    if kind in ("number", "mixed"):
        if _WHOLE.fullmatch(plain):
            return int(plain)
        if _NUMBER.fullmatch(plain):
            return float(plain)
    return text


def lines_of(text: str) -> list[str]:
    """Those that are not blank."""
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def _row(number: int, text: str) -> str:
    return _("Row %(number)d: %(text)s") % {"number": number + 1, "text": text}
