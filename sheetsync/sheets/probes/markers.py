"""Does developer metadata make a compare-and-swap, and does it last exactly as long as the tab?"""

from __future__ import annotations

from sheetsync.sheets.layout import MARKERS_KEPT, Marker, column_name, marker_id
from sheetsync.sheets.ledger import Ledger
from sheetsync.sheets.owning import prove_writable
from sheetsync.sheets.probes.asking import Broken, Known, Rule, expect, probe
from sheetsync.sheets.probes.columns import labels
from sheetsync.sheets.probes.scratch import Scratch
from sheetsync.sheets.reading import Sheet, has_metadata, read_book
from sheetsync.sheets.requests import marker_requests
from sheetsync.sheets.setup import LABEL_ROOM, ColumnSpec

FREE_ID = 1_999_999_999


def marker(scratch: Scratch, n: int, run: str = "check") -> Marker:
    """Commit n of the scratch tab, in a marker of the usual length."""
    return Marker(n, run, "0123456789abcdef", "01234567", marker_id(scratch.sheet_id, n))


def expect_duplicate(words: str, metadata_id: int) -> None:
    """Raises Broken where a refusal was for another reason than that the id exists."""
    if "createDeveloperMetadata" not in words or not ("already exists" in words or str(metadata_id) in words):
        raise Broken(f"refused for another reason than the metadata id that exists: {words}")


def own_sheet(scratch: Scratch) -> Sheet:
    """The scratch tab as the spreadsheet lists it. Raises Broken."""
    for sheet in read_book(scratch.client, scratch.spreadsheet_id).sheets:
        if sheet.id == scratch.sheet_id:
            return sheet
    raise Broken("the spreadsheet does not list the tab")


@probe(
    "creating a developer-metadata id that exists is refused, and the whole batch with it",
    matters="this is the lock: a call that was doubled, late or sent by a replaced worker would be applied as well",
    known=Known.REPORTED,
    rule=Rule.MARKER,
    reads=1,
    writes=2,
)
def marker_once(scratch: Scratch) -> None:
    first, second = marker(scratch, 0, "first"), marker(scratch, 0, "second")
    scratch.make(*marker_requests(scratch.sheet_id, first, ()))
    late = [*marker_requests(scratch.sheet_id, second, ()), scratch.put(0, 0, ["late"])]
    expect_duplicate(scratch.refused("a second marker of one number", *late), first.id)
    expect("the cell that came with it", scratch.look((0, 1)).text(0, 0), "")


@probe(
    "a metadata id is taken in the whole spreadsheet, also by something on a column",
    matters="opening a tab does not see metadata of columns; such an id must be refused, and is passed over then",
    known=Known.REFERENCE,
    rule=Rule.MARKER,
    writes=2,
)
def marker_taken_elsewhere(scratch: Scratch) -> None:
    taken = marker(scratch, 0)
    (label,) = labels(scratch, 1)
    scratch.make(label.replace('"developerMetadata":{', f'"developerMetadata":{{"metadataId":{taken.id},', 1))
    expect_duplicate(
        scratch.refused("an id that a column has", *marker_requests(scratch.sheet_id, taken, ())), taken.id
    )


@probe(
    "metadata can be asked for by its id wherever it is; an id that nothing has is a 404 or a 400",
    matters="after a refusal this tells a number that can never be claimed from a tab that changed",
    known=Known.REFERENCE,
    rule=Rule.MARKER,
    reads=2,
    writes=1,
)
def metadata_by_id(scratch: Scratch) -> None:
    known = marker(scratch, 0)
    scratch.make(*marker_requests(scratch.sheet_id, known, ()))
    expect("an id that exists is found", has_metadata(scratch.client, scratch.spreadsheet_id, known.id), True)
    expect("a free id is found", has_metadata(scratch.client, scratch.spreadsheet_id, FREE_ID), False)


@probe(
    "a metadata id that a batch deletes can be created anew by the same batch",
    matters="only markers that are still there refuse a late call: that is why the last 200 are kept",
    known=Known.ASSUMED,
    rule=Rule.MARKER,
    reads=1,
    writes=2,
)
def marker_created_anew(scratch: Scratch) -> None:
    old, new = marker(scratch, 0, "old"), marker(scratch, 0, "new")
    scratch.make(*marker_requests(scratch.sheet_id, old, ()))
    _, delete = marker_requests(scratch.sheet_id, new, [old.id])
    scratch.write(delete, *marker_requests(scratch.sheet_id, new, ()))
    expect("the tab's markers", own_sheet(scratch).markers, (new,))


@probe(
    "spreadsheets.get lists a tab's size and its markers with their ids, under the mask of an opening",
    matters="the newest marker says which number a worker may claim, and whether its last call was applied",
    known=Known.REPORTED,
    rule=Rule.MARKER,
    reads=1,
    writes=1,
)
def markers_listed(scratch: Scratch) -> None:
    first, second = marker(scratch, 0), marker(scratch, 1)
    both = [*marker_requests(scratch.sheet_id, second, ()), *marker_requests(scratch.sheet_id, first, ())]
    scratch.make(*both, *labels(scratch, 0), rows=7, columns=3)
    sheet = own_sheet(scratch)
    expect("its markers", sheet.markers, (first, second))
    expect("its rows, columns and kind", (sheet.rows, sheet.columns, sheet.is_grid), (7, 3, True))


@probe(
    "200 markers and the labels of the widest table fit into one tab's metadata, and an old one makes room",
    matters="a commit that finds no room for its marker can never be made",
    known=Known.REFERENCE,
    rule=Rule.MARKER,
    reads=1,
    writes=3,
)
def room_for_markers(scratch: Scratch) -> None:
    columns = 100
    uid = "u" * (LABEL_ROOM // columns - 30)
    scratch.table(specs=[ColumnSpec(f"{uid}{at:03}", column_name(at)) for at in range(columns)])
    # Numbers and run ids as long as they get.
    kept = [marker(scratch, 1_000_000 + n, "r" * 24) for n in range(MARKERS_KEPT)]
    scratch.write(*(request for each in kept for request in marker_requests(scratch.sheet_id, each, ())))
    call = Ledger(scratch.sheet_id, kept).call([], [scratch.first_row], run="r" * 24, token="", layout="01234567")
    scratch.client.batch_update(scratch.spreadsheet_id, call.body)
    expect("how many markers there are", len(own_sheet(scratch).markers), MARKERS_KEPT)


@probe(
    "a tab that was deleted leaves its sheet id and its markers' ids free",
    matters="a tab that people deleted is written anew under the same ids, beginning with commit 0",
    known=Known.ASSUMED,
    rule=Rule.MARKER,
    writes=3,
)
def marker_dies_with_its_tab(scratch: Scratch) -> None:
    first = [*marker_requests(scratch.sheet_id, marker(scratch, 0), ())]
    scratch.make(*first)
    scratch.tabs.delete(scratch.sheet_id)
    scratch.make(*first)


@probe(
    "metadata of the spreadsheet that one call makes and takes away again is accepted and leaves nothing",
    matters="so an account proves that it may write before a tab becomes its automation's own",
    known=Known.ASSUMED,
    rule=Rule.TAB,
    reads=2,
    writes=1,
)
def proof_of_writing(scratch: Scratch) -> None:
    before = read_book(scratch.client, scratch.spreadsheet_id).taken
    prove_writable(scratch.client, scratch.spreadsheet_id)
    left = read_book(scratch.client, scratch.spreadsheet_id).taken - before
    expect("metadata left by it", left, frozenset())
