"""All files of the emulator and who may see them."""

from __future__ import annotations

import re

from .errors import forbidden, not_found
from .ids import Ids
from .sheet import Sheet
from .wire import Facts, timestamp
from .workbook import Spreadsheet

#: Ids this emulator never gave out but that have Google's shape belong to somebody else.
FILE_ID = re.compile(r"1[\w-]{43}\Z")


class Store:
    """The spreadsheets by id, in the order of their creation."""

    def __init__(self) -> None:
        self.books: dict[str, Spreadsheet] = {}
        self.deleted: set[str] = set()

    def find(self, spreadsheet_id: str) -> Spreadsheet:
        """Raises 404 for a deleted or impossible id, 403 for a plausible one that was never created here.

        That is what Google answers for ids that do not exist and for files of others (both recorded).
        """
        book = self.books.get(spreadsheet_id)
        if book is not None:
            return book
        if FILE_ID.match(spreadsheet_id) and spreadsheet_id not in self.deleted:
            raise forbidden()
        raise not_found()

    def create(self, facts: Facts, ids: Ids, title: str) -> Spreadsheet:
        """A new empty file without tabs."""
        book = Spreadsheet(ids.file(), title, facts.user, timestamp(facts.now))
        self.books[book.id] = book
        return book

    def create_default(self, facts: Facts, ids: Ids, title: str) -> Spreadsheet:
        """A new file as Google makes it: one tab, id 0, 1000 x 26 (recorded)."""
        book = self.create(facts, ids, title)
        book.sheets.append(Sheet(0, "Sheet1"))
        return book

    def delete(self, spreadsheet_id: str) -> None:
        del self.books[spreadsheet_id]
        self.deleted.add(spreadsheet_id)
