"""SheetProperties and SpreadsheetProperties as replies show them: false and 0 are left out, sheetId never."""

from __future__ import annotations

from typing import Any

from sheetsync.emulator.grid.colors import float32
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet

Json = dict[str, Any]
WHITE = {"red": 1, "green": 1, "blue": 1}
BLACK: Json = {}

#: The format of an untouched cell in a new file (recorded).
DEFAULT_FORMAT: Json = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": BLACK,
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": BLACK},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}
#: Theme colours of a new file, as 0xRRGGBB.
THEME = {
    "TEXT": 0x000000,
    "BACKGROUND": 0xFFFFFF,
    "ACCENT1": 0x4285F4,
    "ACCENT2": 0xEA4335,
    "ACCENT3": 0xFBBC04,
    "ACCENT4": 0x34A853,
    "ACCENT5": 0xFF6D01,
    "ACCENT6": 0x46BDC6,
    "LINK": 0x1155CC,
}


def sheet_properties(sheet: Sheet, index: int) -> Json:
    reply: Json = {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": {
            "rowCount": sheet.row_count,
            "columnCount": sheet.column_count,
            **sheet.grid_options,
        },
    }
    if sheet.hidden:
        reply["hidden"] = True
    if sheet.tab_color is not None:
        if "rgbColor" in sheet.tab_color:
            reply["tabColor"] = sheet.tab_color["rgbColor"]
        reply["tabColorStyle"] = sheet.tab_color
    if sheet.right_to_left:
        reply["rightToLeft"] = True
    return reply


def spreadsheet_properties(book: Spreadsheet) -> Json:
    colors = [{"colorType": kind, "color": {"rgbColor": _channels(color)}} for kind, color in THEME.items()]
    return {
        "title": book.title,
        "locale": book.locale,
        "autoRecalc": book.auto_recalc,
        "timeZone": book.time_zone,
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": {"primaryFontFamily": "Arial", "themeColors": colors},
    }


def _channels(color: int) -> Json:
    parts = {"red": color >> 16, "green": color >> 8 & 255, "blue": color & 255}
    return {name: float32(step / 255) for name, step in parts.items() if step}
