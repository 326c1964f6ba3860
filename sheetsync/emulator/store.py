"""All files of the emulator and who may see them."""

from __future__ import annotations

import re

from sheetsync.emulator.errors import forbidden, not_found
from sheetsync.emulator.grid.sheet import Sheet
from sheetsync.emulator.grid.workbook import Spreadsheet
from sheetsync.emulator.ids import Ids
from sheetsync.emulator.wire import Facts, timestamp

#: Ids this emulator never gave out but that have Google's shape belong to somebody else.
FILE_ID = re.compile(r"1[\w-]{43}\Z")


class Store:
    """The spreadsheets by id, in the order of their creation."""

    def __init__(self) -> None:
        self.books: dict[str, Spreadsheet] = {}
        self.deleted: set[str] = set()
        #: By file: the accounts that made or opened it with an app of which project. That is what drive.file reaches.
        self.apps: dict[str, set[tuple[str, str]]] = {}

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
        if facts.app:
            self.pick(book.id, facts.user, facts.app)
        return book

    def create_default(self, facts: Facts, ids: Ids, title: str) -> Spreadsheet:
        """A new file as Google makes it: one tab, id 0, 1000 x 26 (recorded)."""
        book = self.create(facts, ids, title)
        book.sheets.append(Sheet(0, "Sheet1"))
        return book

    def withdraw(self, spreadsheet_id: str) -> None:
        """Take a file back that was never given out, as if it had not been made."""
        del self.books[spreadsheet_id]
        self.apps.pop(spreadsheet_id, None)

    def delete(self, spreadsheet_id: str) -> None:
        del self.books[spreadsheet_id]
        self.deleted.add(spreadsheet_id)

    def pick(self, spreadsheet_id: str, email: str, app: str) -> None:
        """This account opens the file with an app of this project."""
        self.apps.setdefault(spreadsheet_id, set()).add((email, app))

    def picked(self, spreadsheet_id: str, email: str, app: str) -> bool:
        return (email, app) in self.apps.get(spreadsheet_id, ())
