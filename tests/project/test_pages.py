"""The site's own pages: the front page, the ends of roads that lead through other people's pages, and errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.views.defaults import server_error

from project import urls
from project.policy import HEADER, POLICY
from sheetsync.models import Pulse

ROOT = Path(__file__).resolve().parents[2]


def refuse(request):
    raise PermissionDenied


def doubt(request):
    raise SuspiciousOperation


def fall(request):
    raise RuntimeError("the secret is 12345")


def own(request):
    return HttpResponse("", headers={HEADER: "default-src 'none'"})


urlpatterns = [*urls.urlpatterns, path("refuse", refuse), path("doubt", doubt), path("fall", fall), path("own", own)]


@pytest.fixture
def strict():
    """A browser of somebody whose posts need the site's own token."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.mark.django_db
def test_the_front_page_leads_to_the_admin_the_api_and_the_health(client):
    page = client.get("/").text
    for address in ("/admin/", "/api/v1/docs", "/readyz"):
        assert f'href="{address}"' in page


@pytest.mark.django_db
def test_every_page_that_the_front_page_names_is_in_the_checkout(client):
    named = re.findall(r"<code>(.*?)</code>", client.get("/").text)
    assert len(named) >= 6 and [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.django_db
def test_the_front_page_says_whether_the_site_is_alive_and_not_what_is_wrong(client):
    shown = client.get("/").text
    assert "Runs are not executed as they should be" in shown and "run_scheduler" not in shown
    for name in Pulse.Name:
        Pulse.objects.create(name=name)
    assert "Everything works" in client.get("/").text


@pytest.mark.django_db
def test_the_front_page_opens_without_a_database(client):
    def gone(*_):
        raise OperationalError("password=hunter2")

    with connection.execute_wrapper(gone):
        page = client.get("/")
    assert page.status_code == 200 and "Runs are not executed" in page.text and "hunter2" not in page.text


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/doubt", 400, "This could not be understood"),
        ("/refuse", 403, "You may not do this"),
        ("/nothing/here", 404, "/nothing/here"),
        ("/fall", 500, "It is not your fault"),
    ],
)
def test_an_error_is_told_in_words_with_a_remedy_and_a_way_back(strict, address, status, words):
    page = strict.get(address)
    assert page.status_code == status and words in page.text and 'href="/"' in page.text
    assert "12345" not in page.text and page.headers[HEADER] == POLICY


@pytest.mark.django_db
def test_a_form_that_was_open_too_long_is_told_what_to_do(strict):
    page = strict.post("/admin/login/", {"username": "anna"})
    assert page.status_code == 403 and "load the page again" in page.text and page.headers[HEADER] == POLICY


def test_the_page_of_a_broken_server_needs_neither_a_database_nor_the_settings_of_templates(rf, settings):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": {}}]
    assert "Something is broken here" in server_error(rf.get("/")).text


def test_an_address_that_is_hostile_is_shown_as_text(strict):
    assert "<script>" not in strict.get("/<script>alert(1)</script>").text


@pytest.mark.django_db
def test_whoever_comes_back_from_somebody_elses_page_finds_themselves_on_this_site(client):
    page = client.get("/google/callback")
    assert page.status_code == 400 and "Not linked" in page.text and "project/site.css" in page.text
    assert page.headers[HEADER].startswith("default-src 'none'")


@pytest.mark.urls(__name__)
def test_a_page_with_a_policy_of_its_own_keeps_it(strict):
    assert strict.get("/own").headers[HEADER] == "default-src 'none'"


@pytest.mark.urls(__name__)
def test_developers_see_djangos_own_page_of_an_error_with_its_styles(strict, settings):
    settings.DEBUG = True
    page = strict.get("/fall")
    assert page.status_code == 500 and "<style>" in page.text and HEADER not in page.headers
