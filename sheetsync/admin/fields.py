"""What forms take besides plain texts: JSON files, secrets that are never shown, lists by lines, and spreadsheets."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sheetsync.admin.rowed import UNFIT, lines_of

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class JsonField(forms.Field):
    """A JSON list or object, indented so that it can be read. Left empty, it is an empty one.

    Django's own field takes any JSON, and what PostgreSQL refuses later: NUL, NaN, halves of surrogate pairs.
    """

    widget: Any = forms.Textarea
    default_error_messages = {
        "no_json": _("This is not JSON: %(problem)s."),
        "kind": _("Write %(what)s."),
        "nul": _("It holds \\u0000, which no database keeps: remove it."),
    }
    kinds: ClassVar[dict[type[Any], Any]] = {list: _("a list, in square brackets"), dict: _("an object, in braces")}

    def __init__(self, kind: type[Any], **kwargs: Any) -> None:
        self.kind = kind
        kwargs.setdefault("required", False)
        kwargs.setdefault("initial", kind)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """The list or object. Raises ValidationError without the value: it may be a secret."""
        if value is None or not value.strip():
            return self.nothing()
        try:
            found = json.loads(value)
            text = json.dumps(found, ensure_ascii=False, allow_nan=False)
            text.encode()
        except (ValueError, RecursionError) as error:
            problem = str(error) if isinstance(error, json.JSONDecodeError) else _("it holds what JSON cannot carry")
            raise self._error("no_json", problem=problem) from None
        if not isinstance(found, self.kind):
            raise self._error("kind", what=self.kinds[self.kind])
        if _NUL.search(text):
            raise self._error("nul")
        return found

    def nothing(self) -> Any:
        """What a field that was left empty stands for."""
        return self.kind()

    def prepare_value(self, value: Any) -> Any:
        """As people read it; what they typed, as they typed it."""
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


class Unseen(forms.Textarea):
    """What is typed here goes to the server and never comes back, not even beside an error."""

    def __init__(self) -> None:
        super().__init__({"rows": 6, "autocomplete": "off", "spellcheck": "false"})

    def format_value(self, value: Any) -> str:
        """Nothing."""
        return ""


class SecretField(JsonField):
    """A JSON object with secrets. Left empty, it is None: what is stored stays."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(dict, widget=Unseen(), initial=None, **kwargs)

    def nothing(self) -> Any:
        """Nothing new."""
        return None

    def prepare_value(self, value: Any) -> str:
        """Nothing."""
        return ""


class SecretText(SecretField):
    """A password, key or token. Left empty, it is None: what is stored stays."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget = forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false", "size": 40})

    def to_python(self, value: Any) -> str | None:
        """As it was pasted, without blanks around it."""
        text = (value or "").strip()
        if UNFIT.search(text):
            raise ValidationError(_("It holds a character that cannot be stored: copy it anew."))
        return text or None


class KeyFileField(SecretField):
    """The JSON key file of a service account, chosen as a file."""

    longest = 20_000

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget = forms.FileInput({"accept": ".json,application/json"})

    def to_python(self, value: Any) -> Any:
        """What the file holds. Raises ValidationError without any of it."""
        if value is None:
            return None
        if value.size > self.longest:
            raise ValidationError(_("This is no key file: it is too large."))
        try:
            value.seek(0)
            return super().to_python(value.read().decode())
        except UnicodeDecodeError:
            raise ValidationError(_("This is no key file: choose the JSON file that Google gave you.")) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether a file was chosen."""
        return bool(data)


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, *, most: int = 100, longest: int = 1_000, rows: int = 3, **kwargs: Any) -> None:
        self.most, self.longest = most, longest
        kwargs.setdefault("required", False)
        widget = forms.Textarea({"rows": rows, "cols": 40, "spellcheck": "false"})
        super().__init__(strip=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """The lines that are not blank."""
        found = [line.strip() for line in lines_of(super().clean(value))]
        if any(UNFIT.search(line) for line in found):
            raise ValidationError(_("It holds a character that cannot be stored: type it anew."))
        if len(found) > self.most:
            shown = {"count": len(found), "most": self.most}
            raise ValidationError(_("%(count)d lines are too many: write at most %(most)d."), params=shown)
        if any(len(line) > self.longest for line in found):
            raise ValidationError(
                _("A line has more than %(most)d characters: shorten it."), params={"most": self.longest}
            )
        return found

    def prepare_value(self, value: Any) -> Any:
        """A line each."""
        return "\n".join(str(each) for each in value) if isinstance(value, list | tuple) else value or ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the lines are others."""
        shown = self.prepare_value(initial)
        return [line.strip() for line in lines_of(data or "")] != [line.strip() for line in lines_of(str(shown))]


class SpreadsheetField(forms.CharField):
    """A spreadsheet's id, also out of its address as it stands in the browser. `gid`: the tab's, where that has one.

    At Google, or in an emulator on this machine.
    """

    _ADDRESS = re.compile(
        r"https?://(?:docs\.google\.com|localhost|127\.0\.0\.1)(?::\d+)?/"
        r"(?:a/[^/]+/)?spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:[/?#].*)?"
    )
    _GID = re.compile(r"[#&?]gid=([0-9]{1,10})(?:[&#]|$)")

    def __init__(self, **kwargs: Any) -> None:
        self.gid: int | None = None
        super().__init__(**kwargs | {"max_length": 2_000})
        self.widget.attrs.update({"size": 60, "autocomplete": "off", "spellcheck": "false"})
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        """The id. What is no address is taken for one; the model judges it."""
        text = str(super().to_python(value))
        found = self._ADDRESS.fullmatch(text)
        if not found:
            return text
        gid = self._GID.search(text)
        self.gid = int(gid[1]) if gid else None
        return found[1]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The address of the same spreadsheet is no change."""
        found = self._ADDRESS.fullmatch((data or "").strip())
        return super().has_changed(initial, found[1] if found else data)
