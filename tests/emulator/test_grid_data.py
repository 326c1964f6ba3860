"""Cells as spreadsheets.get shows them. REC: recorded at Google. LIVE: somebody's dated measurements."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.support import Client, Json, style

CYAN = {"green": 1, "blue": 1}


def grid(client: Client, mask: str, range_: str = "Orders!A1") -> Json:
    """The first GridData of a masked read."""
    reply = client.send("GET", "", ranges=range_, fields=f"sheets.data({mask})").json()
    data: Json = reply["sheets"][0]["data"][0]
    return data


def test_the_colours_of_the_theme_print_as_recorded(client: Client) -> None:
    colors = client.send("GET", "", fields="properties.spreadsheetTheme").json()["properties"]["spreadsheetTheme"]
    shown = {each["colorType"]: each["color"]["rgbColor"] for each in colors["themeColors"]}
    assert shown["ACCENT1"] == {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275}  # REC, every tape
    assert shown["ACCENT4"] == {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902}  # REC
    assert shown["ACCENT6"] == {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706}  # REC
    assert shown["LINK"] == {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}  # REC


def test_a_colour_that_was_set_comes_back_in_both_forms(client: Client) -> None:
    client.ok(style(0, 0, 1, 1, backgroundColor=CYAN, textFormat={"foregroundColor": CYAN, "bold": True}))
    (row,) = grid(client, "rowData.values.userEnteredFormat")["rowData"]
    both = {"foregroundColor": CYAN, "foregroundColorStyle": {"rgbColor": CYAN}}
    assert row["values"][0]["userEnteredFormat"] == {  # REC test_format
        "backgroundColor": CYAN,
        "backgroundColorStyle": {"rgbColor": CYAN},
        "textFormat": {**both, "bold": True},
    }


def test_a_style_that_was_set_comes_back_in_both_forms(client: Client) -> None:
    client.ok(style(0, 0, 1, 1, backgroundColorStyle={"rgbColor": CYAN}))
    (row,) = grid(client, "rowData.values.userEnteredFormat")["rowData"]
    assert row["values"][0]["userEnteredFormat"]["backgroundColor"] == CYAN


@pytest.mark.parametrize(("value", "side"), [("x", "LEFT"), (5, "RIGHT"), (True, "CENTER")])
def test_a_value_stands_where_its_kind_does(client: Client, value: Any, side: str) -> None:
    client.put("Orders!A1", [[value]])
    (row,) = grid(client, "rowData.values.effectiveFormat")["rowData"]
    effective = row["values"][0]["effectiveFormat"]
    assert effective["horizontalAlignment"] == side  # LIVE
    assert (effective["textFormat"]["fontFamily"], effective["hyperlinkDisplayType"]) == ("Arial", "PLAIN_TEXT")  # LIVE


def test_what_was_set_wins_over_the_default_in_both_forms(client: Client) -> None:
    client.put("Orders!A1", [["x"]])
    client.ok(style(0, 0, 1, 1, backgroundColor=CYAN))
    (row,) = grid(client, "rowData.values.effectiveFormat")["rowData"]
    effective = row["values"][0]["effectiveFormat"]
    assert (effective["backgroundColor"], effective["backgroundColorStyle"]) == (CYAN, {"rgbColor": CYAN})


def test_metadata_covers_the_range_and_rows_end_at_the_last_value(orders: Client) -> None:
    data = grid(orders, "startRow,startColumn,rowData.values.formattedValue,rowMetadata,columnMetadata", "Orders!B4:E6")
    assert (data["startRow"], data["startColumn"]) == (3, 1)
    assert data["rowData"] == [{"values": [{"formattedValue": "fig"}, {"formattedValue": "2"}]}]  # LIVE
    assert data["rowMetadata"] == [{"pixelSize": 21}] * 3  # LIVE
    assert data["columnMetadata"] == [{"pixelSize": 100}] * 4  # LIVE


def test_a_column_is_fitted_to_its_longest_line(client: Client) -> None:
    client.put("Orders!A1:B2", [["A" * 1024, "x"], ["short", "a\nlonger one"]])
    span = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 3}
    client.ok({"autoResizeDimensions": {"dimensions": span}})
    sizes = [each["pixelSize"] for each in grid(client, "columnMetadata", "Orders!A1:C1")["columnMetadata"]]
    assert sizes == [9483, 104, 100]  # the first REC test_auto_resize_columns
