"""The kinds of sources there are, and the way from a configuration as JSON to an open source."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, get_type_hints

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer, Tally
from sheetsync.sources.base import Source
from sheetsync.sources.file import FileConfig, FileSource
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source: its typed configuration, and what opens it."""

    config: type[Any]
    open: Callable[[Any, Tally], Source]


KINDS: dict[str, Kind] = {
    "file": Kind(FileConfig, FileSource),
    "queryset": Kind(QuerysetConfig, QuerysetSource),
}
"""A new kind is one more line. Its configuration is a frozen dataclass: `rows_per`, and fields of the types below."""

_GIVEN = "rows_per"
"""The field that is not the configuration's to say: the automation does."""

_Check = Callable[[Any], bool]


def _is_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


_TYPES: dict[Any, tuple[str, _Check]] = {
    str: ("a text", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    tuple[str, ...]: ("a list of texts", _is_texts),
    Mapping[str, Any]: ("an object", _is_object),
}
_TYPES |= {kind | None: (what, check) for kind, (what, check) in list(_TYPES.items())}
"""What a field of each type takes, in words and as a check. `null` is as good as left out."""


def open_source(kind: str, config: Mapping[str, Any], *, rows_per: RowsPer, tally: Tally) -> Source:
    """The source that a configuration describes, ready to stream. Raises BadSource naming the field and the remedy."""
    typed = config_from(kind, config, rows_per=rows_per)
    return KINDS[kind].open(typed, tally)


def config_from(kind: str, config: Mapping[str, Any], *, rows_per: RowsPer = RowsPer.ORDER) -> Any:
    """The typed configuration of that kind: names and types are checked, nothing is opened. Raises BadSource."""
    if kind not in KINDS:
        raise BadSource(f"kind {_shown(kind)} is not known: {_near(kind, KINDS)}kinds are {', '.join(KINDS)}")
    if not isinstance(config, Mapping):
        raise BadSource(f"the configuration {_shown(config)} is not an object: write {{...}}")
    known = {each.name: each for each in fields(KINDS[kind].config) if each.name != _GIVEN}
    for name in config:
        if name not in known:
            raise BadSource(f"source {kind}, field {_shown(name)}: {_near(name, known)}fields are {', '.join(known)}")
    types = get_type_hints(KINDS[kind].config)
    values = {name: _value(kind, each, types[name], config.get(name)) for name, each in known.items()}
    given = {name: value for name, value in values.items() if value is not None}
    return KINDS[kind].config(**given, rows_per=rows_per)


def _value(kind: str, known: Field[Any], type_: Any, value: Any) -> Any:
    what, check = _TYPES[type_]
    if value is None:
        if known.default is MISSING and known.default_factory is MISSING:
            raise _bad(kind, known.name, None, f"it is missing: write {what}")
        return None
    if not check(value):
        raise _bad(kind, known.name, value, f"write {what}")
    return tuple(value) if isinstance(value, list) else value


def _near(name: Any, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(names), n=1)
    return f"did you mean {near[0]}? " if near else ""


def _bad(kind: str, name: str, value: Any, remedy: str) -> BadSource:
    return BadSource(f"source {kind}, {name} {_shown(value)}: {remedy}")


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"
