"""Files, Drive, tokens, quotas: who may do what, and Google's bodies for the refusals."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from google.auth import exceptions
from google.auth.transport.requests import Request as GoogleRequest
from google.oauth2 import service_account

from sheetsync.emulator import Emulator, Quotas, Request
from tests.emulator.support import Client, call, line

SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]
MIME = "application/vnd.google-apps.spreadsheet"


def test_a_new_drive_file_has_one_default_tab(emulator: Emulator) -> None:
    file = call(emulator, "POST", "/drive/v3/files", {"name": "Shop", "mimeType": MIME}).json()
    assert file == {"kind": "drive#file", "id": file["id"], "name": "Shop", "mimeType": MIME}
    reply = call(emulator, "GET", f"/v4/spreadsheets/{file['id']}", fields="sheets.properties").json()
    grid = {"rowCount": 1000, "columnCount": 26}
    (sheet,) = reply["sheets"]
    assert sheet["properties"]["title"] == "Sheet1"
    assert sheet["properties"]["gridProperties"] == grid


def test_drive_lists_by_name_newest_first(emulator: Emulator) -> None:
    ids = [emulator.create_spreadsheet(title) for title in ("a", "b", "a")]
    reply = call(emulator, "GET", "/drive/v3/files", q=f'mimeType="{MIME}" and name = "a"', fields="files(id)").json()
    assert reply == {"files": [{"id": ids[2]}, {"id": ids[0]}]}


def test_a_deleted_file_is_not_found(emulator: Emulator) -> None:
    file_id = emulator.create_spreadsheet("gone")
    response = call(emulator, "DELETE", f"/drive/v3/files/{file_id}")
    assert (response.status, response.body) == (204, b"")
    error = {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    assert call(emulator, "GET", f"/v4/spreadsheets/{file_id}").json() == {"error": error}
    assert (
        call(emulator, "GET", f"/drive/v3/files/{file_id}").json()["error"]["message"] == f"File not found: {file_id}."
    )


def test_somebody_elses_file_is_forbidden(client: Client) -> None:
    client.emulator.forbid(client.id)
    error = {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
    assert client.send("GET", "").json() == {"error": error}


def test_a_created_spreadsheet_has_the_asked_tabs_and_cells_instead_of_the_default(emulator: Emulator) -> None:
    row = {"values": [{"userEnteredValue": {"stringValue": "x"}}]}
    sheets = [{"properties": {"title": "Orders", "sheetId": 4}, "data": [{"rowData": [row]}]}]
    reply = call(emulator, "POST", "/v4/spreadsheets", {"properties": {"title": "Shop"}, "sheets": sheets}).json()
    book = emulator.spreadsheet(reply["spreadsheetId"])
    assert [(sheet.id, sheet.title, sheet.values()) for sheet in book.sheets] == [(4, "Orders", [["x"]])]


def test_a_tab_id_that_exists_is_refused(client: Client) -> None:
    message = client.refusal({"addSheet": {"properties": {"sheetId": 0}}})
    assert message == "Invalid requests[0].addSheet: Sheet with id 0 already exists"


def test_the_last_tab_can_neither_go_nor_hide(client: Client) -> None:
    assert client.refusal({"deleteSheet": {}}).endswith("You can't remove all the sheets in a document.")
    hide = {"properties": {"hidden": True}, "fields": "hidden"}
    assert client.refusal({"updateSheetProperties": hide}).endswith("You can't hide all the sheets in a document.")


def test_the_201st_tab_is_refused(client: Client) -> None:
    tabs = [{"addSheet": {"properties": {"gridProperties": {"rowCount": 1, "columnCount": 1}}}}] * 199
    client.ok(*tabs)
    assert "200" in client.refusal(tabs[0])


def test_a_protected_range_refuses_others_with_400(orders: Client) -> None:
    area = {"startRowIndex": 0, "endRowIndex": 1}
    orders.emulator.person.do(orders.id, {"addProtectedRange": {"protectedRange": {"range": area}}})
    message = orders.put("Orders!A1", [["mine"]]).json()["error"]["message"]
    assert message.startswith("You are trying to edit a protected cell or object.")
    assert orders.put("Orders!A2", [["mine"]]).status == 200


def test_a_taken_range_name_fails_the_batch(client: Client) -> None:
    named = {"addNamedRange": {"namedRange": {"name": "lock", "range": {"endRowIndex": 1}}}}
    client.ok(named)
    message = client.refusal({"insertDimension": {"range": line("ROWS", 0)}}, named)
    assert message.endswith("Cannot add named range with name lock, a named range with that name already exists.")
    assert client.sheet.row_count == 10


@pytest.mark.parametrize("path", ["/v4/spreadsheets/x", "/drive/v3/files"])
def test_a_read_without_a_token_is_that_of_an_unregistered_caller(emulator: Emulator, path: str) -> None:
    response = emulator.handle(Request(method="GET", path=path))
    assert (response.status, response.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert "unregistered callers" in response.json()["error"]["message"]


def test_a_write_without_a_token_is_unauthenticated(emulator: Emulator) -> None:
    response = emulator.handle(Request(method="POST", path="/v4/spreadsheets/x:batchUpdate"))
    assert response.status == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"
    assert response.headers["WWW-Authenticate"].endswith('error="invalid_token"')


def test_strict_auth_takes_only_tokens_issued_here(tmp_path: Path) -> None:
    emulator = Emulator(strict_auth=True)
    sheet_id = emulator.create_spreadsheet("Shop")
    assert call(emulator, "GET", f"/v4/spreadsheets/{sheet_id}").status == 401
    with emulator.serve() as server:
        credentials = _credentials(emulator, tmp_path, server.url)
        credentials.refresh(GoogleRequest())
        bearer = {"Authorization": f"Bearer {credentials.token}"}
        request = Request(method="GET", path=f"/v4/spreadsheets/{sheet_id}", headers=bearer)
        assert emulator.handle(request).status == 200


def _credentials(emulator: Emulator, folder: Path, url: str) -> service_account.Credentials:
    path = emulator.accounts.write_account(folder / "account.json", url)
    read: Any = service_account.Credentials.from_service_account_file
    credentials: service_account.Credentials = read(str(path), scopes=SCOPES)
    return credentials


def test_an_assertion_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    emulator, stranger = Emulator(), Emulator()
    with emulator.serve() as server:
        credentials = _credentials(stranger, tmp_path, server.url)
        with pytest.raises(exceptions.RefreshError, match="Invalid JWT Signature"):
            credentials.refresh(GoogleRequest())


def test_an_assertion_from_yesterday_is_refused(tmp_path: Path) -> None:
    emulator = Emulator(clock=lambda: time.time() + 86_400)
    with emulator.serve() as server, pytest.raises(exceptions.RefreshError, match="short-lived token"):
        _credentials(emulator, tmp_path, server.url).refresh(GoogleRequest())


def test_a_token_expires() -> None:
    now = [1000.0]
    emulator = Emulator(strict_auth=True, clock=lambda: now[0])
    emulator.accounts.issue("ya29.x", 1000.0)
    assert emulator.accounts.user_of("ya29.x", 4598) is not None
    assert emulator.accounts.user_of("ya29.x", 4600) is None


def test_a_refresh_token_works_until_it_is_revoked(emulator: Emulator) -> None:
    form = b"grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=1//x"
    request = Request(method="POST", path="/token", body=form)
    assert emulator.handle(request).json()["token_type"] == "Bearer"
    emulator.accounts.revoked = True
    error = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert (emulator.handle(request).status, emulator.handle(request).json()) == (400, error)


def test_reads_and_writes_have_quotas_of_their_own_and_refill() -> None:
    now = [0.0]
    emulator = Emulator(quotas=Quotas(user_reads=2, user_writes=1), clock=lambda: now[0])
    client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
    assert [client.send("GET", "").status for _ in range(3)] == [200, 200, 429]
    assert [client.put("Orders!A1", [["x"]]).status for _ in range(2)] == [200, 429]
    now[0] = 60.0
    assert client.send("GET", "").status == 200


def test_the_429_has_googles_body_and_no_retry_after() -> None:
    emulator = Emulator(quotas=Quotas(user_writes=0))
    client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
    response = client.put("Orders!A1", [["x"]])
    error = response.json()["error"]
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user'"
    )
    assert error["details"][0]["metadata"]["quota_limit"] == "WriteRequestsPerMinutePerUser"
    assert "Retry-After" not in response.headers


def test_calls_are_counted_by_kind(orders: Client) -> None:
    orders.emulator.calls.clear()
    orders.read("Orders!A1")
    orders.send("POST", ":getByDataFilter", {"dataFilters": []})
    orders.put("Orders!A1", [["x"]])
    assert (orders.emulator.count("read"), orders.emulator.count("write")) == (2, 1)


def test_requests_are_recorded_on_demand(orders: Client) -> None:
    orders.emulator.record = True
    orders.put("Orders!A1", [["x"]])
    ((method, path, query, body),) = orders.emulator.requests
    assert (method, query, body) == ("PUT", [("valueInputOption", "RAW")], {"values": [["x"]]})
    assert path.endswith("/values/Orders!A1")
