"""The emulator's message table against Google's own discovery document, as google-api-python-client ships it."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import pytest

from sheetsync.emulator.batch import KINDS
from sheetsync.emulator.messages import MESSAGES, REFUSED_KINDS


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


@pytest.mark.parametrize("message", MESSAGES)
def test_a_fields_type_is_that_of_the_discovery_document(message: str) -> None:
    names = {"integer": "int", "number": "num", "string": "str", "boolean": "bool"}
    for name, kind in MESSAGES[message].items():
        described = schema_of(message)[name]
        if kind in ("any", "rows", "Request*") or "|" in kind:
            continue
        if described.get("type") == "array":
            assert kind.endswith("*"), name
            described = described["items"]
        assert kind.rstrip("*") == described.get("$ref", names.get(described.get("type", ""))), name


def test_every_request_kind_of_google_is_applied_or_refused_by_name() -> None:
    assert set(KINDS) | REFUSED_KINDS == set(discovery()["schemas"]["Request"]["properties"])
