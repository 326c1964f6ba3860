"""The emulator's message table against Google's own discovery document, as google-api-python-client ships it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import pytest

from sheetsync.emulator import Request
from sheetsync.emulator.api.messages import MESSAGES, REFUSED_KINDS
from sheetsync.emulator.api.schema import ONEOFS
from sheetsync.emulator.api.sheets import match
from sheetsync.emulator.batch.kinds import KINDS


@cache
def discovery() -> dict[str, Any]:
    documents = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document: dict[str, Any] = json.loads((documents / "sheets.v4.json").read_text())
    return document


def schema_of(message: str) -> dict[str, Any]:
    """The properties of a message; a request kind's are those of the message it names."""
    schemas = discovery()["schemas"]
    if message not in schemas:
        message = schemas["Request"]["properties"][message]["$ref"]
    properties: dict[str, Any] = schemas[message].get("properties", {})
    return properties


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_has_the_fields_of_the_discovery_document(message: str) -> None:
    assert set(MESSAGES[message]) == set(schema_of(message))


def kind_of(described: dict[str, Any]) -> str:
    """A field of the discovery document in the table's spelling."""
    names = {"integer": "int", "number": "num", "string": "str", "boolean": "bool"}
    if described.get("type") == "array":
        return kind_of(described["items"]) + "*"
    if "additionalProperties" in described:
        return f"<{described['additionalProperties']['$ref']}>"
    return str(described.get("$ref") or names[described["type"]])


@pytest.mark.parametrize("message", MESSAGES)
def test_a_fields_type_is_that_of_the_discovery_document(message: str) -> None:
    for name, kind in MESSAGES[message].items():
        described = schema_of(message)[name]
        if "|" in kind:
            assert kind.split("|") == described["enum"], name
        elif kind not in ("any", "rows"):
            assert kind == kind_of(described), name


@pytest.mark.parametrize("message", ONEOFS)
def test_the_members_of_a_union_are_fields_of_their_message(message: str) -> None:
    assert set(ONEOFS[message][1]) <= set(schema_of(message))


def test_every_request_kind_of_google_is_applied_or_refused_by_name() -> None:
    assert set(KINDS) | REFUSED_KINDS == set(discovery()["schemas"]["Request"]["properties"])


def test_no_request_kind_is_both_applied_and_refused() -> None:
    assert not set(KINDS) & REFUSED_KINDS


def test_every_method_of_google_has_a_route() -> None:
    def methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from resource.get("methods", {}).values()
        for below in resource.get("resources", {}).values():
            yield from methods(below)

    for method in methods(discovery()["resources"]["spreadsheets"]):
        path = "/" + re.sub(r"\{\w+\}", "7", method["flatPath"])
        found = match(Request(method=method["httpMethod"], path=path))
        assert found is not None, path
        assert found[0].gives == method["response"]["$ref"], path
        assert found[0].takes == method.get("request", {}).get("$ref", ""), path
