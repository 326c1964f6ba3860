"""Viewers, operators and admins: what each may see and press, on every page and of every act that there is."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.test import Client

from sheetsync.admin.acts import Acting
from sheetsync.management.commands.create_groups import ADMIN, OPERATED, OPERATOR, VIEWER
from sheetsync.models import ApiToken, AuditEntry, InstallCode, Source, StaffTenant, Tenant
from tests.admin.pages import adding, listing, page, press, tick
from tests.admin.routes import pages

PAGES = pages()
ACTS = [(model, act) for model, page in PAGES.items() if isinstance(page, Acting) for act in page.acts]
NOT_FOR_OPERATORS = {
    (ApiToken, "rotate"), (ApiToken, "revoke"), (InstallCode, "withdraw"),
    (Tenant, "mint_code"), (Tenant, "link_google"), (Tenant, "connect_shop"),
}  # fmt: skip
"""What opens doors, or shuts them."""

of_each_act = pytest.mark.parametrize(
    ("model", "act"), ACTS, ids=[f"{model.__name__}-{act.name}" for model, act in ACTS]
)
of_each_page = pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)


def create_groups() -> str:
    out = StringIO()
    call_command("create_groups", stdout=out)
    return out.getvalue()


@pytest.fixture
def member(db):
    """A logged-in member of a group."""

    def of(name):
        create_groups()
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=name))
        client = Client()
        client.force_login(user)
        return client

    return of


@pytest.fixture
def rows(shop):
    return {type(row): row for row in vars(shop).values()}


def codenames(name):
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


@of_each_act
def test_no_act_is_done_by_get(rows, operator, model, act):
    answer = operator.get(page(rows[model], act.name))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@of_each_act
def test_a_viewer_is_refused_every_act_and_sees_no_button_for_it(rows, member, model, act):
    viewer, row = member(VIEWER), rows[model]
    before = AuditEntry.objects.count()

    assert press(viewer, row, act.name).status_code == 403
    assert tick(viewer, [row], act.name).status_code == 403
    assert page(row, act.name) not in viewer.get(page(row)).text
    assert AuditEntry.objects.count() == before


@of_each_act
def test_the_permission_of_another_model_is_not_enough(rows, model, act):
    user = User.objects.create_user("half", is_staff=True)
    others = Permission.objects.filter(content_type__app_label="sheetsync")
    user.user_permissions.set(others.exclude(codename=f"change_{model._meta.model_name}"))
    client = Client()
    client.force_login(user)

    assert press(client, rows[model], act.name).status_code == 403


@pytest.mark.shows_secrets("new ones are shown once, to whoever made them")
@of_each_act
def test_an_operator_may_use_what_mends_and_not_what_opens_doors(rows, member, model, act):
    refused = press(member(OPERATOR), rows[model], act.name).status_code == 403

    assert refused == ((model, act.name) in NOT_FOR_OPERATORS)


@pytest.mark.shows_secrets("new ones are shown once, to whoever made them")
@of_each_act
def test_an_admin_may_use_every_act(rows, member, model, act):
    assert press(member(ADMIN), rows[model], act.name).status_code in (200, 302)


@of_each_page
@pytest.mark.parametrize("name", [VIEWER, OPERATOR, ADMIN])
def test_every_group_sees_every_page_but_that_of_restrictions(rows, member, model, name):
    client, expected = member(name), 200 if model is not StaffTenant or name == ADMIN else 403

    assert client.get(listing(model)).status_code == expected
    assert client.get(page(rows[model])).status_code == expected


@of_each_page
@pytest.mark.parametrize("name", [VIEWER, OPERATOR])
def test_viewers_and_operators_add_and_delete_nothing(rows, member, model, name):
    client = member(name)

    assert client.get(adding(model)).status_code == 403
    assert client.post(page(rows[model], "delete"), {"post": "yes"}).status_code == 403


@of_each_page
def test_a_viewer_changes_nothing(rows, member, model):
    assert member(VIEWER).post(page(rows[model]), {}).status_code == 403


def test_an_admin_adds_sources(member):
    assert member(ADMIN).get(adding(Source)).status_code == 200


def test_operators_may_change_what_has_acts_and_nothing_else(member):
    member(OPERATOR)
    acting = {str(model._meta.model_name) for model, _ in ACTS} - {"apitoken", "installcode"}

    assert acting <= OPERATED
    assert {name for name in codenames(OPERATOR) if not name.startswith("view_")} == {
        f"change_{name}" for name in OPERATED if f"view_{name}" in codenames(OPERATOR)
    }


def test_a_second_time_nothing_changes(db):
    assert create_groups().count("was created") == 3
    assert create_groups().count("is as it should be") == 3


def test_what_was_given_or_taken_by_hand_is_put_right_and_said(db):
    create_groups()
    viewers = Group.objects.get(name=VIEWER)
    viewers.permissions.remove(Permission.objects.get(codename="view_syncrun"))
    viewers.permissions.add(Permission.objects.get(codename="delete_tenant"))

    assert f"{VIEWER} was changed: 1 permissions were added, 1 were taken away" in create_groups()
    assert "view_syncrun" in codenames(VIEWER) and "delete_tenant" not in codenames(VIEWER)


def test_what_a_group_may_do_with_other_apps_is_left_alone(db):
    create_groups()
    Group.objects.get(name=VIEWER).permissions.add(Permission.objects.get(codename="view_user"))
    create_groups()

    assert "view_user" in codenames(VIEWER)


def test_before_migrate_it_says_so(db):
    Permission.objects.filter(content_type__app_label="sheetsync").delete()

    with pytest.raises(CommandError, match="no permissions yet"):
        create_groups()
