"""Attempts and incidents of all runs, as lists and as pages of their own."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sheetsync.models import Incident, SyncAttempt
from tests.admin.pages import listing, page


def found(client, **query) -> list[int]:
    return [row.pk for row in client.get(listing(Incident), query).context["cl"].result_list]


def test_attempts_are_listed_with_badges(shop, operator):
    SyncAttempt.objects.create(run=shop.run, number=2, worker="w2")
    shown = operator.get(listing(SyncAttempt)).text

    assert "</span> failed</span>" in shown and "sheetsync-badge bad" in shown
    assert "</span> not over</span>" in shown and "sheetsync-badge waiting" in shown


def test_the_page_of_an_attempt_says_what_its_error_means(shop, operator):
    SyncAttempt.objects.update(error_type="WorkerLost", error="gone", traceback="a\n<b>b</b>")
    shown = operator.get(page(shop.attempt)).text

    assert "WorkerLost: gone" in shown
    assert "The worker stopped answering" in shown
    assert "<summary>show</summary><pre>a\n&lt;b&gt;b&lt;/b&gt;</pre>" in shown


def test_the_page_of_an_incident_says_what_it_means(shop, operator):
    assert "People moved, added or deleted rows between two writes." in operator.get(page(shop.incident)).text
    Incident.objects.update(kind="of_tomorrow")

    assert operator.get(page(shop.incident)).status_code == 200


def test_incidents_are_filtered_by_kinds_that_are_known_without_a_look(shop, operator):
    other = Incident.objects.create(run=shop.run, kind="of_tomorrow", example="x")

    assert found(operator, kind="rows_moved") == [shop.incident.pk]
    assert found(operator, kind="of_tomorrow") == [other.pk]
    assert found(operator, kind="reply_lost") == []
    with CaptureQueriesContext(connection) as made:
        operator.get(listing(Incident))
    assert not [query["sql"] for query in made if "DISTINCT" in query["sql"]]


@pytest.mark.parametrize("kind", ["a\x00b", "'", "x" * 500])
def test_a_kind_that_cannot_be_is_not_found(shop, operator, kind):
    assert found(operator, kind=kind) == []
