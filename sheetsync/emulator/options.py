"""Options as they come in, as JSON or from a command line: a refusal names the field, the value and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

LONGEST_SHOWN = 80


def wrong(field: str, value: object, remedy: str) -> ValueError:
    """The refusal of one value."""
    shown = repr(value)
    if len(shown) > LONGEST_SHOWN:
        shown = shown[:LONGEST_SHOWN] + "…"
    return ValueError(f"{field}: {shown} is not possible; {remedy}")


class Options:
    """A JSON object that is read field by field; `done` refuses what nobody asked for. All raise ValueError."""

    def __init__(self, given: object, where: str = "the body") -> None:
        if not isinstance(given, Mapping):
            raise wrong(where, given, "give an object of named values")
        self.given: Mapping[str, Any] = given
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether it is there at all; null counts as given."""
        self._asked.add(name)
        return name in self.given

    def _take(self, name: str, default: Any) -> Any:
        return self.given[name] if self.has(name) else default

    def whole(self, name: str, default: int | None, least: int = 0) -> int:
        """A whole number; without a default it must be there."""
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise wrong(name, value, f"give a whole number from {least}")
        return value

    def whole_or_none(self, name: str, default: int | None, least: int = 0) -> int | None:
        """The same, and null for none."""
        return None if self._take(name, default) is None else self.whole(name, default, least)

    def number(self, name: str, default: float, most: float | None = None) -> float:
        """A number from 0, up to `most`."""
        value = self._take(name, default)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(value) or not 0 <= value <= (value if most is None else most):
            raise wrong(name, value, "give a number from 0" + ("" if most is None else f" to {most:g}"))
        return float(value)

    def text(self, name: str, default: str | None) -> str:
        value = self._take(name, default)
        if not isinstance(value, str) or (not value and default is None):
            raise wrong(name, value, "give a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        return None if self._take(name, None) is None else self.text(name, None)

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise wrong(name, value, "give true or false")
        return value

    def choice(self, name: str, default: Any, known: Iterable[Any]) -> Any:
        value, known = self._take(name, default), list(known)
        if isinstance(value, bool) or value not in known:
            raise wrong(name, value, f"give one of {', '.join(map(str, known))}")
        return value

    def choices(self, name: str, default: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
        """A list of known names, one at least."""
        value, known = self._take(name, list(default)), list(known)
        if not isinstance(value, list | tuple) or not value:
            raise wrong(name, value, f"give a list of some of {', '.join(known)}")
        for each in value:
            if each not in known:
                raise wrong(name, each, f"give some of {', '.join(known)}")
        return tuple(value)

    def done(self) -> None:
        """Raise for a field that nobody asked for."""
        for name in self.given:
            if name not in self._asked:
                raise wrong(str(name), self.given[name], f"leave it out; known here: {', '.join(sorted(self._asked))}")


def pairs(text: str, field: str) -> dict[str, Any]:
    """`name=number,name=number` of a command line -> the object that JSON would give; `none` means null."""
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals:
            raise wrong(field, part, "give name=number pairs, with commas between them")
        found[name.strip()] = _number(f"{field} {name.strip()}", value.strip())
    return found


def _number(field: str, text: str) -> float | int | None:
    if text == "none":
        return None
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        raise wrong(field, text, "give a number, or none") from None
