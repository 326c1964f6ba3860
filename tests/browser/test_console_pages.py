"""Every page of the console, small and wide, light and dark: people can use it, and nothing on it is stopped."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User

from tests.admin.conftest import key, private_key, shop  # noqa: F401 # fixtures
from tests.admin.pages import adding, listing, page
from tests.support.console import Console

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.only_on("sqlite")]

APP = apps.get_app_config("sheetsync")
MODELS = [model for model in APP.get_models() if admin.site.is_registered(model)]
HOSTILE = "Ünïcode <script>alert(1)</script> \u202eمتجر\u202c " + "w" * 160
"""A shop of a tenant who tries what happens: markup, a change of direction, and no room to break the line."""

names = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)


def allowed(rf, model, what):
    """Whether the console lets anybody do this to such rows."""
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    return getattr(admin.site._registry[model], f"has_{what}_permission")(request)


@names
def test_a_list_without_rows_can_be_used(console, model):
    console.open(model).judge(f"{model._meta.model_name}-empty")


@names
def test_lists_pages_histories_and_forms_can_be_used(console, shop, rf, model):  # noqa: F811
    name, row = model._meta.model_name, model.objects.latest("pk")
    places = {"list": listing(model), "row": page(row), "history": page(row, "history")}
    places |= {"add": adding(model)} if allowed(rf, model, "add") else {}
    places |= {"delete": page(row, "delete")} if allowed(rf, model, "delete") else {}
    for place, at in places.items():
        console.open(at).judge(f"{name}-{place}")


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("home", "/"),
        ("index", "/admin/"),
        ("app", "/admin/sheetsync/"),
        ("shopify", "/admin/sheetsync/source/add/?kind=shopify"),
        ("rest", "/admin/sheetsync/source/add/?kind=rest"),
        ("users", "/admin/auth/user/"),
        ("password", "/admin/password_change/"),
        ("api", "/api/v1/docs"),
    ],
)
def test_other_pages_can_be_used(console, shop, name, address):  # noqa: F811
    console.open(address).judge(name)


@pytest.mark.parametrize(("name", "address"), [("nothing", "/nothing"), ("linked", "/google/callback")])
def test_pages_that_tell_of_an_error_can_be_used(console, complaints, name, address):
    complaints.expect("status of 40[04]")
    console.open(address).judge(name)


def test_whoever_may_not_see_a_page_can_use_the_one_that_says_so(page, live_server, complaints):
    complaints.expect("status of 403")
    console = Console(page, live_server.url).log_in(User.objects.create_user("new", is_staff=True))
    console.open(MODELS[0]).shows("You may not do this").judge("forbidden")


def test_a_stranger_can_use_the_page_to_log_in(page, live_server):
    console = Console(page, live_server.url)
    console.open("/admin/").judge("login")


def test_hostile_names_break_no_page(console, shop):  # noqa: F811
    type(shop.tenant).objects.update(name=HOSTILE[:200])
    type(shop.automation).objects.update(name=HOSTILE[:200])
    type(shop.run).objects.update(error=HOSTILE * 3, error_type="TabRefused")
    rows = (shop.tenant, shop.automation, shop.run, shop.attempt)
    places = [*rows, *map(type, rows), "/admin/"]
    for number, place in enumerate(places):
        console.open(place).judge(f"hostile-{number}")
