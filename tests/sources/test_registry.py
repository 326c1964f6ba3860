"""From a configuration as JSON to an open source."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import RowsPer
from sheetsync.sources import registry
from sheetsync.sources.base import OrderQuery, Source
from sheetsync.sources.file import FileConfig, FileSource
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource
from sheetsync.sources.registry import KINDS, config_from, open_source


def test_a_file_of_orders_is_opened_by_its_configuration(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("no;sku\n1;a\n1;b\n")
    config = {"path": str(path), "id_path": "no", "delimiter": ";"}
    found: Source = open_source("file", config, rows_per=RowsPer.LINE)
    assert isinstance(found, FileSource)
    assert [(row.order_id, row.line_id) for row in found.stream(OrderQuery(), None)] == [("1", "1"), ("1", "2")]


@pytest.mark.django_db
def test_a_model_of_the_host_is_opened_by_its_configuration() -> None:
    config = {"model": "shop.Order", "fields": ["number"], "filters": {"paid": True}, "lines": "lines", "chunk": 5}
    found: Source = open_source("queryset", config, rows_per=RowsPer.LINE)
    assert isinstance(found, QuerysetSource) and list(found.stream(OrderQuery(), None)) == []


def test_a_configuration_becomes_its_typed_form() -> None:
    config = {"model": "shop.Order", "fields": ["number", "total"], "lines": None}
    typed = QuerysetConfig(model="shop.Order", rows_per=RowsPer.LINE, fields=("number", "total"))
    assert config_from("queryset", config, rows_per=RowsPer.LINE) == typed
    assert config_from("file", {"path": "a.csv"}) == FileConfig(path="a.csv", rows_per=RowsPer.ORDER)


def test_an_option_that_is_null_keeps_its_default() -> None:
    config = {"path": "a.csv", "delimiter": None, "line_id_path": None}
    assert config_from("file", config) == config_from("file", {"path": "a.csv"})


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("fiel", {}, ["kind 'fiel'", "did you mean file?", "kinds are file, queryset, rest"]),
        ("shopware", {}, ["kinds are file, queryset, rest"]),
        ("file", ["path"], ["['path'] is not an object"]),
        ("file", {"pth": "a.csv"}, ["source file, field 'pth'", "did you mean path?"]),
        ("file", {"path": "a.csv", "xyz": 1}, ["field 'xyz'", "fields are path, id_path"]),
        ("file", {"path": "a.csv", "rows_per": "line"}, ["field 'rows_per'"]),
        ("file", {"path": "a.csv", 7: "x"}, ["field 7"]),
        ("file", {}, ["source file, path None: it is missing: write a text"]),
        ("file", {"path": None}, ["path None: it is missing"]),
        ("file", {"path": 7}, ["path 7: write a text"]),
        ("queryset", {"model": "shop.Order", "fields": "number"}, ["fields 'number': write a list of texts"]),
        ("queryset", {"model": "shop.Order", "fields": ["a", 1]}, ["fields ['a', 1]: write a list of texts"]),
        ("queryset", {"model": "shop.Order", "filters": ["a"]}, ["filters ['a']: write an object"]),
        ("queryset", {"model": "shop.Order", "chunk": "5"}, ["chunk '5': write a whole number"]),
        ("queryset", {"model": "shop.Order", "chunk": True}, ["chunk True: write a whole number"]),
        ("queryset", {"model": "shop.Order", "chunk": 5.0}, ["chunk 5.0: write a whole number"]),
    ],
)
def test_a_configuration_that_is_none_is_refused_with_a_remedy(kind: str, config: Any, words: list[str]) -> None:
    with pytest.raises(BadSource) as caught:
        config_from(kind, config)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_value_under_a_wrong_name_is_not_shown() -> None:
    with pytest.raises(BadSource) as caught:
        config_from("file", {"path": "a.csv", "password": "secret"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_has_a_type_that_can_be_checked(kind: str) -> None:
    types = get_type_hints(KINDS[kind].config)
    names = {each.name for each in fields(KINDS[kind].config)}
    assert "rows_per" in names
    assert {name for name in names - {"rows_per"} if types[name] not in registry._TYPES} == set()
