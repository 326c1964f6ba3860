"""files.list: the query language, the order and the pages.

REC: as gspread sends it, recorded. LIVE: somebody's dated measurements. DOC: Drive's documentation.
"""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator
from tests.emulator.support import Json, call

MIME = "application/vnd.google-apps.spreadsheet"
FILES = "/drive/v3/files"
TITLES = ("Shop 10", "shop 2", "Élan Vital", "HelloWorld")


@pytest.fixture
def drive() -> Emulator:
    """Four files, a minute apart; the second is in a folder, the third starred, the last in the bin."""
    now = [1_700_000_000.0]
    emulator = Emulator(clock=lambda: now[0])
    ids = []
    for title in TITLES:
        body = {"name": title, "mimeType": MIME, "parents": ["1folder"] if title == "shop 2" else []}
        ids.append(call(emulator, "POST", FILES, body).json()["id"])
        now[0] += 60
    call(emulator, "PATCH", f"{FILES}/{ids[2]}", {"starred": True})
    call(emulator, "PATCH", f"{FILES}/{ids[3]}", {"trashed": True})
    return emulator


def names(emulator: Emulator, **query: str) -> list[str]:
    response = call(emulator, "GET", FILES, fields="files(name)", **query)
    assert response.status == 200, response.body
    return [file["name"] for file in response.json()["files"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f'mimeType="{MIME}"', 4),  # REC
        (f'mimeType="{MIME}" and name = "shop 2"', 1),  # REC
        (f'mimeType="{MIME}" and parents in "1folder"', 1),  # gspread
        ("", 4),
        ("name = 'SHOP 2'", 1),  # LIVE: without case
        ("name = 'élan vital'", 0),  # LIVE: but not beyond ASCII
        ("name != 'shop 2'", 3),
        ("name contains 'élan'", 1),  # LIVE: here with
        ("name contains 'elan'", 0),  # LIVE: accents count
        ("name contains 'Hello'", 1),  # DOC
        ("name contains 'World'", 0),  # DOC: the beginning only
        ("name contains 'vital'", 1),
        ("mimeType contains 'spreadsheet'", 4),
        ("mimeType = 'application/vnd.google-apps.folder'", 0),
        ("'1folder' in parents", 1),  # DOC
        ("'root' in parents", 3),  # DOC
        ("'me' in owners", 4),  # DOC
        ("'stranger@example.com' in owners", 0),
        ("trashed = false", 3),  # DOC
        ("trashed = true and starred = true", 0),
        ("starred = true or trashed = true", 2),
        ("not trashed = true", 3),  # DOC
        ("not (starred = true or trashed = true)", 2),
        ("name = 'shop 2' or name = 'HelloWorld' and trashed = false", 1),
        ("modifiedTime > '2023-11-14T22:14:00'", 3),  # DOC: UTC by default
        ("createdTime <= '2023-11-14T22:13:20Z'", 1),
    ],
)
def test_a_query_selects(drive: Emulator, query: str, found: int) -> None:
    assert len(names(drive, q=query)) == found


def test_a_name_may_hold_quotes(emulator: Emulator) -> None:
    call(emulator, "POST", FILES, {"name": 'It\'s \\ "x"', "mimeType": MIME})
    assert len(names(emulator, q="name = 'It\\'s \\\\ \"x\"'")) == 1  # DOC
    assert len(names(emulator, q='name = "It\'s \\\\ \\"x\\""')) == 1


@pytest.mark.parametrize(
    "query",
    [
        'name = "a"b"',  # what gspread sends for a title with a quote
        "name",
        "name = ",
        "name = 'a",
        "name = 'a' and",
        "name ~ 'a'",
        "name < 'a'",
        "nmae = 'a'",
        "trashed = maybe",
        "trashed = 'true'",
        "'a' of parents",
        "'a' in name",
        "modifiedTime > 'yesterday'",
        "(name = 'a'",
        "name = 'a')",
        "(" * 5_000,
        "not " * 5_000 + "trashed = true",
    ],
)
def test_a_query_that_is_none_is_refused(drive: Emulator, query: str) -> None:
    error = call(drive, "GET", FILES, q=query).json()["error"]
    assert (error["code"], error["message"]) == (400, "Invalid Value")
    assert error["errors"][0]["location"] == "q"


@pytest.mark.parametrize("query", ["fullText contains 'x'", "sharedWithMe = true", "'a@example.com' in writers"])
def test_a_term_that_cannot_be_judged_here_is_refused_by_name(drive: Emulator, query: str) -> None:
    message = call(drive, "GET", FILES, q=query).json()["error"]["message"]
    assert message.startswith("this emulator does not judge '")


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("", "HelloWorld"),  # the newest
        ("createdTime", "Shop 10"),  # DOC
        ("createdTime desc", "HelloWorld"),  # DOC
        ("modifiedTime", "Shop 10"),
        ("name", "HelloWorld"),  # DOC: 1, 12, 2, 22
        ("name desc", "Élan Vital"),
        ("starred desc,name", "Élan Vital"),
        ("folder,modifiedTime desc,name", "HelloWorld"),  # DOC: the example
    ],
)
def test_a_listing_is_ordered(drive: Emulator, order: str, first: str) -> None:
    assert names(drive, orderBy=order)[0] == first


def test_numbers_in_names_may_count_as_numbers(drive: Emulator) -> None:
    shops = {"q": "name contains 'shop'"}
    assert names(drive, orderBy="name", **shops) == ["Shop 10", "shop 2"]  # DOC
    assert names(drive, orderBy="name_natural", **shops) == ["shop 2", "Shop 10"]  # DOC


@pytest.mark.parametrize(
    ("query", "code", "location", "message"),
    [
        ({"orderBy": "nmae"}, 400, "orderBy", "Invalid Value"),
        ({"orderBy": "name up"}, 400, "orderBy", "Invalid Value"),
        (
            {"orderBy": "name,name_natural desc"},
            403,
            "orderBy",
            "The orderBy parameter cannot contain duplicate sort keys.",
        ),
        ({"orderBy": "viewedByMeTime"}, 400, "", "this emulator does not sort by 'viewedByMeTime'."),
        ({"pageSize": "0"}, 400, "pageSize", "Invalid value '0'. Values must be within the range: [1, 1000]"),
        ({"pageSize": "1001"}, 400, "pageSize", "Invalid value '1001'. Values must be within the range: [1, 1000]"),
        ({"pageSize": "many"}, 400, "", "Invalid value at 'page_size' (TYPE_INT32), \"many\""),
        ({"pageToken": "BOGUS"}, 400, "pageToken", "Invalid Value"),
        ({"fields": "files(nmae)"}, 400, "fields", "Invalid field selection nmae"),
        ({"fields": "nmae"}, 400, "fields", "Invalid field selection nmae"),
        # Of several, the one that Drive looks at first.
        ({"q": "bad", "orderBy": "bad", "pageToken": "bad", "fields": "bad"}, 400, "orderBy", "Invalid Value"),
        ({"q": "bad", "pageToken": "bad", "fields": "bad"}, 400, "q", "Invalid Value"),
        ({"pageToken": "bad", "fields": "bad"}, 400, "pageToken", "Invalid Value"),
    ],
)
def test_what_a_listing_cannot_be_is_refused(
    drive: Emulator, query: Json, code: int, location: str, message: str
) -> None:
    error = call(drive, "GET", FILES, **query).json()["error"]  # LIVE
    assert (error["code"], error["message"]) == (code, message)
    assert error["errors"][0].get("location", "") == location


def test_a_listing_comes_in_pages(drive: Emulator) -> None:
    first = call(drive, "GET", FILES, pageSize="3", fields="kind,nextPageToken,files(name)").json()
    assert (first["kind"], len(first["files"])) == ("drive#fileList", 3)
    rest = call(drive, "GET", FILES, pageSize="3", pageToken=first["nextPageToken"]).json()
    assert [file["name"] for file in rest["files"]] == ["Shop 10"]
    assert "nextPageToken" not in rest


def test_a_listing_without_a_mask_has_googles_few_fields(drive: Emulator) -> None:
    reply = call(drive, "GET", FILES, pageSize="1").json()
    assert set(reply) == {"kind", "incompleteSearch", "nextPageToken", "files"}
    assert set(reply["files"][0]) == {"kind", "id", "name", "mimeType"}
