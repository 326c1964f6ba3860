"""From a configuration and credentials to a way into the API; all that can be wrong is said before any call."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sheetsync.errors import BadColumn, BadSource, CallRefused
from sheetsync.outbound import Door, Rules, follow
from sheetsync.outbound.door import Query, checked_headers
from sheetsync.pipeline.paths import compile_plain
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources.rest.config import NUMBERED, PAGINATORS, RestConfig, RestCredentials, bad

ABSENT = object()
"""What a getter gives where its path leads to nothing, which is not the same as to null."""

MOST_AT_ONCE = 1_000


def getter(option: str, path: str) -> Callable[[Any], Any]:
    """The function that reads `path`, which may be empty for the whole. Raises BadSource."""
    if not path:
        return lambda value: value
    try:
        return compile_plain(path, ABSENT)
    except BadColumn as error:
        raise BadSource(f"{option}: {error}") from None


def query_of(option: str, values: Mapping[str, Any]) -> Query:
    """Parameters as they go into an address; a list is given one by one. Raises BadSource."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(each, bool):
                found.append((name, str(each).lower()))
            elif isinstance(each, (str, int)):
                found.append((name, str(each)))
            else:
                raise bad(f"{option}, {name}", each, "write a text, a whole number, true or false, or a list of them")
    return found


def checked(config: RestConfig) -> None:
    """Raises BadSource for what cannot work together."""
    for option, value, remedy in _faults(config):
        raise bad(option, value, remedy)
    for option in ("items_path", "id_path", "next_path", "cursor_path", "order_path"):
        getter(option, getattr(config, option))
    for option in ("lines_path", "lines_link_path", "lines_items_path", "line_id_path", "total_path", "updated_path"):
        getter(option, getattr(config, option) or "")


def _faults(config: RestConfig) -> Iterator[tuple[str, Any, str]]:
    numbered = config.paginator in NUMBERED
    if config.paginator not in PAGINATORS:
        near = difflib.get_close_matches(config.paginator, PAGINATORS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        yield "paginator", config.paginator, f"{hint}paginators are {', '.join(PAGINATORS)}"
    if numbered and config.stable_by is None:
        remedy = (
            "a list that is walked by numbers must be sorted by something that never changes, oldest first: write the "
            'parameters for it, such as {"sort": "id"}, or {} where it is sorted so by itself'
        )
        yield "stable_by", None, remedy
    if config.paginator == "offset" and config.limit_param is None:
        yield "limit_param", None, "write the name of the parameter for how many orders a page has"
    if config.paginator == "header_cursor" and config.cursor_header is None:
        yield "cursor_header", None, "write the name of the header that holds the cursor of the next page"
    if not 2 <= config.limit <= MOST_AT_ONCE:
        yield "limit", config.limit, f"ask for 2 to {MOST_AT_ONCE:,} orders a page"
    if config.since_format not in ("iso", "unix"):
        yield "since_format", config.since_format, "write iso or unix"
    if config.overlap < 1:
        yield "overlap", config.overlap, "look back for a second at least: clocks are read to the second"
    if not config.id_path:
        yield "id_path", config.id_path, "write what identifies an order"
    yield from _faults_of_lines(config, numbered=numbered)


def _faults_of_lines(config: RestConfig, *, numbered: bool) -> Iterator[tuple[str, Any, str]]:
    if config.lines_path is None and (config.rows_per == RowsPer.LINE or config.lines_elsewhere):
        yield "lines_path", None, "write where an order keeps its lines, or is to keep them"
    if config.lines_link_path is not None and config.lines_url is not None:
        yield "lines_url", config.lines_url, "leave it out, or leave lines_link_path out"
    if config.lines_elsewhere and not (config.lines_path or "").isidentifier():
        yield "lines_path", config.lines_path, "lines from elsewhere are put into the order: write a plain name"
    if config.lines_elsewhere and numbered and config.line_id_path is None:
        yield "line_id_path", None, "a list of lines that is walked by numbers needs it: write what identifies a line"
    for option in ("lines_url", "order_url"):
        template = getattr(config, option)
        if template is not None and template.count("{id}") != 1:
            yield option, template, "write {id} once, where the id of the order belongs"


def opened(config: RestConfig, credentials: RestCredentials, rules: Rules | None) -> Door:
    """The door to the API. Raises BadSource and AddressRefused."""
    texts = {name: str(value) for name, value in config.headers.items()}
    headers = {"Accept": "application/json"} | _checked_headers(texts) | _keys(config, credentials)
    door = Door(config.url, headers=headers, rules=rules, field="url")
    for option in ("lines_url", "order_url"):
        template = getattr(config, option)
        if template is not None:
            follow(door.url, template.replace("{id}", "0"), field=option)
    return door


def secret_params(config: RestConfig, credentials: RestCredentials) -> Query:
    """The parameters that open the API; they go along with each call and are kept out of all that is stored."""
    if credentials.param_value is None:
        return []
    if config.auth_param is None:
        raise bad("auth_param", None, "param_value is given: write the name of the parameter that it is for")
    return [(config.auth_param, credentials.param_value)]


def _keys(config: RestConfig, credentials: RestCredentials) -> dict[str, str]:
    ways = [credentials.bearer, credentials.username, credentials.header_value, credentials.param_value]
    if sum(way is not None for way in ways) > 1:
        raise BadSource("credentials: give one of bearer, username and password, header_value, param_value")
    if (credentials.username is None) != (credentials.password is None):
        raise BadSource("credentials: username and password go together: give both")
    if credentials.bearer is not None:
        return _checked_headers({"Authorization": f"Bearer {credentials.bearer}"})
    if credentials.username is not None:
        joined = f"{credentials.username}:{credentials.password}"
        packed = base64.b64encode(joined.encode("utf-8", "surrogatepass")).decode()
        return {"Authorization": f"Basic {packed}"}
    if credentials.header_value is not None:
        if config.auth_header is None:
            raise bad("auth_header", None, "header_value is given: write the name of the header that it is for")
        return _checked_headers({config.auth_header: credentials.header_value})
    return {}


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
    try:
        return checked_headers(headers)
    except CallRefused as error:
        raise BadSource(str(error)) from None
