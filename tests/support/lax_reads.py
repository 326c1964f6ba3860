"""Laxities of reads and replies: what is shown is not what is there. See `lax.py`."""

from __future__ import annotations

from sheetsync.emulator import Request
from tests.support.lax import LAX, answer, blocks_of

VALUES = "/values:batchGetByDataFilter"
GRID = ":getByDataFilter"
WRITE = ":batchUpdate"

# -- spreadsheets.get


@LAX.calls("markers-listed", "marker-created-anew", "room-for-markers")
def lists_no_markers(call):
    response = call.passed()
    if call.request.method != "GET" or response.status != 200:
        return response
    reply = response.json()
    for sheet in reply.get("sheets", []):
        sheet.pop("developerMetadata", None)
    return answer(reply)


@LAX.calls("markers-listed", "marker-created-anew", "room-for-markers", "proof-of-writing")
def lists_markers_without_their_ids(call):
    response = call.passed()
    if call.request.method != "GET" or response.status != 200:
        return response
    reply = response.json()
    for sheet in reply.get("sheets", []):
        for entry in sheet.get("developerMetadata", []):
            entry.pop("metadataId", None)
    return answer(reply)


@LAX.calls("markers-listed", "new-tab-as-asked")
def lists_tabs_without_their_size(call):
    response = call.passed()
    if call.request.method != "GET" or response.status != 200:
        return response
    reply = response.json()
    for sheet in reply.get("sheets", []):
        sheet["properties"].pop("gridProperties", None)
    return answer(reply)


# -- the reply to a write


@LAX.calls("new-tab-in-its-own-reply")
def does_not_know_a_new_tab_by_its_title_yet(call):
    new = any("addSheet" in request for request in call.requests)
    if new and call.body.get("responseRanges"):
        return call.refuse(f"Unable to parse range: {call.body['responseRanges'][0]}")
    return call.passed()


@LAX.calls("title-in-quotes")
def reads_no_doubled_quotes(call):
    ranges = call.body.get("responseRanges", []) if call.is_batch else []
    doubled = next((each for each in ranges if "''" in each), None)
    return call.refuse(f"Unable to parse range: {doubled}") if doubled else call.passed()


@LAX.replies(WRITE, "keys-in-the-reply")
def shows_no_inserted_rows(call, reply):
    if any("insertDimension" in request for request in call.requests):
        for block in blocks_of(reply)[1:]:
            del block["rowData"][-1]


@LAX.replies(WRITE, "keys-in-the-reply", "reply-keeps-places", "reply-is-after-the-batch")
def shows_the_first_row_alone(call, reply):
    for sheet in reply.get("updatedSpreadsheet", {}).get("sheets", []):
        del sheet["data"][1:]


@LAX.replies(WRITE, "keys-in-the-reply", "labels-in-the-reply", "new-tab-in-its-own-reply")
def shows_no_labels_in_a_reply(call, reply):
    for block in blocks_of(reply):
        block.pop("columnMetadata", None)


@LAX.replies(WRITE, "title-in-quotes", "keys-in-the-reply", "reply-keeps-places", "reply-is-after-the-batch",
             "labels-in-the-reply", "new-tab-in-its-own-reply")  # fmt: skip
def shows_nothing_in_a_reply(call, reply):
    reply.pop("updatedSpreadsheet", None)


@LAX.replies(WRITE, "new-tab-in-its-own-reply", "reply-is-after-the-batch")
def shows_no_size_in_a_reply(call, reply):
    for sheet in reply.get("updatedSpreadsheet", {}).get("sheets", []):
        sheet["properties"].pop("gridProperties")


@LAX.replies(WRITE, "reply-keeps-places")
def closes_gaps_in_a_reply(call, reply):
    for block in blocks_of(reply)[1:]:
        block["rowData"] = [row for row in block.get("rowData", []) if row]


def _as_before(call):
    """The reply to a write, showing what was there before it."""
    fields = dict(call.request.query).get("fields", "").removeprefix("updatedSpreadsheet(").removesuffix(")")
    query = [("fields", fields), *(("ranges", each) for each in call.body["responseRanges"])]
    path = f"/v4/spreadsheets/{call.book}"
    seen = call.forward(Request(method="GET", path=path, query=query, headers=call.request.headers)).json()
    call.passed()
    return answer({"updatedSpreadsheet": seen})


@LAX.calls("reply-is-after-the-batch")
def shows_rows_before_their_removal(call):
    deleting = any("deleteDimension" in request for request in call.requests)
    return _as_before(call) if deleting and call.body.get("responseRanges") else call.passed()


@LAX.calls("labels-in-the-reply")
def shows_columns_before_their_move(call):
    moving = any("moveDimension" in request for request in call.requests)
    return _as_before(call) if moving and call.body.get("responseRanges") else call.passed()


# -- getByDataFilter


@LAX.replies(GRID, "tab-renamed-and-hidden")
def shows_no_hidden_tabs(call, reply):
    hidden = {sheet.title for sheet in call.emulator.spreadsheet(call.book).sheets if sheet.hidden}
    reply["sheets"] = [each for each in reply["sheets"] if each["properties"].get("title") not in hidden]


@LAX.replies(GRID, "label-tells-its-column", "label-follows-an-insert", "label-survives-rows", "label-released")
def shows_labelled_columns_alone(call, reply):
    for block in blocks_of(reply):
        if "columnMetadata" in block:
            block["columnMetadata"] = [column for column in block["columnMetadata"] if column]


@LAX.replies(GRID, "rows-in-full")
def shows_two_blocks_at_most(call, reply):
    for sheet in reply["sheets"]:
        del sheet.get("data", [])[2:]


@LAX.replies(GRID, "rows-in-full", "columns-at-the-left-edge", "insert-before-the-empty-row", "absent-value-empties")
def closes_gaps_in_rows(call, reply):
    for block in blocks_of(reply):
        for row in block.get("rowData", []):
            row["values"] = [cell for cell in row.get("values", []) if cell]


@LAX.replies(GRID, "rows-in-full")
def shows_true_as_a_text(call, reply):
    for block in blocks_of(reply):
        for row in block.get("rowData", []):
            for cell in row.get("values", []):
                if "boolValue" in cell.get("userEnteredValue", {}):
                    cell["userEnteredValue"] = {"stringValue": "TRUE"}


# -- values:batchGetByDataFilter


def _ranges(call, reply):
    """(sheet, grid range, value range) of a read."""
    for each in reply.get("valueRanges", []):
        if "dataFilters" in each:
            grid = each["dataFilters"][0]["gridRange"]
            yield call.sheet(grid["sheetId"]), grid, each["valueRange"]


@LAX.replies(VALUES, "hidden-columns-read", "open-ended-area")
def reads_no_hidden_columns(call, reply):
    for sheet, grid, values in _ranges(call, reply):
        if sheet.columns[grid.get("startColumnIndex", 0)].hidden:
            values.pop("values", None)


@LAX.replies(VALUES, "hidden-rows-read")
def reads_no_hidden_rows(call, reply):
    for sheet, _, values in _ranges(call, reply):
        hidden = {at for at, row in enumerate(sheet.rows) if row is not None and row.hidden}
        values["values"] = [
            [value for at, value in enumerate(column) if at not in hidden] for column in values.get("values", [])
        ]


@LAX.replies(VALUES, "every-area-answered")
def answers_no_empty_areas(call, reply):
    reply["valueRanges"] = [each for each in reply["valueRanges"] if "values" in each["valueRange"]]


@LAX.replies(VALUES, "places-of-values")
def drops_empty_cells_above_a_value(call, reply):
    for _, _, values in _ranges(call, reply):
        for column in values.get("values", []):
            while column and column[0] == "":
                del column[0]


@LAX.replies(VALUES, "blank-tab", "numbers-arrive-exactly")
def reads_zero_as_nothing(call, reply):
    for each in reply.get("valueRanges", []):
        values = each.get("valueRange", {})
        columns = [["" if value in (0, "0") else value for value in column] for column in values.get("values", [])]
        if not any(value != "" for column in columns for value in column):
            values.pop("values", None)
        else:
            values["values"] = columns


@LAX.calls("open-ended-area")
def reads_three_rows_where_no_end_is_given(call):
    if not call.request.path.endswith(VALUES):
        return call.passed()
    body = call.body
    for each in body["dataFilters"]:
        grid = each["gridRange"]
        if "startRowIndex" in grid:
            grid.setdefault("endRowIndex", grid["startRowIndex"] + 3)
    return call.passed(body)


@LAX.replies(VALUES, "blank-tab")
def gives_a_list_of_no_values(call, reply):
    for each in reply.get("valueRanges", [{}]):
        each.setdefault("valueRange", {}).setdefault("values", [])


@LAX.calls("dates-read-as-serials")
def reads_dates_as_texts(call):
    if not call.request.path.endswith(VALUES):
        return call.passed()
    return call.passed(call.body | {"dateTimeRenderOption": "FORMATTED_STRING"})


@LAX.calls("blank-tab")
def refuses_the_mask_of_a_blank_tab(call):
    masked = ("fields", "valueRanges.valueRange.values") in call.request.query
    return call.refuse("Invalid field mask.") if masked else call.passed()
