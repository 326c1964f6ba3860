"""`create_tenant`: a tenant and what opens its door, or neither, and an error that says what to write instead."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from sheetsync.models import ApiToken, AuditEntry, InstallCode, Tenant
from tests.support.meeting import all_at_once
from tests.support.secrets_kept import tables_with

pytestmark = pytest.mark.django_db

SHOP = ("--platform", "shopify", "--external-id", "17")


@pytest.fixture
def create(capsys):
    """Call the command. -> the lines that it printed"""

    def call(*arguments):
        call_command("create_tenant", *arguments)
        return capsys.readouterr().out.splitlines()

    return call


def refused(*arguments):
    """-> the error, after which nothing is left behind"""
    before = [model.objects.count() for model in (Tenant, InstallCode, ApiToken, AuditEntry)]
    with pytest.raises(CommandError) as caught:
        call_command("create_tenant", *arguments)
    assert [model.objects.count() for model in (Tenant, InstallCode, ApiToken, AuditEntry)] == before
    return str(caught.value)


def test_a_tenant_is_created_and_its_install_code_printed_once(create):
    *said, code = create("Cactus shop", *SHOP, "--time-zone", "Europe/Berlin")
    tenant = Tenant.objects.get()

    assert (tenant.name, tenant.platform, tenant.external_id) == ("Cactus shop", "shopify", "17")
    assert (tenant.time_zone, tenant.active) == ("Europe/Berlin", True)
    assert said[0] == f"tenant {tenant.pk}, Cactus shop, was created"
    assert said[1].startswith("install code, shown this once, good until 20")
    assert tables_with(code) == [] and InstallCode.objects.exchange(code, name="a")[0].tenant == tenant


def test_a_token_is_printed_instead(create):
    text = create("Cactus shop", "--token", "--days", "30")[-1]
    token = ApiToken.objects.authenticate(text)

    assert (token.scope, (token.expires_at - token.created_at).days) == ("admin", 30)
    assert tables_with(text) == [] and not InstallCode.objects.exists()


def test_json_is_one_line_for_programs(create):
    (line,) = create("Bücher", "--json", "--days", "1")
    said = json.loads(line)

    assert (said["tenant"], said["name"], said["created"]) == (Tenant.objects.get().pk, "Bücher", True)
    assert said["install_code"].startswith("ssi_") and said["expires_at"].endswith("+00:00")


def test_what_was_done_is_in_the_history(create):
    create("Cactus shop")
    entries = AuditEntry.objects.order_by("pk")

    assert [(each.action, each.actor_kind) for each in entries] == [
        ("tenant.created", "operator"),
        ("install_code.created", "operator"),
    ]
    assert "command line" in entries[0].actor and InstallCode.objects.get().created_by == entries[0].actor


def test_a_shop_that_is_known_is_an_error_that_names_it(create):
    create("Cactus shop", *SHOP)
    text = refused("Other name", *SHOP)

    assert text.startswith("--external-id 17: tenant ") and "'Cactus shop', is this shop already" in text
    assert "--existing" in text


def test_said_again_with_existing_it_changes_nothing_and_prints_another_code(create):
    create("Cactus shop", *SHOP)
    said = create("Other name", *SHOP, "--existing")

    assert Tenant.objects.get().name == "Cactus shop" and said[0].endswith("was there already")
    assert InstallCode.objects.exchange(said[-1], name="a")


def test_existing_creates_what_is_not_there_yet(create):
    assert create("Cactus shop", *SHOP, "--existing")[0].endswith("was created")


def test_a_second_token_of_the_command_has_a_name_of_its_own(create):
    create("Cactus shop", *SHOP, "--token")
    create("Cactus shop", *SHOP, "--token", "--existing")

    assert [token.name for token in ApiToken.objects.order_by("pk")] == ["command line", "command line 2"]


def test_tenants_of_no_platform_may_have_one_name(create):
    create("Cactus shop")
    create("Cactus shop")

    assert Tenant.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("",), "NAME: This field cannot be blank"),
        (("x" * 201,), "NAME: Ensure this value has at most 200 characters"),
        (("nul \0",), "NAME 'nul \\x00': write printable characters only"),
        (("a", "--external-id", "two\nlines"), "--external-id 'two\\nlines': write printable"),
        (("a", "--time-zone", "Mars/Base"), "--time-zone: time zone 'Mars/Base' is unknown: write an IANA name"),
        (("a", "--platform", "p" * 41), "--platform: Ensure this value has at most 40 characters"),
        (("a", "--external-id", "p" * 201), "--external-id: Ensure this value has at most 200"),
        (("a", "--existing"), "--existing: say by --external-id which tenant is meant"),
        (("a", "--days", "0"), "--days 0: write a number of days from 1 up"),
        (("a", "--days", "-1", "--token"), "--days -1: write a number of days from 1 up"),
        (("a", "--days", "91"), "--days: a code lives for at least a moment and at most 90 days"),
        (("a", "--days", "366", "--token"), "--days: a token lives for at least a moment and at most 365 days"),
        (("a", "--days", "9999999999"), "--days 9999999999: write a number of days"),
        (("a", "--code", "--token"), "not allowed with argument"),
        (("a", "--days", "soon"), "invalid int value: 'soon'"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_leaves_nothing(arguments, complaint):
    assert complaint in refused(*arguments)


def test_a_paused_tenant_gets_no_code(create):
    create("Cactus shop", *SHOP)
    Tenant.objects.update(active=False)

    assert "tenant 'Cactus shop' is paused: resume it first" in refused("Cactus shop", *SHOP, "--existing")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_create_one_shop_at_once_one_does(capsys):
    got = all_at_once(8, lambda number: call_command("create_tenant", f"shop {number}", *SHOP))

    assert sum(each is None for each in got) == 1 and all(
        each is None or isinstance(each, CommandError) for each in got
    )
    assert (Tenant.objects.count(), InstallCode.objects.count()) == (1, 1)
