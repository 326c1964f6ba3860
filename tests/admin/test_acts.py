"""Buttons and actions: what they do, who may press them, what is said and logged; by POST only."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, connection
from django.test import Client

from sheetsync.admin.acts import MOST_MESSAGES
from sheetsync.models import Automation, GoogleAccount, SyncRun, Tenant
from tests.admin.pages import listing, page, press, surely, surely_tick, tick, told
from tests.admin.rows import run_of, waiting_run_of

BUTTONS = [
    ("tenant", "pause"),
    ("tenant", "resume"),
    ("account", "reconnect"),
    ("account", "make_default"),
    ("automation", "run_now"),
    ("automation", "pause"),
    ("automation", "activate"),
    ("run", "retry"),
    ("run", "replay"),
    ("run", "cancel"),
]


def state(shop):
    """All that a button might change."""
    rows = [Tenant, GoogleAccount, Automation, SyncRun]
    return [list(model.objects.order_by("pk").values()) for model in rows]


@pytest.fixture(params=[surely, lambda client, row, act: surely_tick(client, [row], act)], ids=["button", "list"])
def do(request):
    """Both ways to the same act."""
    return request.param


@pytest.mark.parametrize(("name", "act"), BUTTONS)
def test_an_act_is_not_done_by_get(shop, operator, name, act):
    before = state(shop)
    response = operator.get(page(getattr(shop, name), act))

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert page(getattr(shop, name)) in response.text
    assert state(shop) == before


@pytest.mark.parametrize(("name", "act"), BUTTONS)
def test_a_viewer_is_refused_and_sees_no_buttons(shop, viewer, do, name, act):
    before, row = state(shop), getattr(shop, name)

    assert do(viewer, row, act).status_code == 403
    assert state(shop) == before
    assert page(row, act) not in viewer.get(page(row)).text
    assert f'value="{act}"' not in viewer.get(listing(type(row))).text


@pytest.mark.parametrize(("name", "act"), BUTTONS)
def test_a_stranger_is_sent_to_the_log_in_page(shop, stranger, do, name, act):
    before = state(shop)

    assert do(stranger, getattr(shop, name), act).url.startswith("/admin/login/")
    assert state(shop) == before


@pytest.mark.parametrize(("name", "act"), BUTTONS)
def test_a_post_from_another_site_is_refused(shop, operator, name, act):
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = operator.cookies

    assert press(careful, getattr(shop, name), act).status_code == 403


def test_the_change_permission_is_enough_to_press_a_button(shop):
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_syncrun"))
    client = Client()
    client.force_login(user)

    assert page(shop.run, "retry") in client.get(page(shop.run)).text
    assert press(client, shop.run, "retry").status_code == 302
    assert client.post(page(shop.run), {}).status_code == 403


def test_a_failed_run_is_retried(shop, operator, do):
    response = do(operator, shop.run, "retry")
    shop.run.refresh_from_db()

    assert (shop.run.status, shop.run.max_attempts) == ("pending", 6)
    assert told(response) == [f"success: run {shop.run.pk} is tried again, from where it stopped"]


def test_a_finished_run_is_replayed(shop, operator, do):
    response = do(operator, shop.run, "replay")
    replay = SyncRun.objects.get(replay_of=shop.run)

    assert (replay.trigger, replay.replay_of_attempt) == ("replay", 1)
    assert told(response) == [f"success: run {replay.pk} was started, like run {shop.run.pk}"]


def test_a_waiting_run_is_canceled(shop, operator, do):
    run = waiting_run_of(shop.automation)
    response = do(operator, run, "cancel")
    run.refresh_from_db()

    assert run.status == "canceled"
    assert told(response) == [f"success: run {run.pk} is stopped, at its next batch where it is running"]


def test_an_automation_is_run_now(shop, operator, do):
    response = do(operator, shop.automation, "run_now")
    run = SyncRun.objects.active().get()

    assert (run.automation, run.trigger, run.mode) == (shop.automation, "manual", "full")
    assert told(response) == [f"success: run {run.pk} of orders was started"]


def test_an_automation_is_paused_and_its_runs_stop(shop, operator, do):
    run = waiting_run_of(shop.automation)
    response = do(operator, shop.automation, "pause")
    shop.automation.refresh_from_db()
    run.refresh_from_db()

    assert (shop.automation.status, run.status) == ("paused", "canceled")
    assert told(response) == ["success: orders is paused: nothing of it runs"]


def test_an_automation_is_activated_with_its_next_run_planned(shop, operator, do):
    Automation.objects.update(status="draft", cron="0 6 * * *", schedule_enabled=True)
    response = do(operator, shop.automation, "activate")
    shop.automation.refresh_from_db()

    assert (shop.automation.status, shop.automation.next_run_at.hour) == ("active", 6)
    assert told(response) == ["success: orders is active"]


def test_a_tenant_is_paused_and_resumed(shop, operator, do):
    run = waiting_run_of(shop.automation)

    assert told(do(operator, shop.tenant, "pause")) == ["success: Cactus shop is paused: nothing of it runs"]
    run.refresh_from_db()
    assert (Tenant.objects.get().active, run.status) == (False, "canceled")
    do(operator, shop.tenant, "resume")
    assert Tenant.objects.get().active


def test_an_account_is_connected_again(shop, operator, do):
    shop.account.flag("the grant was revoked")
    response = do(operator, shop.account, "reconnect")
    shop.account.refresh_from_db()

    assert (shop.account.status, shop.account.problem) == ("active", "")
    assert shop.account.secrets()["client_email"] == "robot@cactus.example"
    assert told(response) == ["success: robot@cactus.example is connected: its automations may run again"]


def test_another_account_becomes_the_default(shop, operator, do, key):
    other = GoogleAccount.link_service_account(shop.tenant, key | {"client_email": "second@cactus.example"})
    do(operator, other, "make_default")

    assert list(GoogleAccount.objects.filter(is_default=True)) == [other]


def test_the_button_leads_back_to_the_page_with_a_message_and_the_lists_filters(shop, operator):
    address = page(shop.run, "retry") + "?_changelist_filters=status%3Dfailed"
    response = operator.post(address, follow=True)

    assert response.redirect_chain == [(page(shop.run) + "?_changelist_filters=status%3Dfailed", 302)]
    assert "is tried again" in response.text


@pytest.mark.parametrize(
    ("name", "act", "reason"),
    [
        ("run", "cancel", "only a run that waits or runs can be stopped"),
        ("automation", "run_now", "tenant 'Cactus shop' is paused: resume it first"),
        ("run", "retry", "tenant 'Cactus shop' is paused: resume it first"),
        ("run", "replay", "tenant 'Cactus shop' is paused: resume it first"),
    ],
)
def test_a_refused_request_shows_its_reason_and_is_not_logged(shop, operator, do, name, act, reason):
    Tenant.objects.update(active=False)
    (message,) = told(do(operator, getattr(shop, name), act))

    assert message.startswith("error: ")
    assert reason in message
    assert not LogEntry.objects.exists()


def test_a_run_that_is_there_already_is_named(shop, operator, do):
    run = waiting_run_of(shop.automation)
    response = do(operator, shop.automation, "run_now")

    assert told(response) == [f"error: run {run.pk} of orders is waiting already: wait for it, or cancel it"]


def test_an_automation_that_no_run_could_use_is_not_activated(shop, operator, do):
    Automation.objects.update(status="draft", filters=[{"path": "status", "operator": "is"}])
    (message,) = told(do(operator, shop.automation, "activate"))

    assert message.startswith("error: filter 1, operator 'is'")
    assert Automation.objects.get().status == "draft"


def test_a_database_that_refuses_is_an_error_message(shop, operator, do):
    def full_disk(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "sheetsync_syncrun" in sql:
            raise DatabaseError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full_disk):
        response = do(operator, shop.run, "retry")

    assert told(response)[0].startswith("error: Retry: the database was too busy")


@pytest.mark.parametrize(("name", "act"), [("run", "retry"), ("automation", "pause"), ("tenant", "pause")])
def test_who_did_what_is_in_the_log(shop, operator, do, name, act):
    row = getattr(shop, name)
    (message,) = told(do(operator, row, act))
    entry = LogEntry.objects.get()

    assert (entry.user.username, entry.get_edited_object()) == ("operator", row)
    assert entry.get_change_message() == f"{act.capitalize()}: {message.removeprefix('success: ')}"


def test_of_many_rows_each_is_tried_and_not_all_are_named(shop, operator):
    runs = [run_of(shop.automation, status="completed") for _ in range(MOST_MESSAGES + 3)]
    messages = told(tick(operator, [shop.run, *runs], "retry"))

    assert messages[0] == f"success: run {shop.run.pk} is tried again, from where it stopped"
    assert len(messages) == 1 + MOST_MESSAGES + 1
    assert messages[-1] == "error: and 3 more like these"


def test_a_button_for_a_row_that_is_gone_answers_404(shop, operator):
    gone = [page(shop.run, "retry").replace(str(shop.run.pk), number) for number in ("999999", "x", "9" * 30)]

    assert [operator.post(address).status_code for address in gone] == [404, 404, 404]


def test_only_what_fits_a_row_is_offered(shop, operator):
    done = run_of(shop.automation, status="completed")
    shown = operator.get(page(done)).context["buttons"]

    assert [button["url"] for button in shown] == [page(done, "replay")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("do", [surely, lambda client, row, act: surely_tick(client, [row], act)])
def test_pausing_a_tenant_takes_two_transactions_even_where_requests_are_one(shop, operator, monkeypatch, do):
    inside = []

    def note(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "sheetsync_tenant" in sql:
            inside.append(connection.in_atomic_block)
        return execute(sql, params, many, context)

    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    with connection.execute_wrapper(note):
        do(operator, shop.tenant, "pause")

    assert inside == [False]
