"""The Sheets methods: from a checked request to the reply's JSON. Pure apart from the store it works on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from sheetsync.emulator.api import data_filters, masks, reading, schema, values, values_write
from sheetsync.emulator.api.append import append, check_inserting
from sheetsync.emulator.api.masks import Mask
from sheetsync.emulator.api.routes import ROUTES, STANDARD_QUERY, Route
from sheetsync.emulator.batch.batching import Batch
from sheetsync.emulator.batch.cells import update_cells
from sheetsync.emulator.batch.duplicate import copy_sheet
from sheetsync.emulator.batch.kinds import clean, run
from sheetsync.emulator.batch.metadata import by_id
from sheetsync.emulator.batch.sheets import add_sheet
from sheetsync.emulator.errors import ApiError, Refused, bad_payload, invalid
from sheetsync.emulator.grid.a1 import Rect, Span
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids
from sheetsync.emulator.store import Store
from sheetsync.emulator.wire import Facts, Request, timestamp

Json = dict[str, Any]
#: Replies that may hold cells are masked while they are built.
MASKED_BY_HANDLER = ("Spreadsheet", "BatchUpdateSpreadsheetResponse")


def match(request: Request) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and the decoded parts of its path; None when there is none."""
    for route in ROUTES:
        if route.method == request.method and (found := route.pattern.match(request.path)):
            return route, {name: unquote(part) for name, part in found.groupdict().items()}
    return None


def parse_body(request: Request) -> Json:
    """The JSON object of a request, `{}` for an empty body. Raises 400."""
    if not request.body.strip():
        return {}
    try:
        body = json.loads(request.body, parse_constant=_no_number)
    except ValueError as error:
        raise bad_payload("", f"Invalid JSON payload received. {error}") from error
    if not isinstance(body, dict):
        raise bad_payload("", 'Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return body


def _no_number(word: str) -> float:
    raise ValueError(f"Unexpected token. {word}")


class Api:
    """One call on the store; `facts` are the caller, the time and the seed."""

    def __init__(self, store: Store, request: Request, facts: Facts, route: Route, parts: dict[str, str]) -> None:
        self.store = store
        self.request = request
        self.facts = facts
        self.route = route
        self.parts = parts
        self.ids = Ids(facts.seed)
        self.year = datetime.fromtimestamp(facts.now, UTC).year

    def answer(self) -> Json:
        """Check the request, run the handler, mask the reply. Raises ApiError."""
        self._check_query()
        body = parse_body(self.request)
        if self.route.takes:
            # The recorded path of a ValueRange body is `data`, the name of the method's body field.
            schema.check(self.route.takes, body, "data" if self.route.takes == "ValueRange" else "")
        mask = self._mask()
        handler: Callable[[Json, Mask | None], Json] = getattr(self, self.route.name)
        try:
            reply = handler(body, mask)
        except Refused as refusal:
            raise invalid(str(refusal)) from refusal
        return reply if self.route.gives in MASKED_BY_HANDLER else dict(masks.apply(mask or {}, reply))

    def _check_query(self) -> None:
        for name, _ in self.request.query:
            if name not in self.route.query and name not in STANDARD_QUERY:
                raise bad_payload(
                    "",
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message.",
                )

    def _mask(self) -> Mask | None:
        text = self.request.param("fields") or self.request.header("X-Goog-FieldMask")
        if not text:
            return None
        mask = masks.parse(text)
        schema.check_mask(self.route.gives, mask)
        return mask

    @property
    def book(self) -> Spreadsheet:
        return self.store.find(self.parts["id"])

    def _flag(self, name: str) -> bool:
        """Python clients send True where others send true; Google takes both (recorded)."""
        return (self.request.param(name) or "").lower() == "true"

    def _render(self, source: Json | None = None) -> values.Render:
        get = (source or {}).get if source is not None else self.request.param
        return values.render_from(get("valueRenderOption"), get("dateTimeRenderOption"), get("majorDimension"))

    def _options(self, source: Json | None = None) -> values_write.Options:
        get: Callable[[str], Any] = self.request.param if source is None else source.get
        include = self._flag("includeValuesInResponse") if source is None else bool(get("includeValuesInResponse"))
        return values_write.Options(
            entered=values_write.check_option(get("valueInputOption")),
            include=include,
            render=values.render_from(get("responseValueRenderOption"), get("responseDateTimeRenderOption"), None),
            user=self.facts.user,
            year=self.year,
            misplaced=self.facts.misplaced,
        )

    # -- spreadsheets

    def create(self, body: Json, mask: Mask | None) -> Json:
        """POST /v4/spreadsheets: `sheets` replaces the default tab (measured)."""
        body = clean(body)
        props = body.get("properties") or {}
        title = props.get("title") or "Untitled spreadsheet"
        make = self.store.create if body.get("sheets") else self.store.create_default
        book = make(self.facts, self.ids, title)
        try:
            for sheet in body.get("sheets") or ():
                self._add_with_data(book, sheet)
            book.locale = props.get("locale", book.locale)
            book.time_zone = props.get("timeZone", book.time_zone)
            return reading.spreadsheet(book, None, False, mask, self.facts.user)
        except BaseException:
            self.store.withdraw(book.id)
            raise

    def _add_with_data(self, book: Spreadsheet, sheet: Json) -> None:
        batch = self._batch(book)
        reply = add_sheet(batch, {"properties": sheet.get("properties") or {}})
        sheet_id = reply["addSheet"]["properties"]["sheetId"]
        for data in sheet.get("data") or []:
            row, column = data.get("startRow", 0), data.get("startColumn", 0)
            start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
            update_cells(batch, {"start": start, "rows": data.get("rowData") or [], "fields": "*"})
        for name in sheet:
            if name not in ("properties", "data"):
                raise Refused(f"this emulator does not create {name} with a spreadsheet.")

    def get(self, body: Json, mask: Mask | None) -> Json:
        ranges = self.request.params("ranges")
        areas = reading.ranges_areas(self.book, ranges) if ranges else None
        return reading.spreadsheet(self.book, areas, self._flag("includeGridData"), mask, self.facts.user)

    def get_by_filter(self, body: Json, mask: Mask | None) -> Json:
        book, filters = self.book, body.get("dataFilters") or []
        chosen = data_filters.distinct_areas(book, clean(filters))
        return reading.spreadsheet(book, chosen, bool(body.get("includeGridData")), mask, self.facts.user)

    def _batch(self, book: Spreadsheet) -> Batch:
        return Batch(book, self.facts.user, self.ids, self.year)

    def batch_update(self, body: Json, mask: Mask | None) -> Json:
        """Replies 1:1; the spreadsheet after the batch when asked. A bad responseRange undoes the batch."""
        book, requests = self.book, body.get("requests") or []
        if not requests:
            raise invalid("Must specify at least one request.")
        below = None if mask is None else masks.below(mask, "updatedSpreadsheet")
        wanted = bool(body.get("includeSpreadsheetInResponse")) and (mask is None or below is not None)

        def updated() -> Json:
            if not wanted:
                return {}
            ranges = body.get("responseRanges") or []
            areas = reading.ranges_areas(book, ranges) if ranges else None
            grid = bool(body.get("responseIncludeGridData"))
            return {"updatedSpreadsheet": reading.spreadsheet(book, areas, grid, below, self.facts.user)}

        replies, after = run(self._batch(book), requests, updated)
        masked: Json = masks.apply(mask or {}, {"spreadsheetId": book.id, "replies": replies})
        return {**masked, **after}

    def copy_to(self, body: Json, mask: Mask | None) -> Json:
        """sheets.copyTo: the tab joins the end of the destination, which counts as changed."""
        source = self.book.by_id(int(self.parts["sheet"]))
        target = self.store.find(body.get("destinationSpreadsheetId") or "")
        reply = copy_sheet(source, target, self.ids)
        target.modified = timestamp(self.facts.now)
        return reply

    def metadata_get(self, body: Json, mask: Mask | None) -> Json:
        return by_id(self.book, int(self.parts["entry"]))

    def metadata_search(self, body: Json, mask: Mask | None) -> Json:
        return reading.search(self.book, clean(body.get("dataFilters") or []))

    # -- values

    def values_get(self, body: Json, mask: Mask | None) -> Json:
        ((sheet, rect),) = reading.ranges_areas(self.book, [self.parts["range"]])
        return values.read(sheet, rect, self._render())

    def values_batch_get(self, body: Json, mask: Mask | None) -> Json:
        return values.batch_get(self.book, self.request.params("ranges"), self._render())

    def values_batch_get_by_filter(self, body: Json, mask: Mask | None) -> Json:
        return values.batch_get_by_filter(self.book, clean(body.get("dataFilters") or []), self._render(body))

    def values_update(self, body: Json, mask: Mask | None) -> Json:
        return values_write.update(self.book, self.parts["range"], body, self._options())

    def values_append(self, body: Json, mask: Mask | None) -> Json:
        insert = check_inserting(self.request.param("insertDataOption"))
        return append(self.book, self.parts["range"], body, self._options(), insert)

    def values_clear(self, body: Json, mask: Mask | None) -> Json:
        areas = reading.ranges_areas(self.book, [self.parts["range"]])
        (cleared,) = values_write.clear(self.book, areas, self.facts.user)
        return {"spreadsheetId": self.book.id, "clearedRange": cleared}

    def values_batch_clear(self, body: Json, mask: Mask | None) -> Json:
        return self._clear_all(reading.ranges_areas(self.book, body.get("ranges") or []))

    def values_batch_clear_by_filter(self, body: Json, mask: Mask | None) -> Json:
        filters = clean(body.get("dataFilters") or [])
        return self._clear_all([area for each in filters for area in data_filters.filter_areas(self.book, each)])

    def _clear_all(self, areas: list[tuple[Sheet, Rect]]) -> Json:
        cleared = values_write.clear(self.book, areas, self.facts.user)
        return {"spreadsheetId": self.book.id, "clearedRanges": cleared}

    def values_batch_update(self, body: Json, mask: Mask | None) -> Json:
        targets = []
        for index, data in enumerate(body.get("data") or []):
            try:
                targets.append((*self.book.resolve(data.get("range") or ""), data))
            except ApiError as error:
                raise ApiError(error.code, f"Invalid data[{index}]: {error.message}") from error
        return values_write.batch_update(self.book, targets, self._options(body))

    def values_batch_update_by_filter(self, body: Json, mask: Mask | None) -> Json:
        targets = []
        for data in body.get("data") or []:
            for sheet, rect in data_filters.filter_areas(self.book, clean(data.get("dataFilter") or {})):
                targets.append((sheet, Span(*rect), data))
        reply = values_write.batch_update(self.book, targets, self._options(body))
        for response, (_, _, data) in zip(reply["responses"], targets, strict=True):
            response["dataFilter"] = data.get("dataFilter") or {}
            del response["spreadsheetId"]
        return reply
