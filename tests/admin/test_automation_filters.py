"""Filters as rows of ordinary inputs: what is stored comes back as it was, and nothing typed breaks the page."""

from __future__ import annotations

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from sheetsync.admin.filters import WORDS, FiltersField, in_words
from sheetsync.admin.pairs import PairsField
from sheetsync.pipeline.filters import MAX_FILTERS, Operator
from tests.admin.pages import errors, page
from tests.admin.test_automations import filters_of, form_of


class Form(forms.Form):
    filters = FiltersField()


def sent(stored):
    """What a browser sends of stored filters that nobody touched."""
    rows = Form(initial={"filters": stored})["filters"].value()
    return {f"filters-{n}-{cell}": value for n, row in enumerate(rows) for cell, value in row.items()}


def read(data, initial=None):
    form = Form(data, initial={"filters": initial or []})
    return form.cleaned_data["filters"] if form.is_valid() else form.errors["filters"]


KEPT = [
    {"path": "status", "operator": "eq", "value": "paid"},
    {"path": "status", "operator": "in", "value": ["paid", " sent "]},
    {"path": "n", "operator": "not_in", "value": [1, 2.5]},
    {"path": "n", "operator": "in", "value": [1, "a", True]},
    {"path": "total", "operator": "gt", "value": 20},
    {"path": "total", "operator": "lte", "value": 0.5},
    {"path": "gift", "operator": "ne", "value": True},
    {"path": "zip", "operator": "eq", "value": "01234"},
    {"path": "created", "operator": "within_days", "value": 30},
    {"path": "note", "operator": "exists"},
    {"path": "note", "operator": "missing"},
]


@pytest.mark.parametrize("stored", KEPT, ids=lambda each: f"{each['operator']} {each.get('value')}")
def test_what_is_stored_comes_back_as_it_was(stored):
    assert read(sent([stored])) == [stored]
    assert not Form(sent([stored]), initial={"filters": [stored]}).has_changed()


def test_a_value_stays_a_number_where_another_number_is_typed():
    assert read(sent([KEPT[4]]) | {"filters-0-value": "30"})[0]["value"] == 30
    assert read(sent([KEPT[0]]) | {"filters-0-value": "30"})[0]["value"] == "30"
    assert read(sent([KEPT[4]]) | {"filters-0-value": "much"})[0]["value"] == "much"


def test_rows_that_are_empty_or_out_of_order_do_no_harm():
    data = filters_of(("", "eq", ""), ("a", "eq", "1")) | {"filters-900-path": "b", "filters-900-operator": "exists"}

    assert [each["path"] for each in read(data)] == ["a", "b"]


def test_rows_that_are_all_taken_away_leave_no_filters(shop, operator):
    type(shop.automation).objects.update(filters=[KEPT[0]])
    assert operator.post(page(shop.automation), form_of(shop.automation)).status_code == 302
    shop.automation.refresh_from_db()

    assert shop.automation.filters == []


HOSTILE = [
    filters_of(("a\x00b", "eq", "x")),
    filters_of(("a", "eq", "x\x00")),
    filters_of(("a", "eq", "\ud800")),
    filters_of(("a[" * 5_000, "eq", "x")),
    filters_of(("a", "eq", "9" * 200_000)),
    filters_of(("a", "in", "\n".join("x" * 2_000))),
    filters_of(("a", "within_days", "soon")),
    filters_of(("a", "within_days", "1e99")),
    filters_of(*[("a", "eq", "x")] * (MAX_FILTERS + 1)),
    filters_of(("a", "<script>", "x")),
    filters_of(("a", "exists", "x")) | {"filters-0-path": ""},
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_is_an_error_of_the_field(data):
    form = Form(MultiValueDict({name: [value] for name, value in data.items()}))

    assert not form.is_valid() and list(form.errors) == ["filters"]
    assert "<script>" not in str(form["filters"])


def test_an_error_stands_in_its_row_and_what_was_typed_stays(shop, operator):
    rows = filters_of(("status", "eq", "paid"), ("a..b", "gt", "<b>5</b>"))
    response = operator.post(page(shop.automation), form_of(shop.automation, **rows))

    assert "Row 2: path &#x27;a..b&#x27;" in response.text
    assert 'id="id_filters-1-complaints"' in response.text and 'id="id_filters-0-complaints"' not in response.text
    assert "&lt;b&gt;5&lt;/b&gt;</textarea>" in response.text
    assert "Row 2" in errors(response)


@pytest.mark.parametrize("stored", [5, {"a": 1}, [5], ["x"], [{"operator": "odd", "value": {"deep": [1]}}], None])
def test_filters_that_are_odd_have_a_page_where_they_can_be_mended(shop, operator, viewer, stored):
    type(shop.automation).objects.update(filters=stored if stored is not None else [])

    assert operator.get(page(shop.automation)).status_code == 200
    assert viewer.get(page(shop.automation)).status_code == 200
    assert in_words(stored)


def test_every_operator_is_told_in_words():
    assert set(WORDS) == set(Operator)
    assert "<em>is one of</em> paid, &lt;b&gt;" in in_words([{"path": "s", "operator": "in", "value": ["paid", "<b>"]}])


@pytest.mark.parametrize(
    "stored", [{"a": "x"}, {"a": 5, "b": 2.5}, {"a": True}, {"a": None}, {"a": ["x", "y"], "b": [1, 2]}, {"a": []}]
)
def test_names_with_values_come_back_as_they_were(stored):
    field = PairsField()
    rows = field.prepare_value(stored)

    assert field.clean(rows) == stored and not field.has_changed(stored, rows)
