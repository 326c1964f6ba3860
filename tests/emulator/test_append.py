"""values.append: which table it finds, where it writes, and how it goes wrong.

REC: recorded at Google. DOC: Google's guide. ISS: reports by users, which agree on less.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Client, Json, write

RAW = {"valueInputOption": "RAW"}


@pytest.fixture
def guide(client: Client) -> Client:
    """The two tables of Google's guide: A1:C2 and B4:D6."""
    client.ok(write(0, 0, *[["a"] * 3] * 2), write(3, 1, *[["b"] * 3] * 3))
    return client


@pytest.mark.parametrize(
    ("range_", "where"),
    [
        ("Orders", "B7"),
        ("Orders!B4", "B7"),
        ("Orders!C5:D5", "B7"),
        ("Orders!B2:D4", "B7"),
        ("Orders!A3:E10", "B7"),
        ("Orders!A1", "A3"),
        ("Orders!E4", "E4"),
    ],
)
def test_an_append_finds_its_table_as_in_googles_guide(guide: Client, range_: str, where: str) -> None:
    reply = guide.send("POST", f"/values/{range_}:append", {"values": [["x"]]}, valueInputOption="RAW").json()
    assert reply["updates"]["updatedRange"] == f"Orders!{where}"


def test_an_append_drifts_right_after_an_inner_empty_cell(client: Client) -> None:
    for _ in range(2):
        body = {"values": [["x", "", "z"]]}
        reply = client.send("POST", "/values/Orders:append", body, valueInputOption="RAW").json()
    assert (reply["tableRange"], reply["updates"]["updatedRange"]) == ("Orders!C1", "Orders!C2:E2")


def test_an_append_grows_the_grid(client: Client) -> None:
    client.ok(write(9, 0, ["last"]))
    body = {"values": [list("abcdefg")]}
    client.send("POST", "/values/Orders:append", body, valueInputOption="RAW")
    assert (client.sheet.row_count, client.sheet.column_count) == (11, 7)


def test_insert_rows_pushes_down_what_is_below_the_table(guide: Client) -> None:
    body = {"values": [["x"]]}
    options = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    guide.send("POST", "/values/Orders!A1:append", body, **options)
    assert [row[:2] for row in guide.sheet.values()[2:5]] == [["x"], [], [None, "b"]]


def test_an_append_to_an_empty_tab_writes_at_its_first_cell_and_names_no_table(client: Client) -> None:
    reply = client.send("POST", "/values/Orders:append", {"values": [["x"]]}, **RAW).json()
    assert "tableRange" not in reply  # REC
    assert reply["updates"]["updatedRange"] == "Orders!A1"


def test_an_append_at_the_table_itself_does_not_drift(client: Client) -> None:
    client.put("Orders!A1", [["x", "", "z"]])
    reply = client.send("POST", "/values/Orders!A1:append", {"values": [["x", "", "z"]]}, **RAW).json()
    assert reply["updates"]["updatedRange"] == "Orders!A2:C2"  # REC test_append_row_with_empty_value_and_table_range


def test_an_append_overwrites_what_is_below_the_table_unless_told(guide: Client) -> None:
    body = {"values": [["x"]] * 3}
    guide.send("POST", "/values/Orders!A1:append", body, **RAW)
    assert [row[:2] for row in guide.sheet.values()[2:5]] == [["x"], ["x", "b"], ["x", "b"]]  # DOC insertDataOption


def test_an_unknown_way_to_insert_is_refused(client: Client) -> None:
    response = client.send("POST", "/values/Orders:append", {"values": [["x"]]}, insertDataOption="UNDER", **RAW)
    message = response.json()["error"]["message"]
    assert message.startswith("Invalid value at 'insert_data_option'")
    assert response.status == 400


def test_named_ranges_below_move_down_with_the_rows_that_an_append_inserts() -> None:
    client = Client(Emulator(), "")
    client.id = client.emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders")
    area: Json = {"sheetId": 0, "startRowIndex": 5, "endRowIndex": 6}
    client.ok(write(0, 0, ["key"], ["1"]), {"addNamedRange": {"namedRange": {"name": "below", "range": area}}})
    client.send("POST", "/values/Orders:append", {"values": [["2"]]}, insertDataOption="INSERT_ROWS", **RAW)
    (named,) = client.send("GET", "", fields="namedRanges").json()["namedRanges"]
    assert (named["range"]["startRowIndex"], named["range"]["endRowIndex"]) == (6, 7)


def _filtered(emulator: Emulator) -> Client:
    """Four rows, of which a basic filter hides the last two."""
    client = Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders"))
    hidden: Json = {"range": {"endColumnIndex": 2}, "criteria": {"1": {"hiddenValues": ["done"]}}}
    rows = (["key", "state"], ["1", "new"], ["2", "done"], ["3", "done"])
    client.ok(write(0, 0, *rows), {"setBasicFilter": {"filter": hidden}})
    return client


def test_an_append_is_not_disturbed_by_a_filter() -> None:
    client = _filtered(Emulator())
    reply = client.send("POST", "/values/Orders:append", {"values": [["4", "new"]]}, **RAW).json()
    assert reply["updates"]["updatedRange"] == "Orders!A5:B5"


def test_an_append_can_be_made_to_write_over_rows_that_a_filter_hides() -> None:
    client = _filtered(Emulator(misplaced_appends=True))
    response = client.send("POST", "/values/Orders:append", {"values": [["4", "new"]]}, **RAW)
    assert response.status == 200  # ISS node-google-spreadsheet 318, 321, 591
    assert client.sheet.values()[2:] == [["4", "new"], ["3", "done"]]


def test_a_misplaced_append_is_replayed_as_it_was(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, misplaced_appends=True)
    client = _filtered(emulator)
    client.send("POST", "/values/Orders:append", {"values": [["4", "new"]]}, **RAW)
    emulator.close()
    again = Emulator(tmp_path)
    assert Client(again, client.id).sheet.values() == client.sheet.values()
