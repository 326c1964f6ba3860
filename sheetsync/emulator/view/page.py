"""The HTML: the list of files and the frame of a grid, which grid.js fills. All escaped; no outside assets."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.wire import Request, Response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

TABS_SHOWN = 6
#: Data of strangers is on these pages: no script but ours may run, and no other site may show them in a frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Type": "text/html; charset=UTF-8",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
NEW = '<form method=post action="/spreadsheets"><button class=primary>New spreadsheet</button></form>'
AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def index(emulator: Emulator, request: Request) -> Response:
    """The files, those changed last first."""
    with emulator.lock:
        books = sorted(emulator.store.books.values(), key=lambda book: book.modified, reverse=True)
        body = _list(books, emulator.clock()) if books else _nothing_yet()
    count = f"{len(books):,} spreadsheet{'' if len(books) == 1 else 's'}"
    header = f"<header>{_icon()}<div class=title><h1>Sheets emulator</h1><p class=quiet>{count}</p></div>{NEW}</header>"
    return _html(200, "Sheets emulator", "list", f"{header}<main>{body}</main>")


def missing() -> Response:
    body = (
        f"<header>{_icon()}<div class=title><h1>Not found</h1></div></header>"
        "<main><div class=empty><h2>There is no spreadsheet with this id</h2>"
        '<p>It was deleted, or this emulator was started anew.</p><p><a href="/">All spreadsheets</a></p></div></main>'
    )
    return _html(404, "Not found", "list", body)


def grid(emulator: Emulator, book: Spreadsheet, request: Request) -> Response:
    """The frame of one file's grid; its cells come as JSON (see live.py)."""
    body = FRAME.format(title=escape(book.title), id=escape(book.id), icon=_icon())
    return _html(200, book.title, "book", body, book.id)


def _html(status: int, title: str, kind: str, body: str, book_id: str = "") -> Response:
    script = '<script type=module src="/static/grid.js"></script>' if book_id else ""
    text = (
        f"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>"
        '<meta name=viewport content="width=device-width"><meta name=color-scheme content="light dark">'
        f'<link rel=icon href="/static/icon.svg"><link rel=stylesheet href="/static/grid.css">{script}</head>'
        f'<body class={kind} data-book="{escape(book_id)}">{body}</body></html>\n'
    )
    return Response(status=status, headers=HEADERS, body=text.encode("utf-8", "replace"))


def _icon() -> str:
    image = '<img src="/static/icon.svg" alt="" width=28 height=28>'
    return f'<a class=home href="/" aria-label="All spreadsheets">{image}</a>'


def _nothing_yet() -> str:
    return (
        "<div class=empty><h2>No spreadsheets yet</h2>"
        "<p>Make one with the button, or let a program make one: <code>POST /v4/spreadsheets</code>, or in a test "
        '<code>emulator.create_spreadsheet("Shop")</code>.</p></div>'
    )


def _list(books: list[Spreadsheet], now: float) -> str:
    lines = "".join(_line(book, now) for book in books)
    return f"<table><thead><tr><th>Name<th>Tabs<th>Size<th>Changed</thead><tbody>{lines}</tbody></table>"


def _line(book: Spreadsheet, now: float) -> str:
    tabs = "".join(f"<li><bdi>{escape(sheet.title)}</bdi></li>" for sheet in book.sheets[:TABS_SHOWN])
    if len(book.sheets) > TABS_SHOWN:
        tabs += f"<li>and {len(book.sheets) - TABS_SHOWN} more</li>"
    rows = sum(sheet.row_count for sheet in book.sheets)
    return (
        f'<tr><td><a href="/spreadsheets/d/{escape(book.id)}/edit"><bdi>{escape(book.title)}</bdi></a>'
        f"<td><ul>{tabs}</ul><td>{rows:,} rows<br><small>{book.cell_count:,} cells</small>"
        f'<td><time datetime="{escape(book.modified)}" title="{escape(book.modified)}">'
        f"{ago(seconds_since(book.modified, now))}</time></tr>"
    )


def seconds_since(timestamp: str, now: float) -> float:
    """How long ago a time of the store was, never negative."""
    return max(0.0, now - datetime.fromisoformat(timestamp).replace(tzinfo=UTC).timestamp())


def ago(seconds: float) -> str:
    for size, name in AGES:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


FRAME = """
<header>{icon}<div class=title><h1><bdi id=title>{title}</bdi></h1>
<p class=quiet><span id=size></span> <code title="The spreadsheet's id">{id}</code></p></div>
<p id=live role=status data-state=waiting><i></i><span>connecting</span></p></header>
<div class=bar><output id=name aria-label="Selected cell"></output><span aria-hidden=true>fx</span>
<output id=value dir=auto aria-label="Value of the selected cell"></output></div>
<main id=grid role=grid tabindex=0 aria-label="{title}">
<div id=head role=rowgroup></div><div id=body role=rowgroup></div></main>
<noscript><p class=empty>The grid needs JavaScript. The list of all spreadsheets does not.</p></noscript>
<nav id=tabs aria-label=Tabs></nav>
<textarea id=editor dir=auto aria-label="Edit cell" spellcheck=false hidden></textarea>
<div id=menu role=menu hidden></div>
<dialog id=note><form method=dialog><label for=words>Note</label><textarea id=words rows=5 cols=36></textarea>
<p><button value=cancel formnovalidate>Cancel</button><button class=primary value=save>Save</button></p></form></dialog>
<p id=problem role=alert hidden></p>
"""
