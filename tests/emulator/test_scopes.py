"""Which method takes which scopes: Google's own discovery documents say so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.api.routes import ROUTES, Route
from sheetsync.emulator.oauth.methods import DRIVE_METHODS, NAMES, drive_method, sheets_method
from sheetsync.emulator.oauth.scopes import TEXTS, canonical, split, unknown
from tests.emulator.oauth_steps import DRIVE, FILE, PREFIX, READONLY, SHEETS, access, an_app, call

SEE_DRIVE, METADATA = PREFIX + "drive.readonly", PREFIX + "drive.metadata.readonly"


@cache
def discovery(name: str) -> dict[str, Any]:
    documents = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document: dict[str, Any] = json.loads((documents / f"{name}.json").read_text())
    return document


def methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def described(route: Route) -> dict[str, Any]:
    """The discovery document's method that this route answers."""
    for method in methods(discovery("sheets.v4")):
        path = "/" + re.sub(r"\{[^}]+\}", "7", method["flatPath"])
        if method["httpMethod"] == route.method and next(r for r in ROUTES if _fits(r, route.method, path)) is route:
            return method
    raise AssertionError(f"{route.name} is no method of Google's")


def _fits(route: Route, verb: str, path: str) -> bool:
    return route.method == verb and route.pattern.match(path) is not None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_sheets_method_takes_the_scopes_of_the_discovery_document(route: Route) -> None:
    assert sheets_method(route).scopes == set(described(route)["scopes"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_sheets_method_is_named_after_its_request_message(route: Route) -> None:
    """Google names a message <method>Request; where the discovery document shows that message, it must agree."""
    message = described(route).get("request", {}).get("$ref", "")
    assert route.name in NAMES
    if message.endswith("Request"):
        assert NAMES[route.name] == message.removesuffix("Request")


@pytest.mark.parametrize("name", sorted({method.name for _, _, method in DRIVE_METHODS}))
def test_a_drive_method_takes_the_scopes_of_the_discovery_document(name: str) -> None:
    kind, _, act = name.removeprefix("google.apps.drive.v3.Drive").partition(".")
    method = discovery("drive.v3")["resources"][kind.lower()]["methods"][act.lower()]
    path = "/drive/v3/" + re.sub(r"\{[^}]+\}", "7", method["path"])
    found = drive_method(Request(method=method["httpMethod"], path=path))
    assert found is not None
    assert found[0].name == name
    assert found[0].scopes == set(method["scopes"])


def test_all_scopes_of_both_documents_can_be_consented_to() -> None:
    both = {scope for name in ("sheets.v4", "drive.v3") for scope in discovery(name)["auth"]["oauth2"]["scopes"]}
    assert both <= set(TEXTS)
    assert unknown([*both, "openid", "email", "profile"]) == []


def test_short_names_are_spelled_out_and_bring_openid() -> None:
    assert canonical(split(f"email  {SHEETS} email")) == [PREFIX + "userinfo.email", SHEETS, "openid"]


# -- with strict_auth

READS = [("GET", ""), ("GET", "/values/A1"), ("GET", "/values:batchGet")]
MORE = [
    ("POST", ":getByDataFilter", {}),
    ("POST", "/developerMetadata:search", {"dataFilters": []}),
    ("PUT", "/values/A1", {"values": [["x"]]}),
    ("POST", ":batchUpdate", {"requests": []}),
]


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(strict_auth=True)


@pytest.mark.parametrize(("verb", "path"), READS)
@pytest.mark.parametrize("scope", [READONLY, SEE_DRIVE, SHEETS, DRIVE])
def test_three_reads_take_readonly_scopes(emulator: Emulator, scope: str, verb: str, path: str) -> None:
    book, bearer = emulator.create_spreadsheet("Shop"), access(emulator, an_app(emulator), scope)
    assert call(emulator, bearer, verb, f"/v4/spreadsheets/{book}{path}").status == 200


@pytest.mark.parametrize(("verb", "path", "body"), MORE)
@pytest.mark.parametrize("scope", [READONLY, SEE_DRIVE])
def test_all_else_refuses_readonly_scopes_by_name(
    emulator: Emulator, scope: str, verb: str, path: str, body: Any
) -> None:
    book, bearer = emulator.create_spreadsheet("Shop"), access(emulator, an_app(emulator), scope)
    reply = call(emulator, bearer, verb, f"/v4/spreadsheets/{book}{path}", body)
    error = reply.json()["error"]
    assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == "Request had insufficient authentication scopes."
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_the_refusal_names_service_and_method(emulator: Emulator) -> None:
    book, bearer = emulator.create_spreadsheet("Shop"), access(emulator, an_app(emulator), METADATA)
    error = call(emulator, bearer, "GET", f"/v4/spreadsheets/{book}/values/A1").json()["error"]
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {
                "service": "sheets.googleapis.com",
                "method": "google.apps.sheets.v4.SpreadsheetsService.GetValues",
            },
        }
    ]


def test_drive_refuses_a_token_for_sheets_alone(emulator: Emulator) -> None:
    error = call(emulator, access(emulator, an_app(emulator), SHEETS), "GET", "/drive/v3/files").json()["error"]
    assert error["errors"][0]["reason"] == "insufficientPermissions"
    assert error["details"][0]["metadata"] == {
        "service": "drive.googleapis.com",
        "method": "google.apps.drive.v3.DriveFiles.List",
    }


def test_a_refused_call_changes_nothing_and_is_not_metered(emulator: Emulator) -> None:
    book = emulator.create_spreadsheet("Shop", tab="Orders")
    bearer = access(emulator, an_app(emulator), READONLY)
    reply = call(emulator, bearer, "PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [["x"]]})
    assert reply.status == 403
    assert emulator.spreadsheet(book).sheet(title="Orders").values() == []


def test_without_strict_auth_scopes_are_not_asked_for() -> None:
    emulator = Emulator()
    book, bearer = emulator.create_spreadsheet("Shop"), access(emulator, an_app(emulator), FILE)
    assert call(emulator, bearer, "POST", f"/v4/spreadsheets/{book}:getByDataFilter", {}).status == 200


def test_sheets_and_drive_refuse_a_token_from_elsewhere_each_in_its_words(emulator: Emulator) -> None:
    sheets = call(emulator, "made-up", "GET", "/v4/spreadsheets/x")
    drive = call(emulator, "made-up", "GET", "/drive/v3/files")
    assert (sheets.status, drive.status) == (401, 401)
    assert sheets.headers["WWW-Authenticate"] == 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    assert set(sheets.json()["error"]) == {"code", "message", "status"}
    assert drive.json()["error"]["errors"][0]["reason"] == "authError"
