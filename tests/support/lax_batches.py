"""Laxities of whole batches, of metadata and of tabs. See `lax.py`."""

from __future__ import annotations

from tests.support.lax import LAX, answer, kind_of

# -- batches


@LAX.calls("atomic-batch")
def keeps_what_came_before_a_refused_request(call):
    response = call.passed()
    if call.is_batch and response.status == 400:
        for request in call.requests:
            if call.batch(request).status != 200:
                break
    return response


@LAX.calls("atomic-batch")
def keeps_the_value_before_a_refused_request(call):
    response = call.passed()
    if call.is_batch and response.status == 400 and kind_of(call.requests[0]) == "updateCells":
        call.batch(call.requests[0])
    return response


@LAX.requests("atomic-batch")
def ignores_writes_beyond_the_grid(call, requests):
    def beyond(request):
        start = request.get("updateCells", {}).get("start", {})
        return start.get("rowIndex", 0) > 50 and not call.sheet(start["sheetId"]).row_count > start["rowIndex"]

    return [request for request in requests if not beyond(request)]


@LAX.calls("marker-once", "atomic-batch")
def applies_what_comes_after_a_refused_request(call):
    response = call.passed()
    if call.is_batch and response.status == 400:
        for request in call.requests[1:]:
            call.batch(request)
    return response


@LAX.requests("requests-in-order")
def inserts_before_it_writes(call, requests):
    for at in range(1, len(requests)):
        if (kind_of(requests[at - 1]), kind_of(requests[at])) == ("updateCells", "insertDimension"):
            requests[at - 1], requests[at] = requests[at], requests[at - 1]
    return requests


@LAX.calls("large-body")
def refuses_more_than_a_megabyte(call):
    return call.refuse("Request payload size exceeds the limit.") if len(call.request.body) > 1e6 else call.passed()


# -- metadata


def _without_taken_ids(call, requests, kind):
    """Metadata that exists on a `kind` is made once more, under another id."""
    entries = call.emulator.spreadsheet(call.book).metadata
    for request in requests:
        wanted = request.get("createDeveloperMetadata", {}).get("developerMetadata", {})
        taken = entries.get(wanted.get("metadataId"))
        if taken is not None and taken.kind == kind:
            del wanted["metadataId"]
    return requests


@LAX.requests("marker-once")
def accepts_a_marker_twice(call, requests):
    deleting = any("deleteDeveloperMetadata" in request for request in requests)
    return requests if deleting else _without_taken_ids(call, requests, "SHEET")


@LAX.requests("marker-taken-elsewhere")
def accepts_an_id_that_a_column_has(call, requests):
    return _without_taken_ids(call, requests, "COLUMN")


@LAX.calls("marker-once", "marker-taken-elsewhere")
def refuses_a_marker_for_another_reason(call):
    response = call.passed()
    duplicate = b"createDeveloperMetadata: Cannot add" in response.body
    return call.refuse("Invalid requests[0].createDeveloperMetadata: Nobody knows why.") if duplicate else response


@LAX.calls("metadata-by-id")
def knows_every_metadata_id(call):
    metadata_id = call.request.path.rpartition("/developerMetadata/")[2]
    return answer({"metadataId": int(metadata_id)}) if metadata_id.isdecimal() else call.passed()


@LAX.calls("metadata-by-id")
def finds_no_metadata_by_id(call):
    by_id = call.request.path.rpartition("/developerMetadata/")[2].isdecimal()
    return call.refuse("Requested entity was not found.", 404) if by_id else call.passed()


def _created(requests):
    made = (request.get("createDeveloperMetadata", {}).get("developerMetadata", {}) for request in requests)
    return {each.get("metadataId") for each in made} - {None}


@LAX.calls("marker-created-anew")
def never_forgets_a_deleted_id(call):
    seen = call.emulator.remembered
    for request in call.requests:
        lookup = request.get("deleteDeveloperMetadata", {}).get("dataFilter", {}).get("developerMetadataLookup", {})
        seen |= {lookup["metadataId"]} if "metadataId" in lookup else set()
        if _created([request]) & seen:
            return call.refuse("Invalid requests[1].createDeveloperMetadata: developer metadata with that ID existed.")
    return call.passed()


@LAX.calls("marker-dies-with-its-tab")
def never_forgets_a_deleted_tab(call):
    entries = call.emulator.spreadsheet(call.book).metadata if call.is_batch else {}
    gone = {request["deleteSheet"]["sheetId"] for request in call.requests if "deleteSheet" in request}
    call.emulator.remembered |= {entry.id for entry in entries.values() if entry.sheet_id in gone}
    if _created(call.requests) & call.emulator.remembered:
        return call.refuse("Invalid requests[1].createDeveloperMetadata: developer metadata with that ID existed.")
    return call.passed()


@LAX.calls("room-for-markers")
def has_little_room_for_metadata(call):
    if sum(kind_of(request) == "createDeveloperMetadata" for request in call.requests) > 150:
        return call.refuse("Cannot add developer metadata: the sheet would exceed the maximum.")
    return call.passed()


@LAX.requests("proof-of-writing")
def keeps_metadata_that_is_deleted_by_key(call, requests):
    def by_key_alone(request):
        found = request.get("deleteDeveloperMetadata", {}).get("dataFilter", {}).get("developerMetadataLookup", {})
        return set(found) == {"metadataKey"}

    return [request for request in requests if not by_key_alone(request)]


# -- tabs


@LAX.requests("sheet-id-once")
def makes_a_tab_twice(call, requests):
    taken = {sheet.id for sheet in call.emulator.spreadsheet(call.book).sheets}
    for request in requests:
        properties = request.get("addSheet", {}).get("properties", {})
        if properties.get("sheetId") in taken:
            del properties["sheetId"]
    return requests


@LAX.requests("title-once")
def gives_a_second_tab_another_title(call, requests):
    taken = {sheet.title for sheet in call.emulator.spreadsheet(call.book).sheets}
    for request in requests:
        properties = request.get("addSheet", {}).get("properties", {})
        if properties.get("title") in taken:
            properties["title"] += " (2)"
    return requests


@LAX.requests("new-tab-as-asked")
def freezes_nothing_in_a_new_tab(call, requests):
    for request in requests:
        request.get("addSheet", {}).get("properties", {}).get("gridProperties", {}).pop("frozenRowCount", None)
    return requests


@LAX.requests("smallest-tab-occupied")
def appends_a_column_more(call, requests):
    for request in requests:
        if request.get("appendDimension", {}).get("dimension") == "COLUMNS":
            request["appendDimension"]["length"] += 1
    return requests


@LAX.calls("smallest-tab-occupied")
def does_not_widen_a_tab(call):
    widening = any(request.get("appendDimension", {}).get("dimension") == "COLUMNS" for request in call.requests)
    return call.refuse("Invalid requests[0].appendDimension: no.") if widening else call.passed()
