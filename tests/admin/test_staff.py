"""Whoever is restricted to tenants never sees a word of another one, on no page that there is."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.test import Client, RequestFactory
from django.urls import reverse

from sheetsync.admin.history import ReadOnly, Restricted
from sheetsync.admin.staff import path_to_tenant, tenants_of
from sheetsync.models import AuditEntry, GoogleAccount, StaffTenant, SyncRun, Tenant
from tests.admin.neighbours import MARK, neighbours_of
from tests.admin.pages import adding, errors, listing, page, tick
from tests.admin.routes import of_none, of_rows, pages, routes

PAGES = pages()
MODELS = list(PAGES)
OPEN = [model for model, page in PAGES.items() if page.tenant_path()]
CLOSED = [model for model, page in PAGES.items() if not page.tenant_path()]


def name_of(model):
    return model.__name__


of_each = pytest.mark.parametrize("model", MODELS, ids=name_of)
of_each_open = pytest.mark.parametrize("model", OPEN, ids=name_of)
of_each_closed = pytest.mark.parametrize("model", CLOSED, ids=name_of)


@pytest.fixture
def twins(shop):
    """{model: (a row of the one tenant, the same of the other)}."""
    found = neighbours_of(vars(shop).values())
    return {type(row): (row, twin) for row, twin in found.items()}


@pytest.fixture
def guest(shop, db):
    """May do everything, with one tenant."""
    user = User.objects.create_user("guest", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="sheetsync"))
    StaffTenant.objects.create(user_key=str(user.pk), user_name="guest", tenant=shop.tenant)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def everything(model):
    return list(model._base_manager.order_by("pk").values())


def of_the_other(twins):
    """Query strings that ask for what belongs to the other tenant, in the words that pages understand."""
    return {str(model._meta.model_name): twin.pk for model, (_, twin) in twins.items()} | {
        "source": twins[path_model("source")][1].pk,
        "tenant": twins[Tenant][1].pk,
        "account": twins[path_model("googleaccount")][1].pk,
    }


def path_model(name):
    return next(model for model in MODELS if model._meta.model_name == name)


@of_each
def test_every_page_asks_who_is_looking(model):
    assert isinstance(PAGES[model], Restricted)
    assert not PAGES[model].raw_id_fields, "a raw id shows the name of whatever row is typed in"


@of_each_open
def test_the_other_tenant_has_a_row_of_each_kind_that_is_known_by_its_mark(twins, operator, model):
    assert MARK in operator.get(page(twins[model][1])).text


@of_each_open
def test_own_rows_are_listed_and_have_pages(twins, guest, model):
    own, _ = twins[model]

    assert page(own) in guest.get(listing(model)).text
    assert [guest.get(page(own, what)).status_code for what in ("change", "history")] == [200, 200]


@pytest.mark.parametrize("route", of_none(), ids=str)
def test_no_list_form_or_page_tells_a_word_of_another_tenant(twins, guest, route):
    plain, asked = guest.get(route.address()), guest.get(route.address(), of_the_other(twins), follow=True)

    assert plain.status_code in ({200, 400, 403, 405} if route.model in OPEN else {403})
    assert MARK not in plain.text and MARK not in asked.text


@pytest.mark.parametrize("route", of_rows(), ids=str)
def test_a_row_of_another_tenant_is_an_unknown_one(twins, guest, route):
    row = twins[route.model][1] if route.model in twins else twins[Tenant][1]
    before = everything(route.model), AuditEntry.objects.count()
    answers = [guest.get(route.address(row)), guest.post(route.address(row), {"post": "yes", "sure": "yes"})]

    assert {answer.status_code for answer in answers} <= {302, 403, 404, 405}
    assert not [answer for answer in answers if MARK in answer.text]
    assert (everything(route.model), AuditEntry.objects.count()) == before


@of_each_open
def test_no_action_of_a_list_reaches_a_row_of_another_tenant(twins, guest, model):
    request = RequestFactory().get("/")
    request.user = guest.user
    twin, before = twins[model][1], (everything(model), AuditEntry.objects.count())
    for action in PAGES[model].get_actions(request):
        assert MARK not in tick(guest, [twin], action).text

    assert (everything(model), AuditEntry.objects.count()) == before


@of_each_open
def test_a_search_finds_nothing_of_another_tenant(twins, guest, model):
    asked = [{"q": MARK}] if PAGES[model].search_fields else []
    answers = [guest.get(listing(model), each) for each in asked]

    assert [len(answer.context["cl"].result_list) for answer in answers] == [0] * len(answers)


@pytest.mark.parametrize(
    ("model", "field"),
    [(model, field) for model, page in PAGES.items() for field in ("tenant", "source", "account", "automation", "run")],
)
def test_completion_offers_nothing_of_another_tenant(twins, guest, model, field):
    asked = {"app_label": "sheetsync", "model_name": model._meta.model_name, "field_name": field}

    assert MARK not in guest.get(reverse("admin:autocomplete"), asked | {"term": ""}).text


@pytest.mark.parametrize("model", [each for each in OPEN if not isinstance(PAGES[each], ReadOnly)], ids=name_of)
def test_a_form_has_nothing_of_another_tenant_to_choose(twins, guest, model):
    request = RequestFactory().get("/")
    request.user, request.resolver_match = guest.user, None
    fields = PAGES[model].get_form(request).base_fields.values()
    chosen = [field.queryset for field in fields if hasattr(field, "queryset")]

    assert MARK not in str([list(rows) for rows in chosen])


@of_each_closed
def test_what_belongs_to_the_whole_site_is_closed(guest, operator, model):
    assert guest.get(listing(model)).status_code == guest.get(adding(model)).status_code == 403
    index = reverse("admin:app_list", args=["sheetsync"])
    assert listing(model) in operator.get(index).text
    assert listing(model) not in guest.get(index).text


@pytest.mark.parametrize("name", ["index", "app_list"])
def test_the_front_pages_tell_nothing_of_another_tenant(twins, guest, name):
    answer = guest.get(reverse(f"admin:{name}", args=["sheetsync"] if name == "app_list" else []))

    assert answer.status_code == 200 and MARK not in answer.text


def test_what_operators_did_to_the_whole_site_is_not_shown(shop, guest):
    entry = AuditEntry.objects.create(action="site.swept", actor_kind="operator")

    assert "site.swept" not in guest.get(listing(AuditEntry)).text
    assert guest.get(page(entry)).status_code == 302


def test_a_new_row_is_not_given_to_another_tenant(twins, guest, key):
    own, other = twins[Tenant]
    form = {"key": json.dumps(key | {"client_email": "third@cactus.example"})}

    assert "not one of the available choices" in errors(guest.post(adding(GoogleAccount), form | {"tenant": other.pk}))
    guest.post(adding(GoogleAccount), form | {"tenant": own.pk})
    assert GoogleAccount.objects.get(email="third@cactus.example").tenant == own


def test_whoever_is_restricted_adds_no_tenant(guest):
    assert guest.get(adding(Tenant)).status_code == 403


def test_a_filter_names_only_tenants_that_one_may_see(twins, guest, operator):
    third = Tenant.objects.create(name="A third one")
    StaffTenant.objects.create(user_key=str(guest.user.pk), user_name="guest", tenant=third)

    assert MARK in operator.get(listing(SyncRun)).text
    assert "A third one" in guest.get(listing(SyncRun)).text


def test_a_user_without_permissions_sees_nothing(shop):
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    rows = {type(row): row for row in vars(shop).values()}
    answers = {str(route): client.get(route.address(rows[route.model])).status_code for route in routes()}

    assert {name: code for name, code in answers.items() if code not in (403, 405)} == {}
    assert "/sheetsync/" not in client.get(reverse("admin:index")).text.replace("/static/sheetsync/", "")


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna", is_staff=True)


def restricted_to(user, *tenants):
    for tenant in tenants:
        StaffTenant.objects.create(user_key=str(user.pk), user_name=user.username, tenant=tenant)
    return User.objects.get(pk=user.pk)


def test_without_a_restriction_all_tenants_are_seen(anna):
    assert tenants_of(anna) is None


def test_with_a_restriction_its_tenants_are_seen_and_it_is_asked_once(anna, django_assert_num_queries):
    first, second, _ = (Tenant.objects.create(name=name) for name in "abc")
    anna = restricted_to(anna, first, second)

    with django_assert_num_queries(1):
        assert [tenants_of(anna) for _ in range(2)] == [{first.pk, second.pk}] * 2


def test_a_superuser_is_never_restricted(anna, django_assert_num_queries):
    User.objects.filter(pk=anna.pk).update(is_superuser=True)
    anna = restricted_to(anna, Tenant.objects.create(name="a"))

    with django_assert_num_queries(0):
        assert tenants_of(anna) is None


def test_whoever_is_not_logged_in_or_was_shut_out_sees_no_tenant(anna):
    anna.is_active = False

    assert tenants_of(AnonymousUser()) == tenants_of(anna) == frozenset()


def test_the_way_to_a_tenant_is_found_from_the_model():
    found = {model.__name__: path_to_tenant(model) for model in MODELS}

    assert found["Tenant"] == "pk"
    assert (found["SyncRun"], found["SyncAttempt"], found["Column"], found["WebhookDelivery"]) == (
        "tenant", "run__tenant", "automation__tenant", "source__tenant",
    )  # fmt: skip
    assert {name for name, path in found.items() if path is None} == {"Pulse", "QuotaBucket", "Totals"}


def test_somebody_is_restricted_by_the_name_they_log_in_with(anna, operator):
    tenant = Tenant.objects.create(name="Agave shop")
    operator.post(adding(StaffTenant), {"user_name": "anna", "tenant": tenant.pk})
    entry = AuditEntry.objects.get()

    assert tenants_of(User.objects.get(username="anna")) == {tenant.pk}
    assert (entry.action, entry.tenant, entry.object_label) == ("restriction.created", tenant, "anna → Agave shop")


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("nobody-of-that-name", "Nobody logs in with this name"),
        ("operator", "A superuser sees everything"),
        ("anna", "restricted to this tenant already"),
    ],
)
def test_a_restriction_that_would_restrict_nobody_is_refused(anna, operator, name, refusal):
    tenant = Tenant.objects.create(name="Agave shop")
    restricted_to(anna, tenant)

    assert refusal in errors(operator.post(adding(StaffTenant), {"user_name": name, "tenant": tenant.pk}))


def test_a_tenant_that_somebody_is_restricted_to_is_not_deleted(anna, operator):
    tenant = Tenant.objects.create(name="Agave shop")
    restricted_to(anna, tenant)
    operator.post(page(tenant, "delete"), {"post": "yes"})

    assert Tenant.objects.filter(pk=tenant.pk).exists()
