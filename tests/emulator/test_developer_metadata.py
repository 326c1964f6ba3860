"""Developer metadata: identity, anchors that follow their row or column, lookups, limits."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, Json, line, marker

ROW: Json = {"dimensionRange": line("ROWS", 2)}
COLUMN: Json = {"dimensionRange": line("COLUMNS", 1)}


def index_of(client: Client, entry_id: int) -> int | None:
    """Where the entry is, None when it is gone."""
    response = client.send("GET", f"/developerMetadata/{entry_id}")
    if response.status == 404:
        return None
    return int(response.json()["location"]["dimensionRange"]["startIndex"])


def found(client: Client, lookup: Json) -> list[int]:
    body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
    reply = client.send("POST", "/developerMetadata:search", body).json()
    return [each["developerMetadata"]["metadataId"] for each in reply.get("matchedDeveloperMetadata", [])]


def test_a_duplicate_id_fails_the_whole_batch_in_googles_words(orders: Client) -> None:
    orders.ok(marker(7))
    message = orders.refusal({"insertDimension": {"range": line("ROWS", 1)}}, marker(7))
    assert message == (
        "Invalid requests[1].createDeveloperMetadata: Cannot add developer metadata with ID [7] "
        "because developer metadata with that ID already exists."
    )
    assert orders.sheet.row_count == 10


def test_an_id_is_free_again_after_its_deletion(orders: Client) -> None:
    orders.ok(marker(7))
    orders.ok({"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 7}}}}, marker(7))
    assert found(orders, {}) == [7]


def test_an_id_must_be_positive(orders: Client) -> None:
    assert "must be positive" in orders.refusal(marker(-1))


FOLLOWS = [
    ({"insertDimension": {"range": line("ROWS", 0, 3)}}, 5),
    ({"insertDimension": {"range": line("ROWS", 3)}}, 2),
    ({"deleteDimension": {"range": line("ROWS", 1)}}, 1),
    ({"deleteDimension": {"range": line("ROWS", 2)}}, None),
    ({"moveDimension": {"source": line("ROWS", 2), "destinationIndex": 5}}, 4),
    ({"moveDimension": {"source": line("ROWS", 0), "destinationIndex": 3}}, 1),
    # apple (row 2) has the smallest sum and comes first
    ({"sortRange": {"range": {"startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 2}]}}, 1),
    ({"deleteDimension": {"range": line("COLUMNS", 0)}}, 2),
]


@pytest.mark.parametrize(("request_", "index"), FOLLOWS)
def test_a_row_anchor_follows_its_row(orders: Client, request_: Json, index: int | None) -> None:
    orders.ok(marker(7, ROW))
    orders.ok(request_)
    assert index_of(orders, 7) == index


@pytest.mark.parametrize(
    ("request_", "index"),
    [
        ({"insertDimension": {"range": line("COLUMNS", 0)}}, 2),
        ({"deleteDimension": {"range": line("COLUMNS", 0)}}, 0),
        ({"deleteDimension": {"range": line("COLUMNS", 1)}}, None),
        ({"moveDimension": {"source": line("COLUMNS", 1), "destinationIndex": 4}}, 3),
        ({"deleteDimension": {"range": line("ROWS", 1)}}, 1),
    ],
)
def test_a_column_anchor_follows_its_column(orders: Client, request_: Json, index: int | None) -> None:
    orders.ok(marker(7, COLUMN))
    orders.ok(request_)
    assert index_of(orders, 7) == index


def test_metadata_dies_with_its_tab(orders: Client) -> None:
    orders.ok({"addSheet": {"properties": {"sheetId": 5}}}, marker(7, {"sheetId": 5}), marker(8, {"spreadsheet": True}))
    orders.ok({"deleteSheet": {"sheetId": 5}})
    assert found(orders, {}) == [8]


def test_a_values_write_leaves_a_row_anchor_alone(orders: Client) -> None:
    orders.ok(marker(7, ROW))
    orders.put("Orders!A3", [["new", "values"]])
    assert index_of(orders, 7) == 2


LOOKUPS: list[tuple[Json, list[int]]] = [
    ({}, [1, 2, 3, 4]),
    ({"metadataKey": "a"}, [1, 3]),
    ({"metadataId": 2}, [2]),
    ({"locationType": "ROW"}, [3]),
    ({"metadataLocation": {"sheetId": 0}}, [2, 3, 4]),
    ({"metadataLocation": {"sheetId": 0}, "locationMatchingStrategy": "EXACT_LOCATION"}, [2]),
    ({"metadataLocation": {"spreadsheet": True}}, [1]),
    ({"metadataLocation": {"dimensionRange": line("ROWS", 2)}, "locationMatchingStrategy": "EXACT_LOCATION"}, [3]),
    ({"metadataLocation": {"dimensionRange": line("ROWS", 5)}, "locationType": "ROW"}, []),
]


@pytest.mark.parametrize(("lookup", "ids"), LOOKUPS)
def test_a_lookup_selects(orders: Client, lookup: Json, ids: list[int]) -> None:
    orders.ok(marker(1, {"spreadsheet": True}, key="a"), marker(2, key="b"), marker(3, ROW, key="a"), marker(4, COLUMN))
    assert found(orders, lookup) == ids


def test_several_filters_find_an_entry_once_with_all_of_them(orders: Client) -> None:
    orders.ok(marker(1, key="a"))
    filters = [{"developerMetadataLookup": {"metadataKey": "a"}}, {"developerMetadataLookup": {}}]
    reply = orders.send("POST", "/developerMetadata:search", {"dataFilters": filters}).json()
    assert [each["dataFilters"] for each in reply["matchedDeveloperMetadata"]] == [filters]


def test_an_anchor_is_one_row_or_column(orders: Client) -> None:
    message = orders.refusal(marker(1, {"dimensionRange": line("ROWS", 1, 3)}))
    assert message.endswith("DimensionRange must represent a single row or column")


def test_a_sheet_holds_30000_characters_of_metadata(orders: Client) -> None:
    orders.ok(marker(1, key="k" * 10_000, value="v" * 20_000))
    assert "30000 characters" in orders.refusal(marker(2, key="k", value=""))
    orders.ok(marker(3, {"spreadsheet": True}))


def test_an_update_changes_the_masked_fields_only(orders: Client) -> None:
    orders.ok(marker(1, key="a", value="old"))
    change = {
        "dataFilters": [{"developerMetadataLookup": {"metadataId": 1}}],
        "developerMetadata": {"metadataValue": "new", "metadataKey": "ignored"},
        "fields": "metadataValue",
    }
    (reply,) = orders.ok({"updateDeveloperMetadata": change})
    (entry,) = reply["updateDeveloperMetadata"]["developerMetadata"]
    assert (entry["metadataKey"], entry["metadataValue"]) == ("a", "new")


def test_column_anchors_come_with_the_grid_data(orders: Client) -> None:
    orders.ok(marker(1, COLUMN))
    fields = "sheets.data.columnMetadata.developerMetadata(metadataId)"
    reply = orders.send("GET", "", ranges="Orders!A1:C1", fields=fields).json()
    columns = reply["sheets"][0]["data"][0]["columnMetadata"]
    assert columns == [{}, {"developerMetadata": [{"metadataId": 1}]}, {}]
