"""The real client, wired to an emulator in this process or over HTTP, and a source that is a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from sheetsync.emulator import Emulator, Request
from sheetsync.errors import LeaseLost
from sheetsync.export import Job, column_specs, export
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.records import RowsPer, SourceRow
from sheetsync.sheets.client import Gateway, SheetsClient
from sheetsync.sheets.pacing import Unpaced
from sheetsync.sheets.tab import Tab, TabSpec
from sheetsync.sources.base import Capabilities

COLUMNS = columns_from(
    [
        {"header": "Order", "path": "@order_id"},
        {"header": "Customer", "path": "customer"},
        {"header": "Total", "path": "total", "type": "decimal"},
    ]
)
LINE_COLUMNS = columns_from(
    [
        {"header": "Order", "path": "@order_id"},
        {"header": "SKU", "path": "line.sku"},
        {"header": "Quantity", "path": "line.qty", "type": "integer"},
    ]
)
SHEET = 4711


class InProcess(BaseAdapter):
    """A requests transport that hands every request to an emulator in this process: all of it but the socket.

    `quietly`: without faults and uncounted, for a test's own looks.
    """

    def __init__(self, emulator: Emulator, *, quietly: bool = False) -> None:
        super().__init__()
        self.answer = emulator.perform if quietly else emulator.handle

    def send(self, request, **_):
        parts = urlsplit(request.url)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        query = parse_qsl(parts.query, keep_blank_values=True)
        sent = Request(method=request.method, path=parts.path, query=query, headers=dict(request.headers), body=body)
        try:
            reply = self.answer(sent)
        except ConnectionError as error:
            raise requests.ConnectionError(str(error)) from error
        raw = HTTPResponse(BytesIO(reply.body), status=reply.status, headers=reply.headers, preload_content=False)
        response = requests.Response()
        response.status_code, response.raw, response.request, response.url = reply.status, raw, request, request.url
        response.headers.update(reply.headers)
        return response

    def close(self):
        """Nothing is open."""


def a_client(emulator: Emulator, url: str | None = None, *, quietly: bool = False) -> SheetsClient:
    """A client of its own session; over HTTP where `url` is given. It never really sleeps."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer test"
    if url is None:
        session.mount("http://emulator", InProcess(emulator, quietly=quietly))
    gateway = Gateway(None, session=session, base_url=url or "http://emulator")
    gateway.set_timeout(20)
    return SheetsClient(gateway, Unpaced(sleep=_at_once), sleep=_at_once)


def _at_once(seconds: float) -> None:
    """Tests do not wait."""


@dataclass
class ListSource:
    """Orders that are a list: `{"id": ..., "lines": [...]}`. `now` is what a fetch by id finds."""

    orders: list[dict]
    rows_per: RowsPer = RowsPer.ORDER
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(fetch_by_id=True))

    def stream(self, query, cursor):
        for number in range(int(cursor or 0), len(self.orders)):
            yield from self._rows(self.orders[number], str(number + 1))

    def fetch(self, order_ids):
        for order in self.orders:
            if order["id"] in set(order_ids):
                yield from self._rows(order, None)

    def gone(self, order_ids):
        return order_ids

    def total(self):
        return len(self.orders)

    def watermark(self, cursor):
        return None

    def _rows(self, order, cursor):
        lines = order.get("lines", []) if self.rows_per is RowsPer.LINE else []
        for line in lines:
            yield SourceRow(order_id=order["id"], order=order, line_id=line["id"], line=line, cursor=cursor)
        if not lines:
            yield SourceRow(order_id=order["id"], order=order, cursor=cursor)


@dataclass
class Lease:
    """A fence that can be lost."""

    token: str = "lease-1"
    lost: bool = False

    def check(self):
        if self.lost:
            raise LeaseLost("another worker has taken this run over")


def a_tab(
    client, spreadsheet_id, *, columns=COLUMNS, title="Orders", sheet_id=SHEET, run="run-1", fence=None, adopt=()
):
    spec = TabSpec(title=title, columns=column_specs(columns), sheet_id=sheet_id, adopt=adopt)
    return Tab(client, spreadsheet_id, spec, run=run, fence=fence)


def run_export(client, spreadsheet_id, orders, *, columns=COLUMNS, on_commit=None, tab=None, **job):
    """Open the tab and export a list of orders into it. -> (report, tab)"""
    rows_per = job.pop("rows_per", RowsPer.ORDER)
    source = ListSource(orders, rows_per)
    tab = tab or a_tab(client, spreadsheet_id, columns=columns)
    job = Job(columns=columns, rows_per=rows_per, **job)
    return export(job, source, tab.open(), on_commit or (lambda report: None)), tab


def orders_of(*ids, **values):
    return [{"id": order_id, "customer": f"c-{order_id}", "total": "1.50", **values} for order_id in ids]


def table(emulator, spreadsheet_id, sheet_id=SHEET):
    """The tab as rows of values, without the header: technical columns first."""
    return emulator.spreadsheet(spreadsheet_id).sheet(id=sheet_id).values()[1:]


def live_rows(emulator, spreadsheet_id, sheet_id=SHEET, width=5):
    """{key: managed cells} of the rows that show an order. A key that two live rows carry fails."""
    found = {}
    for row in table(emulator, spreadsheet_id, sheet_id):
        cells = [*row, *[None] * (width - len(row))]
        if cells[0] and "." in str(cells[1] or ""):
            assert cells[0] not in found, f"two live rows for {cells[0]}"
            found[cells[0]] = cells[2:width]
    return found
