"""Keys and credentials are taken, checked and sealed; no answer ever holds them."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.files.uploadedfile import SimpleUploadedFile
from django.views.debug import ExceptionReporter

from sheetsync.models import GoogleAccount
from tests.admin.pages import adding, errors, listing, page


@pytest.fixture
def encrypted_key(private_key):
    opened = serialization.load_pem_private_key(private_key.encode(), None)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    return opened.private_bytes(*form, serialization.BestAvailableEncryption(b"pass")).decode()


def link(client, tenant, key):
    return client.post(adding(GoogleAccount), {"tenant": tenant.pk, "key": json.dumps(key)})


def replace(client, account, key):
    return client.post(page(account), {"new_key": json.dumps(key)})


def test_a_service_account_is_linked_by_its_key(shop, operator, key):
    response = link(operator, shop.tenant, key | {"client_email": "second@cactus.example"})
    account = GoogleAccount.objects.get(email="second@cactus.example")

    assert response.status_code == 302
    assert (account.kind, account.is_default, account.tenant) == ("service_account", False, shop.tenant)
    assert account.secrets()["private_key"] == key["private_key"]


def test_an_account_that_is_linked_again_gets_the_new_key(shop, operator, key):
    shop.account.flag("revoked")
    link(operator, shop.tenant, key | {"private_key_id": "new"})
    account = GoogleAccount.objects.get()

    assert (account.pk, account.status, account.secrets()["private_key_id"]) == (shop.account.pk, "active", "new")


def test_an_account_gets_a_new_key_and_is_connected(shop, operator, key):
    shop.account.flag("revoked")
    replace(operator, shop.account, key | {"private_key_id": "new"})
    shop.account.refresh_from_db()

    assert (shop.account.status, shop.account.secrets()["private_key_id"]) == ("active", "new")


def test_a_form_without_a_new_key_leaves_the_account_as_it_is(shop, operator):
    shop.account.flag("revoked")
    assert operator.post(page(shop.account), {"new_key": ""}).status_code == 302
    before = shop.account.sealed
    shop.account.refresh_from_db()

    assert (shop.account.status, shop.account.sealed) == ("needs_owner", before)


BAD_KEYS = [
    ({"type": "authorized_user"}, "paste the JSON key file of a service account"),
    ({"private_key": ""}, "private_key"),
    ({"private_key": 5}, "private_key"),
    ({"client_email": None}, "client_email"),
    ({"private_key": "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----"}, "google-auth cannot read it"),
]


@pytest.mark.parametrize(("change", "complaint"), BAD_KEYS)
def test_a_key_that_cannot_be_used_is_refused_and_not_shown(shop, operator, key, change, complaint):
    for response in (link(operator, shop.tenant, key | change), replace(operator, shop.account, key | change)):
        assert complaint in errors(response)
        assert "PRIVATE KEY" not in response.text


@pytest.mark.parametrize("email", ["no address", "x" * 300 + "@cactus.example", "robot\n@cactus.example"])
def test_a_new_account_needs_an_address(shop, operator, key, email):
    response = link(operator, shop.tenant, key | {"client_email": email})

    assert "no e-mail address of at most 254 characters" in errors(response)


def test_an_encrypted_key_is_refused(shop, operator, key, encrypted_key):
    assert "google-auth cannot read it" in errors(link(operator, shop.tenant, key | {"private_key": encrypted_key}))


def test_the_key_of_another_account_is_refused(shop, operator, key):
    response = replace(operator, shop.account, key | {"client_email": "other@cactus.example"})

    assert "key of another account" in errors(response)


def test_a_persons_account_takes_a_persons_credentials_only(shop, operator, key):
    person = GoogleAccount(tenant=shop.tenant, kind="oauth", subject="107", email="anna@cactus.example")
    person.seal({"refresh_token": "old"})
    person.save()
    fresh = {"client_id": "c", "client_secret": "s", "refresh_token": "new"}

    assert "client_id" in errors(replace(operator, person, key))
    assert "google-auth cannot read it" in errors(replace(operator, person, fresh | {"expiry": 5}))
    replace(operator, person, fresh)
    person.refresh_from_db()
    assert person.secrets() == fresh


def test_an_account_is_linked_by_its_key_file(shop, operator, key):
    chosen = SimpleUploadedFile("key.json", json.dumps(key | {"client_email": "second@cactus.example"}).encode())
    response = operator.post(adding(GoogleAccount), {"tenant": shop.tenant.pk, "key_file": chosen, "key": ""})

    assert response.status_code == 302
    assert GoogleAccount.objects.get(email="second@cactus.example").secrets()["private_key"] == key["private_key"]


def test_an_account_gets_a_new_key_by_a_file(shop, operator, key):
    shop.account.flag("revoked")
    chosen = SimpleUploadedFile("key.json", json.dumps(key | {"private_key_id": "new"}).encode())
    operator.post(page(shop.account), {"new_key": "", "new_key_file": chosen})
    shop.account.refresh_from_db()

    assert (shop.account.status, shop.account.secrets()["private_key_id"]) == ("active", "new")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"x" * 30_000, "it is too large"),
        (b"\xff\xfe{}", "choose the JSON file"),
        (b"[" * 15_000, "This is not JSON"),
        (b"[]", "Write an object"),
        (b"{}", "service account"),
    ],
)
def test_a_file_that_is_no_key_is_a_form_error(shop, operator, content, complaint):
    chosen = SimpleUploadedFile("key.json", content)
    response = operator.post(adding(GoogleAccount), {"tenant": shop.tenant.pk, "key_file": chosen, "key": ""})

    assert complaint in errors(response)


def test_a_key_is_given_once(shop, operator, key):
    chosen = SimpleUploadedFile("key.json", json.dumps(key).encode())
    form = {"tenant": shop.tenant.pk, "key_file": chosen, "key": json.dumps(key)}

    assert "one of the two" in errors(operator.post(adding(GoogleAccount), form))


def test_a_key_is_needed_to_link_an_account(shop, operator):
    response = operator.post(adding(GoogleAccount), {"tenant": shop.tenant.pk, "key": ""})

    assert "This field is required" in errors(response)


@pytest.mark.parametrize("name", ["account", "source"])
def test_a_list_cannot_be_asked_what_a_secret_begins_with(shop, viewer, name):
    row = getattr(shop, name)
    response = viewer.get(listing(type(row)), {"sealed__startswith": row.sealed[:9]})

    assert response.status_code == 400


@pytest.mark.parametrize("name", ["account", "source"])
def test_a_viewer_has_no_field_to_paste_into_and_cannot_post(shop, viewer, name):
    row = getattr(shop, name)

    shown = viewer.get(page(row)).text
    assert "<textarea" not in shown and 'type="password"' not in shown and 'type="file"' not in shown
    assert viewer.post(page(row), {}).status_code == 403


def test_the_log_says_that_a_key_was_changed_and_not_which(shop, operator, key):
    replace(operator, shop.account, key)
    history = operator.get(page(shop.account, "history")).text

    assert "Changed New key." in history


def test_a_report_of_an_error_hides_what_was_pasted(shop, operator, key, settings, caplog):
    settings.DEBUG = False
    settings.SHEETSYNC = settings.SHEETSYNC | {"ENCRYPTION_KEYS": []}
    operator.raise_request_exception = False

    assert replace(operator, shop.account, key).status_code == 500
    (record,) = [record for record in caplog.records if record.exc_info]
    reporter = ExceptionReporter(record.request, *record.exc_info)
    assert "********************" in reporter.get_traceback_text()
    assert "PRIVATE KEY" not in reporter.get_traceback_text()
