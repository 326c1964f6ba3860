"""Records of an API become orders: what identifies them, and their lines, inside them or in a list of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from sheetsync.errors import BadRecord, RequestRefused
from sheetsync.pipeline.records import Cursor, RowsPer, SourceRow, row_key
from sheetsync.sources.rest import times
from sheetsync.sources.rest.calls import Api, with_id
from sheetsync.sources.rest.config import RestConfig
from sheetsync.sources.rest.listing import Listing
from sheetsync.sources.rest.opening import ABSENT, getter
from sheetsync.sources.rest.recent import Recent
from sheetsync.sources.rest.walking import pages

MAX_LINES = 100_000
"""Most lines of one order, all in memory at once."""

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Orders:
    """The orders that an API's records are. Raises BadRecord for a record that is none, and what calls raise."""

    def __init__(self, config: RestConfig, api: Api) -> None:
        self._config, self._api = config, api
        self._per_line = config.rows_per == RowsPer.LINE
        self._id = getter("id_path", config.id_path)
        self._updated = getter("updated_path", config.updated_path) if config.updated_path else None
        self._inside = getter("lines_path", config.lines_path or "")
        self._link = getter("lines_link_path", config.lines_link_path or "")
        self._line_id = getter("line_id_path", config.line_id_path or "")

    def identity(self, record: Any) -> str:
        """What tells records apart, also those that are no orders."""
        try:
            return self.id_of(record)
        except BadRecord:
            return f"\0{hash(repr(record))}"

    def id_of(self, record: Any) -> str:
        """The id of the order that the record is."""
        if not isinstance(record, Mapping):
            raise BadRecord(f"{self._api.shown}: a record is a {type(record).__name__}, not an object")
        return self._identifier("order id", self._id(record), "id_path", self._config.id_path)

    def rows(self, order_id: str, record: Mapping[str, Any], cursor: Cursor | None) -> Iterator[SourceRow]:
        """The rows of the order. Its lines are read now, where they are a list of their own."""
        order = record
        if self._config.lines_elsewhere:
            order = {**record, str(self._config.lines_path): self._read_lines(order_id, record)}
        lines = self._identified(order_id, order) if self._per_line else {}
        changed_at = times.moment(self._updated(record)) if self._updated else None
        whole = SourceRow(order_id=order_id, order=order, cursor=cursor, changed_at=changed_at)
        if not lines:
            yield whole
        for line_id, line in lines.items():
            yield replace(whole, line_id=line_id, line=line)

    def _identified(self, order_id: str, order: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        lines = self._inside(order)
        if lines is not None and not isinstance(lines, list):
            what = "nothing" if lines is ABSENT else f"a {type(lines).__name__}, not a list"
            raise self._bad(order_id, f"lines_path {self._config.lines_path!r} leads to {what}")
        found: dict[str, Mapping[str, Any]] = {}
        for number, line in enumerate(lines or (), 1):
            if not isinstance(line, Mapping):
                raise self._bad(order_id, f"line {number} is a {type(line).__name__}, not an object")
            line_id = str(number)
            if self._config.line_id_path is not None:
                line_id = self._identifier("line id", self._line_id(line), "line_id_path", self._config.line_id_path)
            if line_id in found:
                raise self._bad(order_id, f"two lines have the id {line_id[:40]!r}: correct line_id_path")
            found[line_id] = line
        return found

    def _read_lines(self, order_id: str, record: Mapping[str, Any]) -> list[Any]:
        link = self._lines_link(order_id, record)
        if link is None:
            return []
        path = self._config.lines_items_path
        listing = Listing(
            self._config, self._api, self._config.items_path if path is None else path, self._told, link=link
        )
        found: list[Any] = []
        met = Recent()
        try:
            for page in pages(listing, listing.first, met):
                new = [met.add(each, item) for each, item in zip(page.ids, page.items, strict=True)]
                counted = isinstance(page.token, int)
                found += [item for item, is_new in zip(page.items, new, strict=True) if is_new or not counted]
                if len(found) > MAX_LINES:
                    raise self._bad(order_id, f"it has over {MAX_LINES:,} lines: check where they are read from")
        except RequestRefused as refused:
            if refused.status not in GONE:
                raise
            raise self._bad(order_id, f"its lines are not where they should be: {refused}") from None
        return found

    def _lines_link(self, order_id: str, record: Mapping[str, Any]) -> str | None:
        """Where the lines are; None where the order says that it has none."""
        if self._config.lines_url is not None:
            link = with_id(self._config.lines_url, order_id)
        else:
            link = self._link(record)
            if link is None:
                return None
        if not isinstance(link, str) or not link:
            raise self._bad(order_id, "its lines cannot be found: correct lines_link_path")
        return link

    def _told(self, line: Any) -> str:
        """What tells lines apart."""
        found = self._line_id(line) if self._config.line_id_path is not None else line
        return str(found) if isinstance(found, (str, int)) else f"\0{hash(repr(line))}"

    def _identifier(self, what: str, value: Any, option: str, path: str) -> str:
        if value is ABSENT or value is None or value == "":
            raise BadRecord(f"{self._api.shown}: a record has no {what} at {option} {path!r}")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            kind = type(value).__name__
            raise BadRecord(f"{self._api.shown}: a record's {what} is a {kind}, not a text or whole number")
        row_key(str(value))
        return str(value)

    def _bad(self, order_id: str, reason: str) -> BadRecord:
        return BadRecord(f"{self._api.shown}, order {order_id[:40]!r}: {reason}")
