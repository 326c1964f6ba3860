"""Pages of a big site: at most 25 queries each, however many rows there are, and nothing that counts all of them."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sheetsync.admin.paging import MOST, BigTable, FirstRows
from sheetsync.models import SyncAttempt, SyncRun, Tenant
from tests.admin.pages import listing
from tests.admin.routes import pages
from tests.admin.visits import visits
from tests.support.million import SMALL, Size, seed

LIMIT = 25
HUGE = {
    "sheetsync_" + name
    for name in ("syncrun", "syncattempt", "incident", "auditentry", "webhookdelivery", "dirtyorder", "idempotencykey")
}
COUNTS_ALL = re.compile(r'^SELECT COUNT\([^)]*\) AS "\w+" FROM "(\w+)"(?! .*WHERE)')


def asked(client, address) -> list[str]:
    with CaptureQueriesContext(connection) as made:
        answer = client.get(address)
    assert answer.status_code in (200, 302), address
    return [query["sql"] for query in made.captured_queries]


def first_of_each() -> dict:
    return {model: model._base_manager.order_by("pk").first() for model in pages()}


def judge(client) -> None:
    """All pages, so that the rows are made once."""
    found = {visit: asked(client, visit.address) for visit in visits(client, first_of_each())}

    assert {visit.what: len(queries) for visit, queries in found.items() if len(queries) > LIMIT} == {}
    counted = {
        (visit.what, match[1]) for visit, queries in found.items() for match in map(COUNTS_ALL.match, queries) if match
    }
    assert {(what, table) for what, table in counted if table in HUGE} == set()


def test_no_page_asks_more_than_25_questions_or_counts_a_huge_table(shop, operator):
    seed(shop, SMALL)

    judge(operator)


@pytest.mark.shows_secrets("none; but to look for some in a million rows takes longer than all the rest")
@pytest.mark.thorough
@pytest.mark.long
@pytest.mark.only_on("postgresql")
def test_nor_does_any_of_a_million_runs(shop, operator):
    seed(shop, Size())

    judge(operator)


def test_a_question_to_a_list_does_not_grow_with_its_rows(shop, operator):
    before = {model: len(asked(operator, listing(model))) for model in pages()}
    seed(shop, SMALL)
    after = {model: len(asked(operator, listing(model))) for model in pages()}

    assert {model: (before[model], after[model]) for model in pages() if after[model] > before[model] + 1} == {}


@pytest.fixture
def few(monkeypatch):
    """A list ends after seven rows already."""
    monkeypatch.setattr("sheetsync.admin.paging.MOST", 7)
    monkeypatch.setattr(BigTable, "list_per_page", 3)


def test_a_long_list_says_that_it_goes_on_and_all_its_pages_open(shop, operator, few):
    seed(shop, SMALL)
    first = operator.get(listing(SyncAttempt))

    assert first.context["cl"].result_count == 7
    assert "Only the first 7 are counted and listed" in first.text
    assert [operator.get(listing(SyncAttempt), {"p": page}).status_code for page in (2, 3, 4)] == [200, 200, 302]


def test_a_list_that_ends_says_nothing_of_the_kind(shop, operator, few):
    assert "are counted and listed" not in operator.get(listing(SyncAttempt)).text


def test_an_action_on_all_of_a_list_that_nobody_counted_is_refused(shop, operator, few):
    seed(shop, SMALL)
    before = SyncRun.objects.filter(status="canceled").count()
    answer = operator.post(
        listing(SyncRun),
        {"action": "cancel", "_selected_action": [shop.run.pk], "select_across": "1", "index": 0},
        follow=True,
    )

    assert "Filter the list first" in answer.text
    assert SyncRun.objects.filter(status="canceled").count() == before


def test_rows_are_counted_up_to_where_the_list_ends(shop, django_assert_num_queries):
    Tenant.objects.bulk_create(Tenant(name=f"{number}") for number in range(5))
    with django_assert_num_queries(1) as made:
        pages = FirstRows(Tenant.objects.order_by("name"), 2)
        assert (pages.count, pages.num_pages, pages.more) == (6, 3, False)

    assert f"LIMIT {MOST + 1}" in made.captured_queries[0]["sql"]
