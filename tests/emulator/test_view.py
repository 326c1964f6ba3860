"""The pages and what they are made of: windows of cells as JSON, a person's edits, the list of files."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Request, Response, view
from sheetsync.emulator.view.page import ago
from tests.emulator.support import TOKEN, Client, line, write


def get(emulator: Emulator, path: str, **query: Any) -> Response:
    headers = query.pop("headers", {})
    pairs = [("from" if name == "first" else name, str(value)) for name, value in query.items()]
    return view.answer(emulator, Request(method="GET", path=path, query=pairs, headers=headers))


def window(client: Client, **query: Any) -> Any:
    """Ten rows and columns of the first tab, unless told."""
    query = {"to": 10, "right": 10} | query
    return get(client.emulator, f"/spreadsheets/d/{client.id}/rows", **query).json()


def cell(client: Client, row: int, column: int) -> Any:
    """The cell as the page gets it, {} for one that is not in the window; its look in place of the look's number."""
    shown = window(client)
    cells: list[Any] = next((each["cells"] for each in shown["lines"] if each["row"] == row), [])
    found: dict[str, Any] = next((each for each in cells if each["column"] == column), {})
    return found | ({"look": shown["looks"][found["look"]]} if found.get("look") is not None else {})


def typed(client: Client, row: int, column: int) -> str:
    return str(get(client.emulator, f"/spreadsheets/d/{client.id}/cell", row=row, column=column).json()["typed"])


def act(client: Client, name: str, **more: Any) -> Response:
    body = json.dumps({"act": name, "gid": 0, **more}).encode()
    return view.answer(client.emulator, Request(method="POST", path=f"/spreadsheets/d/{client.id}/acts", body=body))


def problem(response: Response) -> str:
    assert response.status == 400, response.body
    return str(response.json()["error"]["message"])


def styled(client: Client, row: int, column: int, **style: Any) -> None:
    area = {"sheetId": 0, "startRowIndex": row, "endRowIndex": row + 1}
    area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    cell = {"userEnteredFormat": style}
    client.ok({"repeatCell": {"range": area, "cell": cell, "fields": "userEnteredFormat"}})


def freeze(client: Client, **counts: int) -> None:
    props = {"sheetId": 0, "gridProperties": counts}
    fields = ",".join(f"gridProperties.{name}" for name in counts)
    client.ok({"updateSheetProperties": {"properties": props, "fields": fields}})


# -- pages


def test_the_list_names_each_file_with_its_tabs_and_escapes_them(emulator: Emulator) -> None:
    emulator.create_spreadsheet("<b>Shop", tab="<i>Orders", rows=2000, columns=10)
    page = get(emulator, "/").body.decode()
    assert "&lt;b&gt;Shop" in page and "&lt;i&gt;Orders" in page and "<b>" not in page and "<i>" not in page
    assert "2,000 rows" in page and "20,000 cells" in page and "just now" in page


def test_an_empty_list_says_how_to_make_a_file(emulator: Emulator) -> None:
    page = get(emulator, "/").body.decode()
    assert "No spreadsheets yet" in page and "New spreadsheet</button>" in page


@pytest.mark.parametrize("path", ["/spreadsheets/d/{}/edit", "/spreadsheets/d/{}", "/spreadsheets/{}"])
def test_googles_addresses_lead_to_the_page_and_its_title_is_escaped(client: Client, path: str) -> None:
    title = {"properties": {"title": '"><script>'}, "fields": "title"}
    client.ok({"updateSpreadsheetProperties": title})
    page = get(client.emulator, path.format(client.id))
    assert page.status == 200 and b"<script>" not in page.body
    assert b"&quot;&gt;&lt;script&gt;" in page.body


def test_no_other_script_may_run_in_a_page_and_no_other_site_may_frame_it(client: Client) -> None:
    policy = get(client.emulator, f"/spreadsheets/d/{client.id}/edit").headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy and "frame-ancestors 'none'" in policy


def test_a_file_that_is_not_there_is_told(emulator: Emulator) -> None:
    page, data = get(emulator, "/spreadsheets/d/nothing/edit"), get(emulator, "/spreadsheets/d/nothing/rows")
    assert page.status == 404 and b"There is no spreadsheet with this id" in page.body
    assert data.status == 404 and "no spreadsheet" in data.json()["error"]["message"]


def test_every_asset_is_served_with_its_type_and_nothing_else_is(emulator: Emulator) -> None:
    for path, kind in view.ASSETS.items():
        found = get(emulator, path)
        assert (found.status, found.headers["Content-Type"]) == (200, kind) and found.body
    assert not view.handles(Request(method="GET", path="/static/../page.py"))


def test_every_script_that_a_script_imports_is_an_asset(emulator: Emulator) -> None:
    texts = [get(emulator, path).body.decode() for path in view.ASSETS if path.endswith(".js")]
    imported = {part.split('"')[0] for text in texts for part in text.split('"./')[1:]}
    assert imported and {f"/static/{name}" for name in imported} <= set(view.ASSETS)


@pytest.mark.parametrize(("seconds", "text"), [(0, "just now"), (60, "1 minute ago"), (7300, "2 hours ago")])
def test_ages_are_told_in_words(seconds: float, text: str) -> None:
    assert ago(seconds) == text


# -- windows


def test_a_window_holds_the_frozen_lines_and_those_asked_for(client: Client) -> None:
    client.ok(write(0, 0, *([f"r{row}", row] for row in range(10))))
    freeze(client, frozenRowCount=1, frozenColumnCount=1)
    shown = window(client, first=4, to=6, left=1, right=2)
    texts = {each["row"]: [cell["text"] for cell in each["cells"]] for each in shown["lines"]}
    assert texts == {0: ["r0", "0"], 4: ["r4", "4"], 5: ["r5", "5"]}
    assert (shown["rows"], shown["columns"], shown["frozenRows"], shown["frozenColumns"]) == (10, 5, 1, 1)


def test_a_window_is_never_large_whatever_is_asked_for(emulator: Emulator) -> None:
    client = Client(emulator, emulator.create_spreadsheet("Large", rows=5_000, columns=2))
    client.ok(write(0, 0, *([row] for row in range(1, 5_001))))
    assert len(window(client, to=5_000)["lines"]) == 400


def test_cells_come_as_they_are_shown_and_typed_in_full_on_request(client: Client) -> None:
    client.ok(write(0, 0, [1234.5, True, "x" * 600]))
    styled(client, 0, 0, numberFormat={"type": "CURRENCY", "pattern": '#,##0.00 "EUR"'})
    assert (cell(client, 0, 0)["text"], cell(client, 0, 0)["kind"]) == ("1,234.50 EUR", "number")
    assert (cell(client, 0, 1)["text"], cell(client, 0, 1)["kind"]) == ("TRUE", "boolean")
    assert cell(client, 0, 2)["text"] == "x" * 500 + "…"
    assert (typed(client, 0, 0), typed(client, 0, 2)) == ("1234.5", "x" * 600)


def test_a_look_is_made_of_safe_words(client: Client) -> None:
    text = {"bold": True, "strikethrough": True, "foregroundColorStyle": {"themeColor": "ACCENT1"}, "fontSize": 14}
    border = {"top": {"style": "SOLID_MEDIUM", "color": {"red": 1}}}
    styled(client, 0, 0, textFormat={**text, "fontFamily": "x;background:url(//evil)"}, borders=border)
    assert cell(client, 0, 0)["look"] == {
        "bold": True, "strikethrough": True, "color": "#4285f4", "size": 14, "borders": {"top": "2px solid #ff0000"}
    }  # fmt: skip


def test_alignment_wrapping_and_ground_are_part_of_a_look(client: Client) -> None:
    style = {"horizontalAlignment": "CENTER", "verticalAlignment": "TOP", "wrapStrategy": "WRAP"}
    styled(client, 0, 0, **style, backgroundColor={"green": 1})
    assert cell(client, 0, 0)["look"] == {
        "align": "center", "upright": "flex-start", "wrap": "wrap", "background": "#00ff00"
    }  # fmt: skip


def test_equal_looks_are_sent_once_and_a_columns_own_with_the_column(client: Client) -> None:
    for row in range(3):
        styled(client, row, 0, textFormat={"bold": True})
    column = {"sheetId": 0, "startColumnIndex": 1, "endColumnIndex": 2}
    italic = {"userEnteredFormat": {"textFormat": {"italic": True}}}
    client.ok({"repeatCell": {"range": column, "cell": italic, "fields": "userEnteredFormat"}})
    shown = window(client)
    assert shown["looks"] == [{"bold": True}, {"italic": True}]
    assert shown["columnsUnlikeOthers"] == [{"column": 1, "look": 1}]


def test_hidden_columns_are_named_by_their_heading_and_keep_their_cells_back(client: Client) -> None:
    client.ok(write(0, 0, ["key", "name"], ["secret", "pear"]))
    freeze(client, frozenRowCount=1)
    hide = {"range": line("COLUMNS", 0), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    client.ok({"updateDimensionProperties": hide})
    assert window(client)["columnsUnlikeOthers"] == [{"column": 0, "hidden": True, "heading": "key"}]
    assert cell(client, 1, 0) == {} and cell(client, 1, 1)["text"] == "pear"


def test_rows_of_another_height_come_as_runs(client: Client) -> None:
    for start, end, props in ((1, 4, {"hiddenByUser": True}), (4, 6, {"pixelSize": 60})):
        fields = ",".join(props)
        client.ok({"updateDimensionProperties": {
            "range": line("ROWS", start, end), "properties": props, "fields": fields}})  # fmt: skip
    assert window(client)["heights"] == [[1, 4, 0], [4, 6, 60]]


def test_rows_that_the_filter_hides_are_hidden(orders: Client) -> None:
    orders.emulator.person.filter(orders.sheet, 1, ["apple"])
    assert window(orders)["heights"] == [[2, 3, 0]]


def test_notes_merges_the_filter_and_protected_ranges_come_along(client: Client) -> None:
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    client.ok(
        {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}},
        {"setBasicFilter": {"filter": {"range": area}}},
        {"addProtectedRange": {"protectedRange": {"range": area}}},
    )
    act(client, "note", row=0, column=0, text="look")
    shown = window(client)
    assert shown["merges"] == [[0, 0, 2, 2]] and shown["filter"] == [0, 0, 2, 2]
    assert shown["protected"] == [[0, 0, 2, 2]] and cell(client, 0, 0)["note"] == "look"


def test_tabs_come_with_colour_and_whether_they_are_hidden(client: Client) -> None:
    props = {"sheetId": 7, "title": "Lines", "hidden": True, "tabColorStyle": {"rgbColor": {"red": 1}}}
    client.ok({"addSheet": {"properties": props}})
    assert window(client)["tabs"] == [
        {"id": 0, "title": "Orders", "hidden": False, "color": None},
        {"id": 7, "title": "Lines", "hidden": True, "color": "#ff0000"},
    ]
    assert window(client, gid=7)["gid"] == 7 and window(client, gid=99)["gid"] == 0


@pytest.mark.parametrize("text", ["-1", "x", "1" * 12, "\u0661"])
def test_a_window_of_no_such_place_is_refused(client: Client, text: str) -> None:
    refused = get(client.emulator, f"/spreadsheets/d/{client.id}/rows", first=text)
    assert "whole number from 0" in problem(refused)


# -- news


def test_nothing_is_sent_while_nothing_changed(client: Client) -> None:
    path = f"/spreadsheets/d/{client.id}/rows"
    tag = get(client.emulator, path).headers["ETag"]
    again = get(client.emulator, path, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("how", ["batch", "values", "append", "clear", "person"])
def test_every_way_of_writing_is_news(client: Client, how: str) -> None:
    client.ok(write(0, 0, ["a"]))
    path = f"/spreadsheets/d/{client.id}/rows"
    tag, writes = get(client.emulator, path).headers["ETag"], window(client)["writes"]
    acts = {
        "batch": lambda: client.ok(write(1, 0, ["b"])),
        "values": lambda: client.put("A2", [["b"]]),
        "append": lambda: client.send("POST", "/values/A1:append", {"values": [["b"]]}, valueInputOption="RAW"),
        "clear": lambda: client.send("POST", "/values/A1:clear", {}),
        "person": lambda: client.emulator.person.type_text(client.sheet, 1, 0, "b"),
    }
    acts[how]()
    assert get(client.emulator, path, headers={"If-None-Match": tag}).status == 200
    assert window(client)["writes"] == writes + 1


def test_a_refused_batch_is_no_write(client: Client) -> None:
    client.refusal(write(0, 0, ["b"]), {"deleteSheet": {"sheetId": 99}})
    assert window(client)["writes"] == 0


def test_rows_carry_the_batch_that_wrote_them(client: Client) -> None:
    client.ok(write(0, 0, ["old"]))
    before = window(client)["epoch"]
    client.ok(write(1, 0, ["new"]))
    fresh = [each["row"] for each in window(client)["lines"] if each["epoch"] > before]
    assert fresh == [1]


def test_a_304_has_no_body_and_the_connection_goes_on(client: Client) -> None:
    with client.emulator.serve() as server:
        url = f"{server.url}/spreadsheets/d/{client.id}/rows?to=5&right=5"
        with urllib.request.urlopen(url) as reply:  # noqa: S310 (our own http address)
            tag = reply.headers["ETag"]
        call = urllib.request.Request(url, headers={"If-None-Match": tag})  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            urllib.request.urlopen(call)  # noqa: S310
        assert unchanged.value.code == 304 and "Content-Length" not in unchanged.value.headers
        unchanged.value.close()


# -- edits


def test_a_typed_text_is_parsed_as_people_expect_and_is_no_call(client: Client) -> None:
    assert act(client, "type", row=0, column=0, text="$1,250.50").status == 200
    assert client.sheet.cell(0, 0) == 1250.5 and cell(client, 0, 0)["text"] == "$1,250.50"
    assert client.emulator.calls == []


@pytest.mark.parametrize("value", ["007", "=1+2", "plain", "'quoted", "1/2", "TRUE", 0.1, 12345678901234, True, 1e21])
def test_what_an_edit_begins_with_gives_the_same_value_again(client: Client, value: Any) -> None:
    client.ok(write(0, 0, [value]))
    act(client, "type", row=0, column=0, text=typed(client, 0, 0))
    assert client.sheet.cell(0, 0) == value


@pytest.mark.parametrize("pattern", ["yyyy-mm-dd", "dd.mm.yyyy", "mmm d"])
def test_a_date_begins_as_it_is_shown_where_that_gives_it_again(client: Client, pattern: str) -> None:
    client.ok(write(0, 0, [46270]))
    styled(client, 0, 0, numberFormat={"type": "DATE", "pattern": pattern})
    assert typed(client, 0, 0) == ("2026-09-05" if pattern == "yyyy-mm-dd" else "46270")


def test_rows_are_inserted_deleted_and_sorted_below_the_frozen_ones(orders: Client) -> None:
    freeze(orders, frozenRowCount=1)
    act(orders, "sort", column=1, descending=True)
    assert [row[1] for row in orders.sheet.values()] == ["name", "pear", "fig", "apple"]
    act(orders, "insert_row", row=1)
    act(orders, "delete_row", row=2)
    assert [row[1:2] for row in orders.sheet.values()] == [["name"], [], ["fig"], ["apple"]]


def test_a_row_is_inserted_below_the_last(client: Client) -> None:
    assert act(client, "insert_row", row=10).status == 200
    assert client.sheet.row_count == 11


def test_an_empty_note_takes_it_away(client: Client) -> None:
    act(client, "note", row=2, column=1, text="call back")
    assert client.sheet.note(2, 1) == "call back"
    act(client, "note", row=2, column=1, text="")
    assert client.sheet.note(2, 1) is None


def test_the_last_edit_is_taken_back(client: Client) -> None:
    client.ok(write(0, 0, ["before"]))
    act(client, "type", row=0, column=0, text="after")
    assert act(client, "undo").status == 200
    assert client.sheet.cell(0, 0) == "before"


def test_what_cannot_be_taken_back_is_told(client: Client) -> None:
    assert "undo" in problem(act(client, "undo"))


def test_a_new_file_is_made_and_its_page_named(emulator: Emulator) -> None:
    made = view.answer(emulator, Request(method="POST", path="/spreadsheets"))
    (book,) = emulator.store.books.values()
    assert (made.status, made.headers["Location"]) == (303, f"/spreadsheets/d/{book.id}/edit")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"act": "drop"}, "act='drop' is unknown: give one of type, note"),
        ({"gid": 9}, "gid=9: there is no such tab any more"),
        ({"gid": "0"}, "gid='0': give a whole number from 0"),
        ({"row": -1}, "row='-1': give a whole number from 0"),
        ({"row": 10}, "exceeds grid limits"),
        ({"text": 5}, "text='5': give a text"),
        ({"text": "x" * 50_001}, "more than the maximum of 50000 characters"),
    ],
)
def test_a_wrong_edit_is_refused_by_name_and_changes_nothing(client: Client, body: Any, words: str) -> None:
    good = {"name": "type", "row": 0, "column": 0, "text": "x"}
    more = good | {("name" if key == "act" else key): value for key, value in body.items()}
    assert words in problem(act(client, **more))
    assert client.sheet.values() == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null"])
@pytest.mark.parametrize("path", ["/spreadsheets", "/_emulator/reset"])
def test_a_post_from_another_sites_page_is_refused(emulator: Emulator, origin: str, path: str) -> None:
    book = emulator.create_spreadsheet("Shop")
    with emulator.serve() as server:
        call = urllib.request.Request(server.url + path, b"{}", {"Origin": origin})  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(call)  # noqa: S310
        assert refused.value.code == 403 and "another site" in refused.value.read().decode()
        refused.value.close()
    assert list(emulator.store.books) == [book]


def test_a_post_from_the_emulators_own_page_and_from_programs_passes(client: Client) -> None:
    body = json.dumps({"act": "type", "gid": 0, "row": 0, "column": 0, "text": "x"}).encode()
    with client.emulator.serve() as server:
        for headers in ({"Origin": server.url}, TOKEN):
            call = urllib.request.Request(f"{server.url}/spreadsheets/d/{client.id}/acts", body, headers)  # noqa: S310
            with urllib.request.urlopen(call) as reply:  # noqa: S310
                assert reply.status == 200
