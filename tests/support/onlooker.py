"""Looks on while people and services use an emulator: what happened when, and which notes have to be there."""

from __future__ import annotations

from threading import get_ident
from typing import Any

from sheetsync.emulator import Emulator, Request, Response

MARK = "note "
"""Texts that begin so are people's own, in cells of their own."""

MOVES_COLUMNS = ("insert_column", "move_column", "delete_column")


class Onlooker:
    """`story`: one line for each call and each act.

    `kept`: the notes, by file, that people wrote or brought back and have not taken away themselves. `moved`: the files
    in which somebody moved columns while a call was on its way.
    """

    def __init__(self, emulator: Emulator, story: list[str]) -> None:
        self.emulator, self.story = emulator, story
        self.kept: dict[str, set[str]] = {}
        self.moved: set[str] = set()
        self._calls: set[int] = set()
        self._act, self._handle, self._note = emulator.act, emulator.handle, emulator.person.note
        emulator.act = self._watched  # type: ignore[assignment, method-assign]
        emulator.handle = self._handled  # type: ignore[method-assign]
        emulator.person.note = self._noted  # type: ignore[assignment, method-assign]

    def missing(self, book: str) -> set[str]:
        """Notes of this file that nobody took away, and that are gone."""
        return self.kept.get(book, set()) - self._notes(book)

    def _watched(self, book: str, requests: list[dict[str, Any]], user: str) -> list[dict[str, Any]]:
        with self.emulator.lock:
            before = self._notes(book)
            replies = self._act(book, requests, user)
            after = self._notes(book)
            self.kept[book] = (self.kept.get(book, set()) - (before - after)) | (after - before)
            return replies

    def _handled(self, request: Request) -> Response:
        weather = self.emulator.faults.weather
        met = len(weather.happened) if weather else 0
        run, path = request.header("X-Correlation-ID")[:4], request.path.removeprefix("/v4/spreadsheets/")
        told = f"run {run}: {path[:4]}…{path[44:]}"
        self._calls.add(get_ident())
        try:
            response = self._handle(request)
        except ConnectionError:
            self.story.append(f"{told} got no reply {self._weather(met)}")
            raise
        finally:
            self._calls.discard(get_ident())
        self.story.append(f"{told} got {response.status} {self._weather(met)}")
        return response

    def _weather(self, met: int) -> str:
        weather = self.emulator.faults.weather
        return ", ".join(each.what for each in weather.happened[met:]) if weather else ""

    def _noted(self, what: str, book: str, sheet_id: int | None, arguments: dict[str, Any], refused: str) -> None:
        if what in MOVES_COLUMNS and get_ident() in self._calls:
            self.moved.add(book)
        refusal = f", refused: {refused}" if refused else ""
        self.story.append(f"a person in {book[:4]}…{sheet_id}: {what} {arguments}{refusal}")
        self._note(what, book, sheet_id, arguments, refused)

    def _notes(self, book: str) -> set[str]:
        sheets = self.emulator.spreadsheet(book).sheets
        cells = (str(cell) for sheet in sheets for row in sheet.values() for cell in row)
        return {cell for cell in cells if cell.startswith(MARK)}
