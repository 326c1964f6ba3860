"""What says where an API keeps its orders, how its pages follow each other, and what opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer

PAGINATORS = ("single_page", "header_link", "json_link", "cursor", "header_cursor", "page_number", "offset")

NUMBERED = ("page_number", "offset")
"""Those that count, so that what is deleted in front moves all that follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestConfig:
    """One list of orders; docs/sources/rest.md has a table with an example for each field.

    `url`: the list. `items_path`: where a page keeps its orders; empty where the page is the list. `params`, `headers`:
    sent with each call of a list, and with each call. `id_path`: what identifies an order.
    `lines_path`: where an order keeps its lines. `lines_link_path`: where it keeps a link to them instead, or
    `lines_url`: their address with `{id}` in it; both are read for each order, and put where `lines_path` says.
    `lines_items_path`: as `items_path`. `line_id_path`: without it a line's position is its id.
    `order_url`: the address of one order, with `{id}`; `order_path`: where its reply keeps it, alone or in a list.
    `paginator`, and what it needs: `next_path`; `cursor_path` or `cursor_header`, `cursor_param`, `has_more_path`;
    `page_param`, `base_page`; `offset_param`; `limit_param` and `limit`; `total_path`.
    `stable_by`: parameters by which a list that is walked by numbers is sorted by something that never changes.
    `since_param`: has the list hold only what changed since; `since_format` is `iso` or `unix`; `since_params` go with
    it. `clock_header`: where replies tell the shop's time; or `updated_path`: where orders tell when they were changed.
    `overlap`: seconds that a walk of what changed looks back. `auth_header`, `auth_param`: names for the credentials.
    """

    url: str
    rows_per: RowsPer
    items_path: str = ""
    id_path: str = "id"
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    lines_path: str | None = None
    lines_link_path: str | None = None
    lines_url: str | None = None
    lines_items_path: str | None = None
    line_id_path: str | None = None
    order_url: str | None = None
    order_path: str = ""
    paginator: str = "single_page"
    next_path: str = "next"
    cursor_path: str = "next_cursor"
    cursor_header: str | None = None
    cursor_param: str = "cursor"
    has_more_path: str | None = None
    page_param: str = "page"
    base_page: int = 1
    offset_param: str = "offset"
    limit_param: str | None = None
    limit: int = 100
    total_path: str | None = None
    stable_by: Mapping[str, Any] | None = None
    since_param: str | None = None
    since_format: str = "iso"
    since_params: Mapping[str, Any] = field(default_factory=dict)
    clock_header: str = "Date"
    updated_path: str | None = None
    overlap: int = 300
    auth_header: str | None = None
    auth_param: str | None = None

    @property
    def lines_elsewhere(self) -> bool:
        """Whether the lines of an order are a list of their own."""
        return self.lines_link_path is not None or self.lines_url is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestCredentials:
    """What opens the API, in one of four ways: a bearer token, a name and password, or the value of the configuration's

    `auth_header` or `auth_param`.
    """

    bearer: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    header_value: str | None = field(default=None, repr=False)
    param_value: str | None = field(default=None, repr=False)


def bad(option: str, value: Any, remedy: str) -> BadSource:
    """The error that names a field of the configuration, its value and the remedy."""
    shown = repr(value)
    return BadSource(f"{option} {shown if len(shown) <= 100 else shown[:100] + '…'}: {remedy}")
