"""files.export and the upload of CSV. REC: recorded at Google. LIVE: somebody's dated measurements."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator, Request, Response
from tests.emulator.support import TOKEN, Client, call, marker, write

CSV, TSV = "text/csv", "text/tab-separated-values"


def export(client: Client, kind: str) -> Response:
    return call(client.emulator, "GET", f"/drive/v3/files/{client.id}/export", mimeType=kind)


def upload(client: Client, body: bytes, **query: str) -> Response:
    """As gspread's import_csv does it."""
    options = {"uploadType": "media", "convert": "True", "supportsAllDrives": "True", **query}
    return call(client.emulator, "PUT", f"/upload/drive/v2/files/{client.id}", body, **options)


def test_the_first_tab_is_exported_as_csv(client: Client) -> None:
    client.put("Orders!A1", [["a1", "B2"]])
    response = export(client, CSV)
    assert (response.status, response.body) == (200, b"a1,B2")  # REC
    assert dict(response.headers) == {"Content-Type": "text/csv", "Content-Disposition": "attachment"}  # REC


@pytest.mark.parametrize(
    ("rows", "csv", "tsv"),
    [
        ([["a", ""], ["", ""], ["b", "c"]], "a,\r\n,\r\nb,c", "a\t\r\n\t\r\nb\tc"),  # LIVE: as wide as the widest
        ([["x,y", 'say "z"', "1\n2"]], '"x,y","say ""z""","1\n2"', 'x,y\tsay "z"\t1 2'),  # LIVE
        ([["1\t2", " x "]], "1\t2, x ", "1 2\t x "),  # LIVE: a tab needs no quotes
        ([[True, 1.5, 7]], "TRUE,1.5,7", "TRUE\t1.5\t7"),  # LIVE: what is seen
        ([], "", ""),
    ],
)
def test_cells_are_exported_in_drives_dialects(client: Client, rows: list[list[object]], csv: str, tsv: str) -> None:
    client.put("Orders!A1", rows)
    assert export(client, CSV).body.decode() == csv
    assert export(client, TSV).body.decode() == tsv


def test_numbers_are_exported_as_they_are_shown(client: Client) -> None:
    client.put("Orders!A1", [["$5.00", "2026-09-05", "=3/2"]], "USER_ENTERED")
    assert export(client, CSV).body == b"$5.00,2026-09-05,1.5"


@pytest.mark.parametrize("kind", ["text/plain", "bogus/type", "text/csv;charset=utf-8", "text/csv ", ""])
def test_a_format_that_no_spreadsheet_has_is_refused(client: Client, kind: str) -> None:
    error = export(client, kind).json()["error"]
    assert (error["code"], error["message"]) == (400, "The requested conversion is not supported.")  # LIVE
    assert error["errors"][0]["location"] == "convertTo"


def test_a_format_is_known_in_any_case_and_must_be_given(client: Client) -> None:
    assert export(client, "TEXT/csv").headers["Content-Type"] == "TEXT/csv"  # LIVE
    missing = call(client.emulator, "GET", "/drive/v3/files/nothing/export").json()["error"]
    assert (missing["code"], missing["message"]) == (400, "Required parameter: mimeType")  # LIVE: before the file


@pytest.mark.parametrize(
    "kind", ["application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip"]
)
def test_a_format_that_only_google_writes_is_refused_by_name(client: Client, kind: str) -> None:
    message = export(client, kind).json()["error"]["message"]
    assert message.startswith(f"this emulator does not export a spreadsheet as {kind}")


def test_an_upload_says_what_may_be_done_with_the_file(client: Client) -> None:
    reply = upload(client, b"test 1").json()
    wanted = {  # REC test_import_csv
        "appDataContents": False,
        "capabilities": {"canEdit": True, "canCopy": True},
        "copyRequiresWriterPermission": False,
        "spaces": ["drive"],
        "writersCanShare": True,
    }
    assert {name: reply.get(name) for name in wanted} == wanted


def test_an_upload_replaces_all_tabs_by_one_named_as_the_file(client: Client) -> None:
    client.ok({"addSheet": {"properties": {"title": "Second"}}}, marker(1))
    reply = upload(client, b"test 1,test 2\ntest 3,test 4").json()
    assert (reply["kind"], reply["id"], reply["title"]) == ("drive#file", client.id, "Shop")  # REC
    book = client.emulator.spreadsheet(client.id)
    (sheet,) = book.sheets
    assert (sheet.title, sheet.row_count, sheet.column_count, sheet.id != 0) == ("Shop", 1000, 26, True)  # REC
    assert (book.time_zone, book.metadata) == ("America/Los_Angeles", {})  # REC
    assert client.read("Shop")["values"] == [["test 1", "test 2"], ["test 3", "test 4"]]  # REC


def test_an_upload_is_read_as_if_it_was_typed(client: Client) -> None:
    upload(client, '\ufeff007,"a,\r\nb",=1+1,$5\r\n\r\n"say ""x""",,2026-09-05\r\n'.encode())
    assert client.read("Shop")["values"] == [["7", "a,\r\nb", "2", "$5"], [], ['say "x"', "", "2026-09-05"]]


def test_an_upload_that_is_wider_than_a_new_tab_makes_it_wider(client: Client) -> None:
    upload(client, ",".join(map(str, range(30))).encode())
    assert (client.sheet.row_count, client.sheet.column_count) == (1000, 30)


@pytest.mark.parametrize(
    ("body", "query", "message"),
    [
        (b"\xff\xfe", {}, "this emulator does not read CSV that is not UTF-8."),
        (b"a", {"uploadType": "multipart"}, "this emulator does not take uploads other than uploadType=media"),
        (b"x" * 50_001, {}, "Your input contains more than the maximum of 50000 characters in a single cell."),
        (b"," * 18_278, {}, "This action would increase the number of columns in the sheet above the limit"),
    ],
)
def test_an_upload_that_cannot_be_taken_changes_nothing(
    orders: Client, body: bytes, query: dict[str, str], message: str
) -> None:
    before = orders.sheet.values()
    response = upload(orders, body, **query)
    assert response.status == 400
    assert response.json()["error"]["message"].startswith(message)
    assert orders.sheet.values() == before


def test_an_upload_of_another_type_is_refused_by_name(client: Client) -> None:
    path = f"/upload/drive/v3/files/{client.id}"
    headers = {**TOKEN, "Content-Type": "application/pdf"}
    response = client.emulator.handle(Request(method="PATCH", path=path, headers=headers, body=b"%PDF"))
    assert response.json()["error"]["message"].startswith("this emulator does not take uploads other than")


def test_an_upload_after_a_write_is_undone_by_nothing_that_is_refused_later(client: Client) -> None:
    upload(client, b"a,b")
    client.ok(write(0, 0, ["c"], sheet_id=client.sheet.id))
    client.refusal(write(0, 0, ["d"], sheet_id=client.sheet.id), {"deleteSheet": {"sheetId": 77}})
    assert client.sheet.values() == [["c", "b"]]


def test_the_upload_of_v3_answers_with_its_own_fields(emulator: Emulator) -> None:
    client = Client(emulator, emulator.create_spreadsheet("Shop"))
    reply = call(emulator, "PATCH", f"/upload/drive/v3/files/{client.id}", b"a", uploadType="media", fields="id").json()
    assert (reply, client.sheet.values()) == ({"id": client.id}, [["a"]])
