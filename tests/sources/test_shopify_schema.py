"""The questions against Shopify's own description of its API, where that is at hand: see docs/sources/shopify.md."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from graphql import build_client_schema, parse, validate

from sheetsync.sources.shopify.config import API_VERSION
from sheetsync.sources.shopify.questions import ALL
from tests.support.shops.shopify_schema import SCHEMA

SHOPIFY = Path(os.environ.get("SHEETSYNC_SHOPIFY_SCHEMA") or f"admin_{API_VERSION}.json.gz")


def load(path):
    known = json.loads(gzip.decompress(path.read_bytes()))
    # Strict validation fails on Shopify's own deprecations.
    return build_client_schema(known.get("data", known), assume_valid=True)


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.text.split("(")[0])
def test_the_shop_of_the_tests_understands_every_question(question):
    assert validate(SCHEMA, parse(question.text)) == []


@pytest.mark.needs(SHOPIFY)
def test_shopify_understands_every_question():
    schema = load(SHOPIFY)
    assert {each.text: validate(schema, parse(each.text)) for each in ALL} == {each.text: [] for each in ALL}


@pytest.mark.needs(SHOPIFY)
def test_no_question_asks_for_what_shopify_is_about_to_take_away():
    from graphql.validation import NoDeprecatedCustomRule

    schema = load(SHOPIFY)
    assert [validate(schema, parse(each.text), [NoDeprecatedCustomRule]) for each in ALL] == [[]] * len(ALL)


@pytest.mark.needs(SHOPIFY)
def test_the_shop_of_the_tests_has_no_field_that_shopify_has_not():
    real = load(SHOPIFY).type_map
    for name, type_ in SCHEMA.type_map.items():
        for field, known in getattr(type_, "fields", {}).items() if not name.startswith("__") else ():
            theirs = real["QueryRoot" if name == "Query" else name].fields[field]
            assert str(theirs.type) == str(known.type), f"{name}.{field}"
            assert set(known.args) <= set(theirs.args), f"{name}.{field}"
