"""The lists of the console on its first page: by what people come for, and each of them once."""

from __future__ import annotations

import re

from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client

from sheetsync.admin.dashboard.contents import parts
from tests.admin.dashboards import INDEX


def contents(client) -> list[tuple[str, list[str]]]:
    """The title of each part, and the names of its lists."""
    shown = client.get(INDEX).text.partition('class="sheetsync-contents"')[2]
    found = re.findall(r"<h2[^>]*>(.*?)</h2>(.*?)</section>", shown, flags=re.DOTALL)
    return [(title, re.findall(r'id="sheetsync-(\w+)"', part)) for title, part in found]


def test_every_list_stands_in_one_part_and_what_people_need_daily_comes_first(admin_client):
    found = contents(admin_client)
    registered = {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "sheetsync"}
    named = [name for _title, names in found for name in names]

    assert sorted(named) == sorted(registered)
    assert found[0][1][:4] == ["tenant", "source", "googleaccount", "automation"]
    assert found[1][1][0] == "syncrun"


def test_a_list_that_nobody_has_placed_yet_stands_in_the_last_part():
    new = {"object_name": "OfTomorrow", "name": "of tomorrow"}
    assert [part.lists for part in parts([new])] == [[new]]


def test_whoever_sees_some_lists_only_finds_no_empty_parts(db):
    user = User.objects.create_user("somebody", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_incident"))
    client = Client()
    client.force_login(user)

    assert contents(client) == [("What happened", ["incident"])]
