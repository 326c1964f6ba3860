"""The line on top of the app's pages: is everything alive, and if not, what to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.db.models.functions import Now
from django.urls import reverse

from sheetsync.models import Pulse, SyncRun, Tenant
from tests.admin.pages import listing, page

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:app_list", args=["sheetsync"])
LINE = re.compile(r'<details class="sheetsync-health (\w+)"( open)?>.*?</details>', re.DOTALL)


@pytest.fixture
def alive(db):
    for name in ("scheduler", "workers"):
        Pulse.objects.beat(name)


def silent(name):
    Pulse.objects.filter(name=name).update(beaten_at=Now() - timedelta(seconds=100))


def line(response):
    """-> (its level, whether it is open, its text without tags)."""
    found = LINE.search(response.text)
    return found[1], bool(found[2]), " ".join(re.sub("<.*?>", " ", found[0]).split())


def test_while_all_is_well_it_is_one_quiet_line(alive, operator):
    level, is_open, text = line(operator.get(INDEX))
    assert (level, is_open) == ("ok", False) and text.startswith("✔ Everything works ✔ database answers")


def test_who_is_silent_is_named_first_with_the_remedy(alive, operator):
    silent("scheduler")
    level, is_open, text = line(operator.get(INDEX))
    assert (level, is_open) == ("error", True)
    assert "✖ scheduler no scheduler has looked for 100 s: start manage.py run_scheduler ✔ database" in text


def test_a_wedged_cluster_beside_a_worker_is_a_warning(alive, operator, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "django_q"}
    Pulse.objects.beat(Pulse.Name.CLUSTER)
    silent("cluster")
    level, is_open, text = line(operator.get(INDEX))
    assert (level, is_open) == ("warning", True) and "look at this: cluster" in text


@pytest.mark.parametrize("name", ["run", "tenant", "bucket", "account", "automation"])
def test_it_is_on_every_list_and_every_page_of_a_row(shop, operator, name):
    Pulse.objects.beat(Pulse.Name.SCHEDULER)
    row = getattr(shop, name)
    for address in (listing(type(row)), page(row)):
        assert line(operator.get(address))[0] == "ok"


def test_a_window_that_chooses_a_row_for_another_page_goes_without(operator):
    assert not LINE.search(operator.get(listing(Tenant) + "?_popup=1").text)


def test_it_looks_like_the_page_that_it_is_on(operator):
    """A style sheet of the app's own, with the admin's colours: no inline style, which a strict policy forbids."""
    text = operator.get(listing(SyncRun)).text
    assert 'href="/static/sheetsync/console.css"' in text and finders.find("sheetsync/console.css")


def test_the_index_brings_no_inline_script_or_style(operator):
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", operator.get(INDEX).text)
