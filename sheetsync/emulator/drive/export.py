"""files.export: the first tab as CSV or TSV, as Drive writes them."""

from __future__ import annotations

from sheetsync.emulator.drive.call import Call
from sheetsync.emulator.drive.errors import not_here, required, unsupported_conversion
from sheetsync.emulator.grid.cells import Row, effective
from sheetsync.emulator.grid.display import show
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.wire import Response

#: What Drive exports a spreadsheet to (recorded), and this emulator does not write.
OTHERS = frozenset(
    (
        "application/pdf",
        "application/zip",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/x-vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
)


def export(call: Call) -> Response:
    """The content under the type that was asked for, without a charset (recorded). Raises 400."""
    wanted = call.request.param("mimeType")
    if wanted is None:
        raise required("mimeType")
    book = call.book
    kind = wanted.lower()
    if kind in OTHERS:
        raise not_here(f"export a spreadsheet as {wanted}; text/csv and text/tab-separated-values it does")
    writer = WRITERS.get(kind)
    if writer is None:
        raise unsupported_conversion()
    text = writer(_lines(book.sheets[0]))
    headers = {"Content-Type": wanted, "Content-Disposition": "attachment"}
    return Response(status=200, headers=headers, body=text.encode("utf-8", "replace"))


def _lines(sheet: Sheet) -> list[list[str]]:
    """What is seen in the cells, up to the last row and column with a value; every line is as wide (measured)."""
    rows = enumerate(sheet.rows[: sheet.last_row_with_data() + 1])
    lines = [[] if row is None else _seen(sheet, index, row) for index, row in rows]
    width = max((at + 1 for line in lines for at, text in enumerate(line) if text), default=0)
    return [(line + [""] * width)[:width] for line in lines]


def _seen(sheet: Sheet, index: int, row: Row) -> list[str]:
    return [show(effective(value), sheet.format_of(index, column)) for column, value in enumerate(row.values)]


def _csv(lines: list[list[str]]) -> str:
    """CRLF between the lines and none at the end; quotes where a comma, quote or line feed needs them (measured)."""
    return "\r\n".join(",".join(map(_quoted, line)) for line in lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(each in text for each in ',"\n') else text


def _tsv(lines: list[list[str]]) -> str:
    """No quoting at all: tabs and line feeds become spaces (measured)."""
    return "\r\n".join("\t".join(text.replace("\t", " ").replace("\n", " ") for text in line) for line in lines)


WRITERS = {"text/csv": _csv, "text/tab-separated-values": _tsv}
