"""Which tests are left out where there is no browser, and where that is an error instead."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.support import browsers

A_BROWSER_TEST = SimpleNamespace(fixturenames=["page", "browser"])


@pytest.fixture
def no_chromium(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SHEETSYNC_CHROMIUM", raising=False)
    monkeypatch.delenv("CI", raising=False)


def test_without_chromium_a_browser_test_is_left_out_with_the_reason(no_chromium):
    assert "SHEETSYNC_CHROMIUM" in browsers.reason_to_leave_out(A_BROWSER_TEST)


def test_without_chromium_every_other_test_runs(no_chromium):
    assert browsers.reason_to_leave_out(SimpleNamespace(fixturenames=["world"])) is None


def test_without_chromium_ci_fails(no_chromium, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.UsageError, match="Install one"):
        browsers.reason_to_leave_out(A_BROWSER_TEST)


def test_a_program_that_is_named_is_the_one_that_is_taken(no_chromium, monkeypatch):
    monkeypatch.setenv("SHEETSYNC_CHROMIUM", "/opt/chromium")
    assert browsers.find_chromium() == "/opt/chromium" and browsers.reason_to_leave_out(A_BROWSER_TEST) is None
