"""Laxities of columns and rows. See `lax.py`."""

from __future__ import annotations

from tests.support.lax import LAX, kind_of, makes_a_tab

# -- columns


def _columns_of(call, sheet_id):
    return call.sheet(sheet_id).columns


@LAX.calls("label-follows-a-move")
def leaves_labels_behind_when_columns_move(call):
    moved = [request["moveDimension"]["source"] for request in call.requests if "moveDimension" in request]
    before = [column.metadata for column in _columns_of(call, moved[0]["sheetId"])] if moved else []
    response = call.passed()
    for column, metadata in zip(_columns_of(call, moved[0]["sheetId"]) if moved else [], before, strict=True):
        column.metadata = metadata
    return response


@LAX.calls("label-follows-a-move")
def moves_labels_without_their_cells(call):
    moved = [request["moveDimension"]["source"] for request in call.requests if "moveDimension" in request]
    rows = call.sheet(moved[0]["sheetId"]).rows if moved else []
    before = [list(row.values) for row in rows if row is not None]
    response = call.passed()
    after = [row for row in call.sheet(moved[0]["sheetId"]).rows if row is not None] if moved else []
    for row, values in zip(after, before, strict=True):
        row.values = values
    return response


@LAX.calls("label-follows-an-insert")
def copies_labels_to_inserted_columns(call):
    response = call.passed()
    for request in call.requests if response.status == 200 else []:
        span = request.get("insertDimension", {}).get("range", {})
        if span.get("dimension") == "COLUMNS" and request["insertDimension"]["inheritFromBefore"]:
            columns = _columns_of(call, span["sheetId"])
            columns[span["startIndex"]].metadata += columns[span["startIndex"] - 1].metadata
    return response


@LAX.calls("label-survives-rows")
def loses_labels_in_a_sort(call):
    response = call.passed()
    for request in call.requests:
        if "sortRange" in request:
            for column in _columns_of(call, request["sortRange"]["range"]["sheetId"]):
                column.metadata = ()
    return response


def _without_places(request):
    """A lookup by key and place becomes one by key."""
    body = next(iter(request.values()))
    for found in [*body.get("dataFilters", []), body.get("dataFilter", {})]:
        found.get("developerMetadataLookup", {}).pop("metadataLocation", None)
    return request


@LAX.calls("label-found-by-lookup")
def searches_all_columns(call):
    if not call.request.path.endswith(":search"):
        return call.passed()
    return call.passed(_without_places({"search": call.body})["search"])


@LAX.requests("label-changed-in-place", "column-at-the-right-edge")
def changes_the_labels_of_all_columns(call, requests):
    return [_without_places(each) if kind_of(each) == "updateDeveloperMetadata" else each for each in requests]


@LAX.requests("label-released")
def releases_all_columns(call, requests):
    return [_without_places(each) if kind_of(each) == "deleteDeveloperMetadata" else each for each in requests]


@LAX.calls("column-at-the-right-edge")
def inserts_no_column_at_the_right_edge(call):
    spans = [request.get("insertDimension", {}).get("range", {}) for request in call.requests]
    inserts = [span for span in spans if span.get("dimension") == "COLUMNS"]
    if any(span["startIndex"] >= call.sheet(span["sheetId"]).column_count for span in inserts):
        return call.refuse("Invalid requests[0].insertDimension: range.startIndex must be less than the grid size.")
    return call.passed()


@LAX.requests("columns-at-the-left-edge")
def inserts_no_column_at_the_left_edge(call, requests):
    def at_the_left(request):
        span = request.get("insertDimension", {}).get("range", {})
        return span.get("dimension") == "COLUMNS" and span["startIndex"] == 0

    return [request for request in requests if not at_the_left(request)]


# -- rows


def _row_inserts(requests):
    inserts = [request["insertDimension"] for request in requests if "insertDimension" in request]
    return [insert for insert in inserts if insert["range"]["dimension"] == "ROWS"]


@LAX.calls("insert-before-the-empty-row")
def overwrites_the_row_below_an_insert(call):
    response = call.passed()
    for insert in [] if makes_a_tab(call.requests) or response.status != 200 else _row_inserts(call.requests):
        span = insert["range"]
        area = {"sheetId": span["sheetId"], "startRowIndex": span["endIndex"], "endRowIndex": span["endIndex"] + 1}
        call.batch({"updateCells": {"range": area, "fields": "userEnteredValue"}})
    return response


@LAX.calls("insert-before-the-empty-row", "empty-row-comes-back")
def grows_by_a_row_more_than_was_inserted(call):
    response = call.passed()
    for insert in [] if makes_a_tab(call.requests) or response.status != 200 else _row_inserts(call.requests):
        call.batch({"appendDimension": {"sheetId": insert["range"]["sheetId"], "dimension": "ROWS", "length": 1}})
    return response


@LAX.requests("looks-from-below", "struck-through")
def takes_looks_from_above(call, requests):
    for insert in _row_inserts(requests) if makes_a_tab(requests) else []:
        insert["inheritFromBefore"] = insert["range"]["startIndex"] > 0
    return requests


@LAX.calls("format-of-new-rows")
def forgets_formats_in_inserted_rows(call):
    response = call.passed()
    for insert in [] if makes_a_tab(call.requests) or response.status != 200 else _row_inserts(call.requests):
        span = insert["range"]
        area = {"sheetId": span["sheetId"], "startRowIndex": span["startIndex"], "endRowIndex": span["endIndex"]}
        call.batch({"repeatCell": {"range": area, "cell": {}, "fields": "userEnteredFormat.numberFormat"}})
    return response


@LAX.requests("insert-at-the-end-refused")
def inserts_at_the_end_of_the_grid(call, requests):
    for insert in [] if makes_a_tab(requests) else _row_inserts(requests):
        span = insert["range"]
        insert["inheritFromBefore"] |= span["startIndex"] == call.sheet(span["sheetId"]).row_count
    return requests


@LAX.calls("empty-row-comes-back")
def does_not_append_and_insert_at_once(call):
    kinds = {kind_of(request) for request in call.requests}
    both = {"appendDimension", "insertDimension"} <= kinds
    return call.refuse("Invalid requests[1].insertDimension: the grid has changed.") if both else call.passed()


@LAX.requests("deleted-bottom-up")
def deletes_top_down(call, requests):
    deleting = all("deleteDimension" in request for request in requests)
    return requests[::-1] if deleting else requests


@LAX.requests("sort-moves-whole-rows")
def leaves_hidden_columns_behind_in_a_sort(call, requests):
    for request in requests:
        area = request.get("sortRange", {}).get("range", {})
        if area and any(column.hidden for column in _columns_of(call, area["sheetId"])):
            area["startColumnIndex"] = 2
    return requests


@LAX.requests("struck-through")
def resets_all_formats_under_a_mask(call, requests):
    for request in requests:
        if request.get("repeatCell", {}).get("fields", "").endswith(".strikethrough"):
            request["repeatCell"]["fields"] = "userEnteredFormat"
    return requests


@LAX.requests("struck-through")
def strikes_nothing_through(call, requests):
    return [each for each in requests if not each.get("repeatCell", {}).get("fields", "").endswith(".strikethrough")]


@LAX.requests("hidden-rows-written")
def skips_filtered_rows_in_a_write(call, requests):
    def lost(request):
        start = request.get("updateCells", {}).get("start", {})
        return start and start["rowIndex"] == 2 and call.sheet(start["sheetId"]).filter is not None

    return requests if makes_a_tab(requests) else [request for request in requests if not lost(request)]
