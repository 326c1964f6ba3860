"""The kinds of sources there are, and the way from a configuration as JSON to an open source."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, get_type_hints

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.base import Source, Surroundings
from sheetsync.sources.file import FileConfig, FileSource
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource
from sheetsync.sources.rest import RestConfig, RestCredentials, RestSource
from sheetsync.sources.shopify import ShopifyConfig, ShopifyCredentials, ShopifySource, renew_tokens, unused_until
from sheetsync.sources.woocommerce import WooCommerceConfig, WooCommerceKeys, WooCommerceSource, silenced_webhooks


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source: its typed configuration, what opens it, and its credentials, where it needs some.

    `silenced`: which of the webhooks that lead to an address the shop has switched off, where it tells. `ends_at`: when
    credentials end that nobody uses, in seconds since 1970; `renew` has the shop replace them.
    """

    config: type[Any]
    open: Callable[[Any, Surroundings], Source]
    credentials: type[Any] | None = None
    silenced: Callable[[Any, Surroundings, str], list[str] | None] | None = None
    ends_at: Callable[[Any], float | None] = lambda credentials: None
    renew: Callable[[Any, Surroundings], None] | None = None


KINDS: dict[str, Kind] = {
    "file": Kind(FileConfig, lambda config, given: FileSource(config, given.tally)),
    "queryset": Kind(QuerysetConfig, lambda config, given: QuerysetSource(config, given.tally)),
    "rest": Kind(RestConfig, RestSource, RestCredentials),
    "shopify": Kind(ShopifyConfig, ShopifySource, ShopifyCredentials, ends_at=unused_until, renew=renew_tokens),
    "woocommerce": Kind(WooCommerceConfig, WooCommerceSource, WooCommerceKeys, silenced_webhooks),
}
"""A new kind is one more line. Its configuration is a frozen dataclass: `rows_per`, and fields of the types below. Its

credentials are another one, without `rows_per`.
"""

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


def open_source(
    kind: str,
    config: Mapping[str, Any],
    credentials: Mapping[str, Any] | None = None,
    *,
    rows_per: RowsPer,
    given: Surroundings | None = None,
) -> Source:
    """The source that a configuration describes, ready to stream. Raises BadSource naming the field and the remedy."""
    typed = config_from(kind, config, rows_per=rows_per)
    sealed = credentials_from(kind, credentials or {})
    return KINDS[kind].open(typed, replace(given or Surroundings(), credentials=sealed))


def silenced(
    kind: str, config: Mapping[str, Any], credentials: Mapping[str, Any], *, given: Surroundings, address: str
) -> list[str] | None:
    """The topics of webhooks that the shop has switched off; None where it does not tell. Raises what calls raise."""
    ask = KINDS[kind].silenced
    if ask is None:
        return None
    typed = config_from(kind, config)
    return ask(typed, replace(given, credentials=credentials_from(kind, credentials)), address)


def ends_at(kind: str, credentials: Mapping[str, Any]) -> float | None:
    """When these credentials end if nobody uses them; None where they do not, or make no sense."""
    try:
        return KINDS[kind].ends_at(credentials_from(kind, credentials)) if kind in KINDS and credentials else None
    except BadSource:
        return None


def renew(kind: str, config: Mapping[str, Any], credentials: Mapping[str, Any], *, given: Surroundings) -> None:
    """Have the shop replace credentials though no run needs them now. Raises what opening and calling it raise."""
    replaces = KINDS[kind].renew
    if replaces is not None:
        replaces(config_from(kind, config), replace(given, credentials=credentials_from(kind, credentials)))


def config_from(kind: str, config: Mapping[str, Any], *, rows_per: RowsPer = RowsPer.ORDER) -> Any:
    """The typed configuration of that kind: names and types are checked, nothing is opened. Raises BadSource."""
    if kind not in KINDS:
        raise BadSource(f"kind {_shown(kind)} is not known: {_near(kind, KINDS)}kinds are {', '.join(KINDS)}")
    if not isinstance(config, Mapping):
        raise BadSource(f"the configuration {_shown(config)} is not an object: write {{...}}")
    return KINDS[kind].config(**_typed(f"source {kind}", KINDS[kind].config, config), rows_per=rows_per)


def credentials_from(kind: str, credentials: Mapping[str, Any]) -> Any:
    """The typed credentials of that kind; None where it takes none. Raises BadSource, which tells no value."""
    type_ = KINDS[kind].credentials
    if type_ is None:
        return None
    return type_(**_typed(f"credentials of source {kind}", type_, credentials, secret=True))


def _typed(what: str, type_: type[Any], given: Mapping[str, Any], *, secret: bool = False) -> dict[str, Any]:
    """What was given, by the names and types of the dataclass's fields; what was not is left to its defaults."""
    known = {each.name: each for each in fields(type_) if each.name != _GIVEN}
    for name in given:
        if name not in known:
            # Somebody may have written a secret in the place of a name.
            shown = "[hidden]: " if secret else f"{_shown(name)}: {_near(name, known)}"
            raise BadSource(f"{what}, field {shown}fields are {', '.join(known)}")
    types = get_type_hints(type_)
    values = {name: _value(what, each, types[name], given.get(name), secret=secret) for name, each in known.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(what: str, known: Field[Any], type_: Any, value: Any, *, secret: bool) -> Any:
    takes, check = _TYPES[type_]
    if value is None:
        if known.default is MISSING and known.default_factory is MISSING:
            raise BadSource(f"{what}, {known.name} None: it is missing: write {takes}")
        return None
    if not check(value):
        raise BadSource(f"{what}, {known.name} {'[hidden]' if secret else _shown(value)}: write {takes}")
    return tuple(value) if isinstance(value, list) else value


def _near(name: Any, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(names), n=1)
    return f"did you mean {near[0]}? " if near else ""


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:60] + "…"
