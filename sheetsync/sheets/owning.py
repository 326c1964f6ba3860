"""Before a tab becomes an automation's own: which tab that is, and whether the account may write there at all."""

from __future__ import annotations

from itertools import count

from sheetsync.sheets.client import SheetsClient
from sheetsync.sheets.layout import derived_sheet_id
from sheetsync.sheets.reading import read_book
from sheetsync.sheets.requests import compact

PROBE = "sheetsync.probe"


def find_sheet_id(client: SheetsClient, spreadsheet_id: str, title: str) -> int:
    """The id of the tab with this title, or, where there is none, an id that a new one can have.

    Raises what the client raises where the spreadsheet cannot be read.
    """
    book = read_book(client, spreadsheet_id)
    for sheet in book.sheets:
        if sheet.title == title:
            return sheet.id
    taken = {sheet.id for sheet in book.sheets}
    # The first choice is taken where an earlier tab of this title was renamed.
    wanted = (derived_sheet_id(spreadsheet_id, f"{title}\x1f{number}" if number else title) for number in count())
    return next(sheet_id for sheet_id in wanted if sheet_id not in taken)


def prove_writable(client: SheetsClient, spreadsheet_id: str) -> None:
    """Write something that one call makes and takes away again. Raises AccessDenied where the account may only read."""
    entry = {"metadataKey": PROBE, "location": {"spreadsheet": True}, "visibility": "PROJECT"}
    lookup = {"developerMetadataLookup": {"metadataKey": PROBE}}
    requests = [
        {"createDeveloperMetadata": {"developerMetadata": entry}},
        {"deleteDeveloperMetadata": {"dataFilter": lookup}},
    ]
    client.batch_update(spreadsheet_id, compact({"requests": requests}).encode())
