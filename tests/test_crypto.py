"""Secrets at rest: what opens, what does not, and how keys are changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from sheetsync import crypto
from sheetsync.errors import CannotDecrypt

ROOT = Path(__file__).resolve().parent.parent
OLD, NEW = crypto.generate_key(), crypto.generate_key()


def keys(*newest_first: str) -> override_settings:
    return override_settings(SHEETSYNC={"ENCRYPTION_KEYS": newest_first})


@given(st.integers(), st.text(st.characters()))
def test_any_text_comes_back_as_it_went_in(tenant: int, text: str) -> None:
    with keys(NEW):
        assert crypto.decrypt(tenant, crypto.encrypt(tenant, text)) == text


@pytest.mark.parametrize("text", ["", "1:2", ":", "\ud800", "\x00", "山田 🌵"])  # half a surrogate pair is valid JSON
@keys(NEW)
def test_awkward_texts_come_back_too(text: str) -> None:
    assert crypto.decrypt(7, crypto.encrypt(7, text)) == text


@keys(NEW)
def test_a_sealed_text_shows_nothing_and_is_never_the_same_twice() -> None:
    sealed = {crypto.encrypt(7, "secret") for _ in range(3)}

    assert len(sealed) == 3
    assert not any("secret" in each for each in sealed)


@pytest.mark.parametrize(("owner", "other"), [(7, 8), (1, 11), (11, 1), (0, -1)])
@keys(NEW)
def test_a_text_that_was_copied_to_another_tenant_does_not_open(owner: int, other: int) -> None:
    sealed = crypto.encrypt(owner, "1:xyzzy")

    with pytest.raises(CannotDecrypt, match=r"sealed for another tenant.*Enter the secret again") as caught:
        crypto.decrypt(other, sealed)
    assert "xyzzy" not in str(caught.value)


@pytest.mark.parametrize("tenant", [None, "7", True])  # an unsaved tenant's id is None, like every other unsaved one's
@keys(NEW)
def test_a_tenant_without_an_id_cannot_have_a_secret(tenant) -> None:
    with pytest.raises(TypeError, match="save the tenant first"):
        crypto.encrypt(tenant, "secret")


def test_an_older_key_still_opens_what_it_sealed() -> None:
    with keys(OLD):
        sealed = crypto.encrypt(7, "secret")
    with keys(NEW, OLD):
        assert crypto.decrypt(7, sealed) == "secret"


def test_after_rotation_the_newest_key_is_enough() -> None:
    with keys(OLD):
        sealed = crypto.encrypt(7, "secret")
    with keys(NEW, OLD):
        sealed = crypto.rotate(sealed)
    with keys(NEW):
        assert crypto.decrypt(7, sealed) == "secret"


def test_only_what_the_newest_key_does_not_open_needs_rotation() -> None:
    with keys(OLD):
        sealed = crypto.encrypt(7, "secret")
        assert not crypto.needs_rotation(sealed)
    with keys(NEW, OLD):
        assert crypto.needs_rotation(sealed)
        assert not crypto.needs_rotation(crypto.rotate(sealed))


def test_rotation_keeps_a_text_its_tenants() -> None:
    with keys(NEW, OLD), pytest.raises(CannotDecrypt, match="another tenant"):
        crypto.decrypt(8, crypto.rotate(crypto.encrypt(7, "secret")))


@pytest.mark.parametrize("open_it", [lambda sealed: crypto.decrypt(7, sealed), crypto.rotate])
def test_a_removed_key_is_named_as_the_reason_with_the_setting(open_it) -> None:
    with keys(OLD):
        sealed = crypto.encrypt(7, "secret")
    with keys(NEW), pytest.raises(CannotDecrypt, match=r'SHEETSYNC\["ENCRYPTION_KEYS"\].*key was removed, put it back'):
        open_it(sealed)


@pytest.mark.parametrize("damage", ["", "x", "gAAAA", "ü" * 40, "{}", "gAAAAA==" * 9])
@keys(NEW)
def test_what_was_never_sealed_does_not_open(damage: str) -> None:
    with pytest.raises(CannotDecrypt):
        crypto.decrypt(7, damage)


@keys(NEW)
def test_a_text_sealed_by_somebody_who_knew_no_tenant_does_not_open() -> None:
    for text in (b"7", b"secret", b"", b":7"):
        with pytest.raises(CannotDecrypt):
            crypto.decrypt(7, Fernet(NEW).encrypt(text).decode())


@keys()
def test_without_a_key_nothing_is_sealed_or_opened_and_the_message_says_how_to_make_one() -> None:
    for refuse in (crypto.encrypt, crypto.decrypt):
        with pytest.raises(ImproperlyConfigured, match=r"ENCRYPTION_KEYS.*python -m sheetsync genkey"):
            refuse(7, "secret")


def genkey(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In an environment that has no Django settings."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "sheetsync", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


def test_a_key_can_be_made_before_there_are_settings_and_then_used() -> None:
    done = genkey("genkey")

    assert "SHEETSYNC" in done.stderr  # how to use it; stdout has the key alone
    with keys(done.stdout.strip()):
        assert crypto.decrypt(7, crypto.encrypt(7, "secret")) == "secret"


@pytest.mark.parametrize("arguments", [[], ["rekey"], ["genkey", "2"]])
def test_anything_else_on_the_command_line_gets_the_usage(arguments: list[str]) -> None:
    done = genkey(*arguments)

    assert (done.returncode, done.stdout, "usage:" in done.stderr) == (2, "", True)
