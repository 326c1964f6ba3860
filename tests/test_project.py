"""The bundled site stands up, and installing the app asks nothing of a host."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client


@pytest.mark.django_db
def test_the_home_page_says_what_this_is_and_leads_to_the_admin(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "nothing else touched" in page
    assert 'href="/admin/"' in page


@pytest.mark.django_db
def test_the_home_page_would_pass_a_strict_content_security_policy(client: Client) -> None:
    page = client.get("/").content.decode()

    assert not re.search(r"<style|<script|\sstyle=|\son\w+=", page)
    assert not re.search(r"(href|src)=\"(https?:)?//", page)


@pytest.mark.django_db
def test_the_admin_asks_for_a_login(client: Client) -> None:
    page = client.get("/admin/", follow=True).content.decode()

    assert 'name="username"' in page


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_getting_ready_asks_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(wrapper: BaseDatabaseWrapper) -> None:
        raise AssertionError(f"ready() connected to {wrapper.alias}")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)

    apps.get_app_config("sheetsync").ready()


@pytest.mark.django_db  # from Django 6.1 on, JSON fields ask SQLite whether it knows JSON
def test_the_site_passes_every_check_of_django() -> None:
    call_command("check", fail_level="WARNING")
