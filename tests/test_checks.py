"""`manage.py check` names the setting and the remedy."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage, run_checks
from django.test import override_settings


def checked(given: object) -> list[CheckMessage]:
    """What all registered checks of the app say about this dict."""
    with override_settings(SHEETSYNC=given):
        return run_checks(tags=["sheetsync"])


def test_the_defaults_pass() -> None:
    assert checked({}) == []


def test_usable_values_pass() -> None:
    assert checked({"SHEETS_URL": "http://127.0.0.1:8765", "READS_PER_MINUTE": None, "READ_TIMEOUT": 30}) == []


def test_a_list_instead_of_a_dict_is_e001() -> None:
    (error,) = checked(["BURST"])

    assert error.id == "sheetsync.E001"


@pytest.mark.parametrize("name", ["MAX_ROW_PER_BATCH", "max_rows_per_batch", "MAX_ROWS_PER_BACTH"])
def test_a_misspelt_key_is_e002_and_the_hint_gives_the_nearest_name(name: str) -> None:
    (error,) = checked({name: 10})

    assert error.id == "sheetsync.E002"
    assert error.hint == "Did you mean 'MAX_ROWS_PER_BATCH'?"


def test_a_key_near_to_nothing_lists_what_there_is() -> None:
    (error,) = checked({"COLOUR": "green"})

    assert error.hint is not None
    assert "BURST" in error.hint


def test_a_key_that_is_no_text_is_unknown_too() -> None:
    (error,) = checked({7: "x"})

    assert error.id == "sheetsync.E002"


def test_a_wrong_type_is_e003_with_the_remedy() -> None:
    (error,) = checked({"BURST": "6"})

    assert (error.id, error.hint) == ("sheetsync.E003", "Give a whole number, 1 or more.")


def test_plain_http_to_another_machine_is_e003() -> None:
    (error,) = checked({"SHEETS_URL": "http://sheets.googleapis.com"})

    assert error.id == "sheetsync.E003"
    assert "https" in str(error.hint)


def test_a_refused_value_is_not_repeated_in_the_message() -> None:
    (error,) = checked({"CREDENTIALS_FILE": {"private_key": "very-secret"}})

    assert "very-secret" not in str(error)


def test_every_bad_key_is_reported_at_once() -> None:
    assert [error.id for error in checked({"BURST": 0, "BRUST": 6})] == ["sheetsync.E003", "sheetsync.E002"]
