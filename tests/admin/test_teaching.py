"""Empty lists teach: what would stand there, and how the first one comes."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.utils.html import escape

from sheetsync.admin.teaching import WORDS
from tests.admin.pages import listing

MODELS = [model for model in admin.site._registry if model._meta.app_label == "sheetsync"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_list_teaches_while_it_is_empty(operator, model):
    text = operator.get(listing(model)).text
    name = model._meta.model_name
    words = escape(str(WORDS[name].text)) if name != "syncrun" else "A run brings a tab up to date"
    assert 'class="sheetsync-empty"' in text and words in text


def test_a_list_that_is_only_filtered_does_not(shop, operator):
    text = operator.get(listing(type(shop.tenant)) + "?q=nobody").text
    assert "sheetsync-empty" not in text and "0 tenants" in text


def test_a_list_with_rows_does_not(shop, operator):
    assert "sheetsync-empty" not in operator.get(listing(type(shop.tenant))).text


def test_there_are_no_words_for_what_is_not_there():
    assert set(WORDS) < {model._meta.model_name for model in MODELS}
