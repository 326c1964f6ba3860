"""What a host's model is refused for, and values of fields that no other source has."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from sheetsync.errors import BadSource, Unavailable
from sheetsync.pipeline.columns import columns_from
from sheetsync.pipeline.records import RowsPer, Tally, Value
from sheetsync.pipeline.transform import Transform
from sheetsync.sources.base import OrderQuery
from sheetsync.sources.queryset import QuerysetConfig, QuerysetSource
from sheetsync.sources.queryset.places import Place, Selection
from tests.support import odd_models

ODD = "tests.support.odd_models."


def source(**config: Any) -> QuerysetSource:
    return QuerysetSource(QuerysetConfig(**{"model": "shop.Order", "rows_per": RowsPer.ORDER} | config), Tally())


def odd(**config: Any) -> dict[str, Any]:
    return {"model": ODD + "odds"} | config


@pytest.mark.parametrize(
    "model", ["shop.Order", "shop.order", "project.shop.models.Order", ODD + "odds", ODD + "specials"]
)
def test_a_model_is_named_by_its_label_its_path_or_a_function(model: str) -> None:
    assert source(model=model).capabilities.fetch_by_id


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model": "shop.Ordre"}, ["model 'shop.Ordre'", "shop.Order"]),
        ({"model": "Order"}, ["model 'Order'", "did you mean shop.Order"]),
        ({"model": "project.shop.models.Oder"}, ["'project.shop.models.Oder'", "Oder"]),
        ({"model": "no.such.place"}, ["No module named 'no'"]),
        ({"model": ODD + "Base"}, ["no table of its own"]),
        ({"model": ODD + "TABLES"}, ["no model and no function"]),
        ({"model": "uuid.UUID"}, ["no model and no function"]),
        ({"model": ODD + "a_list"}, ["returns a list: let it return a QuerySet"]),
        ({"model": ODD + "sliced"}, ["no slice"]),
        ({"model": ODD + "as_values"}, ["values()"]),
        ({"model": ODD + "paired"}, ["its primary key has several columns"]),
        ({"using": "replica"}, ["using 'replica'", "databases are default"]),
        ({"id_field": "numbr"}, ["id_field 'numbr'", "did you mean number"]),
        ({"id_field": "status"}, ["two orders may have the same", "id, number"]),
        ({"id_field": "placed_at"}, ["a text, whole number or UUID"]),
        (odd(id_field="facts"), ["a text, whole number or UUID"]),
        (odd(id_field="blob"), ["a text, whole number or UUID"]),
        (odd(id_field="amount"), ["a text, whole number or UUID"]),
        (odd(id_field="owner.id"), ["of shop.Odd itself"]),
        ({"fields": ("customer",)}, ["no field 'customer'", "customer_name"]),
        ({"fields": ("number", "customer__name")}, ["no field 'customer__name'"]),
        ({"fields": ("placed_at__year",)}, ["no field 'placed_at__year'"]),
        ({"fields": ("placed_at.year",)}, ["placed_at does not lead to one other row"]),
        ({"fields": ("lines.sku",)}, ["lines does not lead to one other row"]),
        ({"fields": ("lines",)}, ["only the option lines can give"]),
        ({"fields": ("",)}, ["no field ''"]),
        ({"fields": ("number.",)}, ["number does not lead"]),
        (odd(fields=("owner",)), ["name owner_id, or a field of it such as owner.id"]),
        (odd(fields=("owner.boss",)), ["name owner.boss_id, or a field of it such as owner.boss.id"]),
        (odd(fields=("owner.pasword",)), ["shop.Account has no field 'pasword'", "password"]),
        (odd(fields=("friends.name",)), ["friends does not lead to one other row"]),
        (odd(fields=("friends",)), ["it leads to many rows"]),
        (odd(fields=("owner.team.name",)), ["team does not lead to one other row"]),
        (odd(fields=("facts.secret",)), ["facts does not lead to one other row"]),
        (odd(fields=("thing",)), ["rows of any model, which cannot be followed"]),
        (odd(fields=("thing.name",)), ["thing does not lead to one other row"]),
        (odd(fields=("special",)), ["a field of it such as special.id"]),
        ({"filters": {"satus": "paid"}}, ["filters 'satus'", "did you mean status"]),
        ({"filters": {"status__contain": "paid"}}, ["filters 'status__contain'", "Unsupported lookup"]),
        ({"filters": {"_connector": "OR"}}, ["begins with the name of a field"]),
        ({"filters": {"placed_at__gte": "soon"}}, ["filters 'placed_at__gte': 'soon'", "invalid format"]),
        ({"filters": {"pk": "abc"}}, ["filters 'pk': 'abc'", "expected a number"]),
        ({"ordering": "placed"}, ["ordering 'placed'", "placed_at"]),
        ({"ordering": "--placed_at"}, ["no field '-placed_at'"]),
        ({"ordering": ""}, ["no field ''"]),
        (odd(ordering="code"), ["never null"]),
        (odd(ordering="helper.id"), ["never null"]),
        (odd(ordering="special.extra"), ["never null"]),
        (odd(ordering="owner_id"), ["have no order"]),
        (odd(model=ODD + "counted_odds", ordering="parts"), ["no field 'parts'"]),
        ({"updated": "update_at"}, ["updated 'update_at'", "did you mean updated_at"]),
        ({"updated": "-updated_at"}, ["updated '-updated_at'"]),
        ({"updated": "number"}, ["name a DateTimeField"]),
        (odd(updated="when"), ["never null"]),
        ({"lines": "line"}, ["lines 'line'", "did you mean lines"]),
        ({"lines": "number"}, ["related names with many rows are lines"]),
        (odd(lines="part"), ["did you mean part_set"]),
        (odd(lines="friends"), ["has no such lines"]),
        ({"lines": "lines", "line_fields": ("skuu",)}, ["line_fields 'skuu'", "did you mean sku"]),
        ({"lines": "lines", "line_id_field": "idd"}, ["line_id_field 'idd'"]),
        ({"lines": "lines", "lines_key": "note"}, ["lines_key 'note'", "choose another"]),
        ({"lines": "lines", "lines_key": ""}, ["lines_key ''"]),
        ({"line_fields": ("sku",)}, ["line_fields ['sku']", "name the option lines too"]),
        ({"rows_per": RowsPer.LINE}, ["lines None", "one row per line"]),
        ({"chunk": 0}, ["chunk 0", "1 to 900"]),
        ({"chunk": 901}, ["chunk 901"]),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_work_is_refused_with_a_remedy(config: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(BadSource) as caught:
        source(**config)
    assert [word for word in words if word not in str(caught.value)] == []


def test_nothing_is_asked_of_the_database_before_the_first_row(django_db_blocker: Any) -> None:
    with django_db_blocker.block():
        source(lines="lines", updated="updated_at", filters={"status": "paid"})


def test_a_database_that_does_not_answer_is_worth_another_try(tmp_path: Path, django_db_blocker: Any) -> None:
    unreachable = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "missing" / "db")}
    connections.settings["away"] = {**connections.settings["default"], **unreachable, "OPTIONS": {}}
    try:
        found = source(using="away", updated="updated_at")
        for ask in (lambda: list(found.stream(OrderQuery(), None)), lambda: list(found.fetch(["1"])), found.total):
            with (
                django_db_blocker.unblock(),
                pytest.raises(Unavailable, match="'away' does not answer: unable to open"),
            ):
                ask()
    finally:
        del connections["away"], connections.settings["away"]


TOKEN = uuid.UUID("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")


def cell(field: str, value: Any, type_: str = "text", path: str = "") -> tuple[Value, dict[str, int]]:
    """The cell that a field of a host's row becomes, by the source and the pipeline, and the warnings."""
    values = {field: value} if field else {}
    odd_models.Odd.objects.create(owner=odd_models.Account.objects.create(), **values)
    [row] = source(**odd(fields=(field,))).stream(OrderQuery(), None)
    tally = Tally()
    columns = columns_from([{"header": "H", "path": path or field, "type": type_}])
    shaped = Transform(columns, RowsPer.ORDER, "Europe/Berlin", tally)(row)
    assert shaped is not None
    return shaped.cells[0], tally.counts


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "type_", "expected"),
    [
        ("token", TOKEN, "text", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"),
        ("took", timedelta(days=1, hours=2, minutes=3, seconds=4), "text", "26:03:04"),
        ("took", timedelta(seconds=-10), "text", "-0:00:10"),
        ("took", timedelta(microseconds=-1), "text", "-0:00:00.000001"),
        ("took", timedelta(0), "text", "0:00:00"),
        ("facts", {"a": [1, "ü"], "b": None}, "text", '{"a":[1,"ü"],"b":null}'),
        ("facts", [1, "two", None, True], "text", "1, two, true"),
        ("facts", "just text", "text", "just text"),
        ("facts", 12.5, "decimal", 12.5),
        ("blob", b"\x00\xff=1+1", "text", "00ff3d312b31"),
        ("blob", b"", "text", None),
        ("at", time(8, 30), "text", "08:30:00"),
        ("at", time(8, 30, 0, 5), "text", "08:30:00.000005"),
        ("day", date(2026, 3, 1), "date", 46082),
        ("day", date(2026, 3, 1), "text", "2026-03-01"),
        ("when", datetime(2026, 3, 1, 23, 0, tzinfo=UTC), "datetime", 46083),  # midnight in Berlin
        ("when", datetime(2026, 3, 1, 23, 0, tzinfo=UTC), "text", "2026-03-01 23:00:00+00:00"),
        ("rate", 0.1, "decimal", 0.1),
        ("amount", Decimal("1234.50"), "currency", 1234.5),
        ("amount", Decimal("1234.50"), "text", "1234.50"),
        ("number", 123456789012345678, "text", "123456789012345678"),
        ("flag", False, "boolean", False),
        ("flag", True, "text", "true"),
        ("address", "2001:db8::1", "text", "2001:db8::1"),
        ("code", "=1+1", "text", "=1+1"),
        ("helper_id", None, "integer", None),
    ],
)  # fmt: skip
def test_every_common_field_becomes_the_cell_that_people_expect(
    odd_tables: None, field: str, value: Any, type_: str, expected: Value
) -> None:
    assert cell(field, value, type_) == (expected, {})


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["took", "facts", "blob", "at", "day", "when", "number", "flag", "address", "code"])
def test_a_field_without_a_value_is_an_empty_cell(odd_tables: None, field: str) -> None:
    assert cell(field, None) == (None, {})


@pytest.mark.parametrize("value", [b"\x00\xff", memoryview(b"\x00\xff")])
def test_bytes_of_any_driver_become_the_same_text(value: Any) -> None:
    selection = Selection([Place("blob", "blob", None, nullable=True)], ["pk"])
    assert selection.record((1, value)) == {"blob": "00ff"}


@pytest.mark.django_db
def test_columns_read_inside_a_json_field(odd_tables: None) -> None:
    assert cell("facts", {"tags": [{"name": "a"}, {"name": "b"}]}, path="facts.tags[*].name") == ("a, b", {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["owner.password", "owner__password", "owner.team[0].password", "pk", "id", "owner_id"]
)
def test_no_column_can_read_what_is_not_listed(odd_tables: None, path: str) -> None:
    odd_models.Odd.objects.create(owner=odd_models.Account.objects.create(name="Ada", password="hash"))
    [row] = source(**odd(fields=("owner.name", "token"))).stream(OrderQuery(), None)
    columns = columns_from([{"header": "H", "path": path}])
    shaped = Transform(columns, RowsPer.ORDER, "Etc/GMT", Tally())(row)
    assert shaped is not None and shaped.cells == (None,)


@pytest.mark.django_db
def test_a_wide_decimal_keeps_all_digits_that_its_database_keeps(odd_tables: None) -> None:
    text, warnings = cell("wide", Decimal("12345678901234.56"))
    assert re.fullmatch(r"12345678901234\.[56]\d?", str(text)) and warnings == {}
