"""With strict_auth: whose file it is, whom it is shared with, and which of them an app's token reaches."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.emulator import Emulator, Quotas, Response
from sheetsync.emulator.oauth import EMAIL
from sheetsync.emulator.people.person import OWNER
from tests.emulator.oauth_steps import DRIVE, FILE, MIME, PREFIX, SHEETS, access, an_app, call

ANN = "ann@example.com"
NO_ACCESS = {"error": {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}}
NOT_FOUND = {"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(strict_auth=True)


@pytest.fixture
def book(emulator: Emulator) -> str:
    return emulator.create_spreadsheet("Shop", tab="Orders")


def read(emulator: Emulator, bearer: str, book: str) -> Response:
    return call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}/values/Orders")


def write(emulator: Emulator, bearer: str, book: str) -> Response:
    path = f"/v4/spreadsheets/{book}/values/Orders!A1"
    return call(emulator, bearer, "PUT", path, {"values": [["x"]]}, valueInputOption="RAW")


def listed(emulator: Emulator, bearer: str) -> list[str]:
    return [file["id"] for file in call(emulator, bearer, "GET", "/drive/v3/files").json()["files"]]


def robot(emulator: Emulator) -> str:
    emulator.accounts.issue("ya29.robot", emulator.clock())
    return "ya29.robot"


def test_a_strangers_file_is_forbidden_in_sheets_and_not_found_in_drive(emulator: Emulator, book: str) -> None:
    ann = access(emulator, an_app(emulator), SHEETS, DRIVE, account=ANN)
    assert read(emulator, ann, book).json() == NO_ACCESS
    assert write(emulator, ann, book).json() == NO_ACCESS
    error = call(emulator, ann, "GET", f"/drive/v3/files/{book}").json()["error"]
    assert (error["code"], error["message"]) == (404, f"File not found: {book}.")
    assert listed(emulator, ann) == []


def test_a_reader_reads_and_does_not_write(emulator: Emulator, book: str) -> None:
    ann = access(emulator, an_app(emulator), SHEETS, account=ANN)
    emulator.share(book, ANN, "reader")
    assert read(emulator, ann, book).status == 200
    assert write(emulator, ann, book).json() == NO_ACCESS


def test_a_writer_does_both_until_the_file_is_taken_back(emulator: Emulator, book: str) -> None:
    ann = access(emulator, an_app(emulator), SHEETS, account=ANN)
    emulator.share(book, ANN.upper())
    assert write(emulator, ann, book).status == 200
    emulator.share(book, ANN, None)
    assert write(emulator, ann, book).json() == NO_ACCESS


def test_files_of_the_person_are_shared_with_the_service_account(emulator: Emulator, book: str) -> None:
    bearer = robot(emulator)
    assert write(emulator, bearer, book).status == 200
    emulator.share(book, EMAIL, None)
    assert write(emulator, bearer, book).json() == NO_ACCESS


def test_only_the_owner_deletes(emulator: Emulator, book: str) -> None:
    app = an_app(emulator)
    ann, owner = access(emulator, app, DRIVE, account=ANN), access(emulator, app, DRIVE)
    emulator.share(book, ANN)
    refused = call(emulator, ann, "DELETE", f"/drive/v3/files/{book}").json()["error"]
    assert (refused["code"], refused["errors"][0]["reason"]) == (403, "insufficientFilePermissions")
    assert call(emulator, owner, "DELETE", f"/drive/v3/files/{book}").status == 204


def test_who_makes_a_file_owns_it(emulator: Emulator) -> None:
    app = an_app(emulator)
    ann, owner = access(emulator, app, DRIVE, account=ANN), access(emulator, app, DRIVE)
    made = call(emulator, ann, "POST", "/drive/v3/files", {"name": "Ann's", "mimeType": MIME}).json()["id"]
    assert emulator.spreadsheet(made).owner == ANN
    assert (listed(emulator, ann), listed(emulator, owner)) == ([made], [])


@pytest.mark.parametrize(
    ("permission", "status"),
    [
        ({"type": "anyone", "role": "reader"}, 200),
        ({"type": "domain", "role": "writer", "domain": "Example.com"}, 200),
        ({"type": "domain", "role": "writer", "domain": "le.com"}, 403),
        ({"type": "user", "role": "commenter", "emailAddress": ANN.title()}, 200),
        ({"type": "user", "role": "writer", "emailAddress": "x" + ANN}, 403),
        ({"type": "group", "role": "writer", "emailAddress": ANN}, 403),
    ],
)
def test_sharing_through_drive_lets_people_in(
    emulator: Emulator, book: str, permission: dict[str, str], status: int
) -> None:
    app = an_app(emulator)
    ann, owner = access(emulator, app, SHEETS, account=ANN), access(emulator, app, DRIVE)
    assert call(emulator, owner, "POST", f"/drive/v3/files/{book}/permissions", permission).status == 200
    assert read(emulator, ann, book).status == status


def test_a_file_that_does_not_exist_is_refused_as_ever(emulator: Emulator) -> None:
    bearer = access(emulator, an_app(emulator), SHEETS)
    assert read(emulator, bearer, "1" + "x" * 43).json() == NO_ACCESS
    assert read(emulator, bearer, "short").json() == NOT_FOUND


# -- drive.file


@pytest.mark.parametrize("make", ["drive", "sheets"])
def test_a_drive_file_token_reaches_what_its_app_made(emulator: Emulator, make: str) -> None:
    bearer = access(emulator, an_app(emulator), FILE)
    sheets = {"properties": {"title": "New"}, "sheets": [{"properties": {"title": "Orders"}}]}
    if make == "sheets":
        made = call(emulator, bearer, "POST", "/v4/spreadsheets", sheets).json()["spreadsheetId"]
        assert write(emulator, bearer, made).status == 200
    else:
        made = call(emulator, bearer, "POST", "/drive/v3/files", {"mimeType": MIME}).json()["id"]
    assert listed(emulator, bearer) == [made]


def test_a_drive_file_token_does_not_reach_the_persons_other_files(emulator: Emulator, book: str) -> None:
    bearer = access(emulator, an_app(emulator), FILE)
    assert read(emulator, bearer, book).json() == NOT_FOUND
    assert call(emulator, bearer, "GET", f"/drive/v3/files/{book}").status == 404
    assert listed(emulator, bearer) == []


def test_a_picked_file_is_reached_by_that_person_with_that_app(emulator: Emulator, book: str) -> None:
    app, other = an_app(emulator), an_app(emulator)
    emulator.share(book, ANN)
    emulator.oauth.pick(OWNER, app, book)
    reached = {
        (account, client.client_id): read(emulator, access(emulator, client, FILE, account=account), book).status
        for account in (OWNER, ANN)
        for client in (app, other)
    }
    assert reached.pop((OWNER, app.client_id)) == 200
    assert set(reached.values()) == {404}


def test_apps_of_one_project_reach_the_same_files(emulator: Emulator, book: str) -> None:
    app = an_app(emulator)
    sister = an_app(emulator, project=app.project)
    emulator.oauth.pick(OWNER, app, book)
    assert read(emulator, access(emulator, sister, FILE), book).status == 200


def test_a_pick_lets_nobody_into_a_strangers_file(emulator: Emulator, book: str) -> None:
    app = an_app(emulator)
    emulator.oauth.person(ANN)
    emulator.oauth.pick(ANN, app, book)
    assert read(emulator, access(emulator, app, FILE, account=ANN), book).json() == NO_ACCESS


def test_a_wider_scope_beside_it_counts_where_the_method_takes_it(emulator: Emulator, book: str) -> None:
    bearer = access(emulator, an_app(emulator), FILE, SHEETS)
    assert read(emulator, bearer, book).status == 200
    assert call(emulator, bearer, "GET", f"/drive/v3/files/{book}").status == 404


def test_a_scope_for_app_data_reaches_no_spreadsheet(emulator: Emulator, book: str) -> None:
    bearer = access(emulator, an_app(emulator), PREFIX + "drive.appdata")
    assert call(emulator, bearer, "GET", f"/drive/v3/files/{book}").status == 404
    assert listed(emulator, bearer) == []


def test_a_copy_is_of_a_file_that_one_can_read_and_is_reached_at_once(emulator: Emulator, book: str) -> None:
    bearer = access(emulator, an_app(emulator), FILE)
    assert call(emulator, bearer, "POST", f"/drive/v3/files/{book}/copy", {}).status == 404
    emulator.oauth.pick(OWNER, emulator.oauth.grants()[0]["client_id"], book)
    twin = call(emulator, bearer, "POST", f"/drive/v3/files/{book}/copy", {}).json()["id"]
    assert read(emulator, bearer, twin).status == 200


def test_a_tab_is_copied_into_a_file_that_one_may_write(emulator: Emulator, book: str) -> None:
    target, ann = emulator.create_spreadsheet("Target"), access(emulator, an_app(emulator), SHEETS, account=ANN)
    emulator.share(book, ANN, "reader")
    path, body = f"/v4/spreadsheets/{book}/sheets/0:copyTo", {"destinationSpreadsheetId": target}
    assert call(emulator, ann, "POST", path, body).json() == NO_ACCESS
    emulator.share(target, ANN, "reader")
    assert call(emulator, ann, "POST", path, body).json() == NO_ACCESS
    emulator.share(target, ANN, "writer")
    assert call(emulator, ann, "POST", path, body).status == 200


def test_quotas_are_the_callers_own() -> None:
    emulator = Emulator(strict_auth=True, quotas=Quotas(user_reads=1))
    book, app = emulator.create_spreadsheet("Shop", tab="Orders"), an_app(emulator)
    emulator.share(book, ANN)
    owner, ann = access(emulator, app, SHEETS), access(emulator, app, SHEETS, account=ANN)
    assert [read(emulator, each, book).status for each in (owner, owner, ann)] == [200, 429, 200]


@pytest.mark.parametrize(
    ("email", "role", "reason"), [(ANN, "boss", "role: 'boss'"), (OWNER, "reader", "this account's own")]
)
def test_sharing_refuses_what_is_no_sharing(emulator: Emulator, book: str, email: str, role: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        emulator.share(book, email, role)
