"""permissions.*, as gspread calls them. USE: quoted from use of the product; DOC: Drive's documentation."""

from __future__ import annotations

from typing import Any

import pytest

from sheetsync.emulator import Response
from tests.emulator.support import Client, Json, call

ALL = "nextPageToken,permissions"


def send(client: Client, method: str, item: str = "", body: Any = None, **query: str) -> Response:
    return call(client.emulator, method, f"/drive/v3/files/{client.id}/permissions{item}", body, **query)


def share(client: Client, email: str = "ann@example.com", role: str = "writer") -> str:
    """Share with a person as gspread does; the id of the permission."""
    body = {"type": "user", "role": role, "emailAddress": email, "withLink": False}
    response = send(client, "POST", body=body, supportsAllDrives="true", sendNotificationEmail="True", emailMessage="")
    assert response.status == 200, response.body
    return str(response.json()["id"])


def roles(client: Client) -> dict[str, str]:
    """Who has which role."""
    listed = send(client, "GET", fields=ALL, supportsAllDrives="true").json()["permissions"]
    return {each.get("emailAddress", each["type"]): each["role"] for each in listed}


def test_a_new_permission_comes_back_with_four_fields(client: Client) -> None:
    body = {"type": "user", "role": "reader", "emailAddress": "ann@example.com"}
    reply = send(client, "POST", body=body).json()
    assert reply == {"kind": "drive#permission", "id": reply["id"], "type": "user", "role": "reader"}  # DOC


def test_those_who_share_a_file_are_listed_after_its_owner(client: Client) -> None:
    share(client)
    send(client, "POST", body={"type": "anyone", "role": "reader"})
    send(client, "POST", body={"type": "domain", "role": "reader", "domain": "example.org"})
    found = list(roles(client).items())
    assert found[0] == ("owner@example.com", "owner")
    assert found[-3:] == [("ann@example.com", "writer"), ("anyone", "reader"), ("domain", "reader")]


def test_a_second_share_changes_the_role(client: Client) -> None:
    assert share(client) == share(client, role="reader")
    assert roles(client)["ann@example.com"] == "reader"


def test_a_permission_is_changed_and_taken_away(client: Client) -> None:
    item = "/" + share(client)
    assert send(client, "PATCH", item, {"role": "reader"}).json()["role"] == "reader"
    assert send(client, "GET", item, fields="role,emailAddress").json() == {
        "role": "reader",
        "emailAddress": "ann@example.com",
    }
    assert (send(client, "DELETE", item).status, "ann@example.com" in roles(client)) == (204, False)


def test_a_file_is_handed_over(client: Client) -> None:
    item = "/" + share(client)
    assert send(client, "PATCH", item, {"role": "writer", "pendingOwner": True}).status == 200  # gspread
    send(client, "PATCH", item, {"role": "owner"}, transferOwnership="true")
    found = roles(client)
    assert (found["ann@example.com"], found["owner@example.com"]) == ("owner", "writer")  # DOC


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"role": "reader"}, 400, "The permission type field is required."),  # USE
        ({"type": "user"}, 400, "The permission role field is required."),
        (
            {"type": "user", "role": "reader"},
            400,
            "The specified emailAddress is invalid or not applicable for the given permission type.",
        ),
        (
            {"type": "domain", "role": "reader"},
            400,
            "The specified domain is invalid or not applicable for the given permission type.",
        ),
        (
            {"type": "user", "role": "owner", "emailAddress": "ann@example.com"},
            403,
            "The transferOwnership parameter must be enabled when the permission role is 'owner'.",  # USE
        ),
    ],
)
def test_a_share_that_is_none_is_refused(client: Client, body: Json, code: int, message: str) -> None:
    response = send(client, "POST", body=body)
    assert (response.status, response.json()["error"]["message"]) == (code, message)


def test_nobody_but_a_person_can_own_a_file(client: Client) -> None:
    body = {"type": "anyone", "role": "owner"}
    assert send(client, "POST", body=body, transferOwnership="true").status == 400


def test_an_unknown_permission_is_not_found(client: Client) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        error = send(client, method, "/5", {}).json()["error"]
        assert (error["code"], error["message"]) == (404, "Permission not found: 5.")
        assert error["errors"][0]["location"] == "permissionId"


def test_an_owner_stays_until_there_is_another(client: Client) -> None:
    item = "/" + next(each["id"] for each in send(client, "GET").json()["permissions"] if each["role"] == "owner")
    assert send(client, "DELETE", item).status == 400
    assert send(client, "PATCH", item, {"role": "reader"}).status == 400
    assert roles(client)["owner@example.com"] == "owner"
