"""How runs get on, as JSON: for whom, for which, in one question."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sheetsync.admin.run.progress import MOST
from sheetsync.models import StaffTenant, SyncRun, Tenant
from tests.admin.rows import copy_of, run_of, waiting_run_of

COUNTERS = {"orders": 123, "rows": 4_000, "seconds": 50.0}
LOG = [[1, 1_790_000_000, 1, 60, 60, 0, 0, 0, 4, 1.5], [1, 1_790_000_002, 2, 123, 123, 0, 0, 0, 5, 3.5]]


def ask(client, *ids):
    return client.get(reverse("admin:sheetsync_syncrun_progress"), {"id": ids})


def told(client, *ids):
    response = ask(client, *ids)
    assert response.status_code == 200, response.status_code
    return response.json()["runs"]


@pytest.fixture
def running(shop):
    lease = {"lease_token": "the-token", "lease_expires_at": timezone.now() + timedelta(minutes=1)}
    return run_of(
        shop.automation, status="running", finished_at=None, counters=COUNTERS, total_orders=400,
        warnings={"text_cut": {"count": 1, "example": "x"}}, error_type="", **lease,
    )  # fmt: skip


def test_a_running_run_is_told_with_all_that_a_page_shows(running, viewer):
    [run] = told(viewer, running.pk)

    assert (run["id"], run["over"], run["bar"]) == (running.pk, False, [123, 400])
    assert run["badge"] == {"sign": "▶", "word": "running", "kind": "busy"}
    assert run["texts"] == {
        "progress": "123 of 400 (30\u00a0%)",
        "rows": "4,000 (80.0 a second)",
        "left": "about 1 min 52 s",
        "reason": "-",
        "short-reason": "",
        "duration": "1 min 30 s",
        "tries": "1 of 5",
    }


def test_only_the_page_of_a_run_is_told_its_batches_and_only_who_may_see_attempts(running, viewer):
    SyncRun.objects.filter(pk=running.pk).update(batch_log=LOG)
    asked = {"id": running.pk, "batches": 1}
    address = reverse("admin:sheetsync_syncrun_progress")
    [run] = viewer.get(address, asked).json()["runs"]

    assert [cells[0] for cells in run["batches"]] == ["2", "1"]
    assert "batches" not in told(viewer, running.pk)[0]
    blind = User.objects.create_user("blind", is_staff=True)
    blind.user_permissions.add(Permission.objects.get(codename="view_syncrun"))
    client = Client()
    client.force_login(blind)
    assert "batches" not in client.get(address, asked).json()["runs"][0]


def test_a_run_that_waits_says_why_and_one_that_is_over_says_so(shop, viewer):
    other = copy_of(shop.automation, 1)
    soon = timezone.now() + timedelta(seconds=90)
    waiting = waiting_run_of(other, waiting_for="the quota", next_attempt_at=soon)
    by_id = {run["id"]: run for run in told(viewer, waiting.pk, shop.run.pk)}

    assert by_id[waiting.pk]["texts"]["reason"].startswith("the quota; goes on in 1 min 2")
    assert by_id[shop.run.pk]["over"] and not by_id[waiting.pk]["over"]


def test_a_step_differs_when_more_has_happened_than_figures_tell(running, viewer):
    steps = {told(viewer, running.pk)[0]["step"]}
    changes = [
        {"counters": {**COUNTERS, "orders": 200}},
        {"attempts": 2},
        {"error_type": "Unavailable"},
        {"cancel_requested_at": timezone.now()},
        {"warnings": {}},
        {"status": "canceled", "finished_at": timezone.now(), "lease_token": None, "lease_expires_at": None},
    ]
    for change in changes:
        SyncRun.objects.filter(pk=running.pk).update(**change)
        steps.add(told(viewer, running.pk)[0]["step"])

    assert len(steps) == len(changes)  # the first is told by figures


def test_a_page_asks_often_while_something_is_at_work_and_seldom_while_all_wait(running, shop, viewer):
    waiting = waiting_run_of(copy_of(shop.automation, 1))

    assert ask(viewer, running.pk, waiting.pk).json()["again"] == 2
    assert ask(viewer, waiting.pk).json()["again"] == 5


def test_many_runs_are_one_question(shop, operator):
    runs = [run_of(shop.automation).pk for _ in range(30)]

    def questions(*ids):
        with CaptureQueriesContext(connection) as made:
            assert len(told(operator, *ids)) == len(ids)
        return len(made)

    assert questions(*runs) == questions(runs[0]) <= 4


def test_the_answer_is_kept_by_nobody(running, viewer):
    assert "no-store" in ask(viewer, running.pk)["Cache-Control"]


def test_no_answer_holds_a_lease_token(running, viewer):
    assert "the-token" not in ask(viewer, running.pk).text


@pytest.mark.parametrize(
    "ids", [["x"], ["-1"], ["1.5"], [""], ["9" * 19], ["²"], ["1 OR 1=1"], ["1\x00"], range(MOST + 1)]
)
def test_what_is_no_list_of_ids_is_refused(viewer, ids):
    response = ask(viewer, *ids)

    assert response.status_code == 400
    assert "?id=7&id=8" in response.json()["problem"]


def test_ids_that_are_not_there_are_left_out_and_none_at_all_is_no_error(running, viewer):
    assert [run["id"] for run in told(viewer, running.pk, running.pk, 999_999_999_999_999_999)] == [running.pk]
    assert told(viewer) == []


def test_errors_are_told_as_texts(shop, viewer):
    run = run_of(shop.automation, error_type="BadRecord", error="<script>alert(1)</script>")

    assert ask(viewer, run.pk)["Content-Type"] == "application/json"
    assert told(viewer, run.pk)[0]["texts"]["reason"] == "BadRecord: <script>alert(1)</script>"


def a_helper(*permissions):
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return user, client


def test_who_may_not_see_runs_is_told_nothing(running, stranger):
    _user, client = a_helper("view_tenant")

    assert ask(client, running.pk).status_code == 403
    assert ask(stranger, running.pk).url.startswith("/admin/login/")


def test_who_is_restricted_to_another_tenant_is_told_nothing(running):
    user, client = a_helper("view_syncrun")
    assert len(told(client, running.pk)) == 1

    StaffTenant.objects.create(user_key=user.pk, tenant=Tenant.objects.create(name="Orchid shop"))
    assert told(client, running.pk) == []


def test_progress_is_only_asked_for(running, operator):
    before = SyncRun.objects.values().get(pk=running.pk)
    assert operator.post(reverse("admin:sheetsync_syncrun_progress"), {"id": running.pk}).status_code == 405

    assert SyncRun.objects.values().get(pk=running.pk) == before
