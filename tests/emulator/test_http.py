"""The emulator over HTTP: gspread, the admin paths, the pages, the command, and recorded traffic."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import gspread
import pytest
from google.oauth2.credentials import Credentials
from requests import Response as HttpResponse

from sheetsync.emulator import Emulator
from tests.emulator.support import TOKEN, Client, line

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT.parent / "shared" / "conformance"
GOOGLE = re.compile(r"https://[a-z]+\.googleapis\.com")


def http(url: str, body: Any = None, method: str | None = None, **headers: str) -> tuple[int, bytes, Any]:
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, method=method, headers={**TOKEN, **headers})  # noqa: S310
    with urllib.request.urlopen(call) as reply:  # noqa: S310 (our own http address)
        return reply.status, reply.read(), reply.headers


def gspread_client(url: str) -> gspread.Client:
    class ToEmulator(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> HttpResponse:
            return super().request(method, GOOGLE.sub(url, endpoint), *args, **kwargs)

    credentials: Any = Credentials
    return gspread.Client(credentials("ya29.gspread"), http_client=ToEmulator)


def test_gspread_works_against_it() -> None:
    emulator = Emulator()
    with emulator.serve() as server:
        client = gspread_client(server.url)
        book = client.create("Shop")
        tab = book.add_worksheet("Orders", rows=5, cols=4)
        tab.update([["key", "sum"], ["1", 2.5]], "A1")
        tab.append_row(["2", 3])
        tab.sort((2, "des"), range="A2:B3")
        tab.insert_note("A1", "the key")
        assert tab.get_all_records() == [{"key": 2, "sum": 3}, {"key": 1, "sum": 2.5}]
        assert tab.get_note("A1") == "the key"
        assert client.open("Shop").worksheet("Orders").row_count == 5
        with pytest.raises(gspread.SpreadsheetNotFound):
            client.open_by_key("nothing")
        client.http_client.session.close()


def test_gspread_copies_shares_exports_and_imports_a_file() -> None:
    with Emulator().serve() as server:
        client = gspread_client(server.url)
        book = client.create("Shop")
        book.sheet1.update([["key", "sum"], ["1", 2.5]], "A1")
        copy = client.copy(book.id, title="Backup", copy_comments=True)
        assert copy.export(gspread.utils.ExportFormat.CSV) == b"key,sum\r\n1,2.5"
        copy.share("ann@example.com", perm_type="user", role="writer")
        assert {each["role"] for each in copy.list_permissions()} == {"owner", "writer"}
        client.import_csv(copy.id, "a,b\n1,2")
        assert client.open("Backup").sheet1.get_all_values() == [["a", "b"], ["1", "2"]]
        assert {each["name"] for each in client.list_spreadsheet_files()} == {"Shop", "Backup"}
        client.http_client.session.close()


def test_a_connection_serves_many_calls_and_compresses_only_when_asked() -> None:
    emulator = Emulator()
    client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
    client.put("Orders!A1", [["x" * 5000]])
    with emulator.serve() as server:
        url = f"{server.url}/v4/spreadsheets/{client.id}/values/Orders!A1"
        _, plain, _ = http(url)
        _, packed, headers = http(url, **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_faults_and_people_can_be_steered_over_http() -> None:
    emulator = Emulator()
    with emulator.serve() as server:
        admin = f"{server.url}/_emulator"
        made = json.loads(http(f"{admin}/spreadsheets", {"title": "Shop", "rows": 3})[1])["spreadsheetId"]
        act = {"insertDimension": {"range": line("ROWS", 0)}}
        http(f"{admin}/faults", {"kind": "before", "spreadsheetId": made, "requests": [act]})
        http(f"{admin}/person", {"spreadsheetId": made, "requests": [act]})
        http(f"{server.url}/v4/spreadsheets/{made}:batchUpdate", {"requests": [act]})
        calls = json.loads(http(f"{admin}/calls")[1])["calls"]
        assert emulator.spreadsheet(made).sheets[0].row_count == 6
        assert [call["kind"] for call in calls] == ["write"]
        http(f"{admin}/reset", {})
    assert emulator.store.books == {}


def test_the_command_serves_and_stops_on_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "sheets_emulator", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        account = json.loads(Path(process.stdout.readline().split()[-1]).read_text())
        assert http(f"{url}/")[0] == 200
        assert account["token_uri"] == f"{url}/token"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.needs(CONFORMANCE)
def test_all_recorded_google_traffic_is_answered_as_google_did() -> None:
    with Emulator().serve() as server:
        command = [sys.executable, str(CONFORMANCE / "replay.py"), server.url, str(CONFORMANCE / "tapes")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "differ; cassettes fully matching: 56/56" in done.stdout, done.stdout
