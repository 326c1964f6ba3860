"""JSON in forms: checked as strictly as the strictest database does, and secrets that are taken and never shown."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class JsonField(forms.Field):
    """A JSON list or object, indented so that it can be read. Left empty, it is an empty one.

    Django's own field takes any JSON, and what PostgreSQL refuses later: NUL, NaN, halves of surrogate pairs.
    """

    widget = forms.Textarea
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
