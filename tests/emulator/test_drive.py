"""Drive's files: create, get, update, copy, delete, about, comments.

REC: recorded at Google. LIVE: somebody's dated measurements. DOC: Drive's documentation.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Response
from sheetsync.emulator.drive import call as drive_call
from sheetsync.emulator.drive import endpoint as drive
from sheetsync.emulator.drive import permissions as drive_permissions
from tests.emulator.support import Client, Json, call, marker, write

MIME = "application/vnd.google-apps.spreadsheet"
FILES = "/drive/v3/files"


def refusal(response: Response) -> tuple[int, str, Json]:
    """Code, message and first entry of `errors`, which repeats the message."""
    error = response.json()["error"]
    (entry,) = error["errors"]
    assert entry.pop("message") == error["message"]
    assert entry.pop("domain") == "global"
    return response.status, error["message"], entry


@pytest.mark.parametrize(
    ("resource", "known"),
    [
        ("File", drive_call.FIELDS),
        ("FileList", drive.LIST_FIELDS),
        ("CommentList", drive.COMMENT_FIELDS),
        ("About", drive.ABOUT_FIELDS),
        ("Permission", drive_permissions.FIELDS),
        ("PermissionList", drive_permissions.LIST_FIELDS),
    ],
)
def test_the_known_fields_are_those_of_the_discovery_document(resource: str, known: frozenset[str]) -> None:
    documents = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document: Any = json.loads((documents / "drive.v3.json").read_text())
    assert known == set(document["schemas"][resource]["properties"])


def test_a_file_is_shown_with_the_fields_that_are_asked_for(client: Client) -> None:
    path = f"{FILES}/{client.id}"
    assert call(client.emulator, "GET", path).json() == {  # REC
        "kind": "drive#file",
        "id": client.id,
        "name": "Shop",
        "mimeType": MIME,
    }
    few = call(client.emulator, "GET", path, fields="name,owners(me,emailAddress),size").json()
    assert few == {"name": "Shop", "owners": [{"me": False, "emailAddress": "owner@example.com"}]}
    assert call(client.emulator, "GET", path, fields=" ").json() == {}  # LIVE


@pytest.mark.parametrize("fields", ["nmae", "name,nmae", "files(name)"])
def test_a_field_that_no_file_has_is_refused(client: Client, fields: str) -> None:
    code, message, entry = refusal(call(client.emulator, "GET", f"{FILES}/{client.id}", fields=fields))
    assert (code, message) == (400, f"Invalid field selection {'files' if '(' in fields else 'nmae'}")  # LIVE
    assert entry == {"reason": "invalidParameter", "location": "fields", "locationType": "parameter"}


@pytest.mark.parametrize(
    ("method", "part"),
    [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/copy"), ("GET", "/permissions"), ("POST", "/permissions")],
)
def test_a_file_that_is_not_there_is_not_found(emulator: Emulator, method: str, part: str) -> None:
    code, message, entry = refusal(call(emulator, method, f"{FILES}/nothing{part}", {} if method == "POST" else None))
    assert (code, message) == (404, "File not found: nothing.")  # REC
    assert entry == {"reason": "notFound", "location": "fileId", "locationType": "parameter"}


def test_a_deletion_is_answered_with_nothing_at_all(client: Client) -> None:
    response = call(client.emulator, "DELETE", f"{FILES}/{client.id}", supportsAllDrives="True")
    assert (response.status, response.headers["Content-Type"], response.body) == (204, "text/html", b"")  # REC


def test_a_file_is_renamed_described_and_thrown_away(client: Client) -> None:
    body = {"name": "Store", "description": "orders", "trashed": True}
    fields = "name,description,trashed,explicitlyTrashed"
    reply = call(client.emulator, "PATCH", f"{FILES}/{client.id}", body, fields=fields).json()
    assert reply == {**body, "explicitlyTrashed": True}
    assert client.send("GET", "", fields="properties.title").json() == {"properties": {"title": "Store"}}


def test_a_file_moves_from_folder_to_folder(client: Client) -> None:
    path = f"{FILES}/{client.id}"
    (root,) = call(client.emulator, "GET", path, fields="parents").json()["parents"]
    moved = call(client.emulator, "PATCH", path, {}, addParents="1folder", removeParents=root, fields="parents")
    assert moved.json() == {"parents": ["1folder"]}
    assert call(client.emulator, "PATCH", path, {}, removeParents="1folder", fields="parents").json()["parents"] == [
        root
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"properties": {"a": "b"}}, "this emulator does not keep a file's properties."),
        ({"trashed": "yes"}, "this emulator does not take 'yes' as a file's trashed; give a bool."),
        ({"name": 5}, "this emulator does not take 5 as a file's name; give a str."),
    ],
)
def test_what_could_not_be_kept_is_refused_by_name(client: Client, body: Json, message: str) -> None:
    assert refusal(call(client.emulator, "PATCH", f"{FILES}/{client.id}", body))[1] == message


def test_only_spreadsheets_are_kept(emulator: Emulator) -> None:
    message = refusal(call(emulator, "POST", FILES, {"name": "a", "mimeType": "application/pdf"}))[1]
    assert message == f"this emulator does not keep files of another type than {MIME}."


def test_a_copy_has_the_tabs_of_the_original_under_their_ids(orders: Client) -> None:
    orders.ok({"addSheet": {"properties": {"title": "Second", "sheetId": 7}}})
    made = call(orders.emulator, "POST", f"{FILES}/{orders.id}/copy", {"name": None, "mimeType": MIME}).json()
    assert made == {"kind": "drive#file", "id": made["id"], "name": "Copy of Shop", "mimeType": MIME}  # REC
    copy = Client(orders.emulator, made["id"])
    fields = "sheets.properties"
    assert copy.send("GET", "", fields=fields).json() == orders.send("GET", "", fields=fields).json()  # REC
    assert copy.sheet.values() == orders.sheet.values()


def test_a_copy_and_its_original_go_their_own_ways(orders: Client) -> None:
    orders.ok(marker(1), {"addNamedRange": {"namedRange": {"name": "all", "range": {"endRowIndex": 2}}}})
    made = call(orders.emulator, "POST", f"{FILES}/{orders.id}/copy", {"name": "Twin"}).json()
    copy = Client(orders.emulator, made["id"])
    before = orders.sheet.values()
    copy.ok(write(1, 0, ["changed"]), {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {}}}})
    copy.put("Orders!A3", [["too"]])
    assert orders.sheet.values() == before
    assert (len(orders.emulator.spreadsheet(orders.id).metadata), copy.sheet.cell(2, 0)) == (1, "too")
    orders.ok(write(1, 1, ["original"]))
    assert copy.sheet.cell(1, 1) == "pear"


def test_there_are_no_comments(client: Client) -> None:
    path = f"{FILES}/{client.id}/comments"
    fields = "comments/content,comments/anchor,nextPageToken"
    assert call(client.emulator, "GET", path, fields=fields).json() == {"comments": []}  # REC
    code, message, entry = refusal(call(client.emulator, "GET", path))
    assert (code, message) == (400, "The 'fields' parameter is required for this method.")  # LIVE
    assert entry == {"reason": "required", "location": "fields", "locationType": "parameter"}


def test_about_says_who_calls(emulator: Emulator) -> None:
    about = call(emulator, "GET", "/drive/v3/about", fields="user(emailAddress,me)").json()
    assert about == {"user": {"emailAddress": "robot@sheets-emulator.iam.gserviceaccount.com", "me": True}}
    assert call(emulator, "GET", "/drive/v3/about").status == 400  # LIVE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/drive/v3/drives"),
        ("PUT", "/drive/v3/files/x"),
        ("POST", "/drive/v3/files/x/watch"),
        ("GET", "/drive/v2"),
    ],
)
def test_a_method_that_is_not_here_is_refused_by_name(emulator: Emulator, method: str, path: str) -> None:
    code, message, _ = refusal(call(emulator, method, path))
    assert (code, message) == (400, f"this emulator does not answer {method} on {path}.")


def test_what_drive_knows_of_a_file_survives_a_restart(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    made = call(emulator, "POST", FILES, {"name": "Shop", "mimeType": MIME, "parents": ["1folder"]}).json()
    path = f"{FILES}/{made['id']}"
    call(emulator, "PATCH", path, {"starred": True, "description": "orders"})
    call(emulator, "POST", f"{path}/permissions", {"type": "anyone", "role": "reader"})
    copy = call(emulator, "POST", f"{path}/copy", {}).json()["id"]
    before = [call(emulator, "GET", f"{FILES}/{each}", fields="*").json() for each in (made["id"], copy)]
    emulator.close()
    again = Emulator(tmp_path)
    assert [call(again, "GET", f"{FILES}/{each}", fields="*").json() for each in (made["id"], copy)] == before
