"""`manage.py check` names the setting and the remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connections
from django.test import modify_settings, override_settings

from sheetsync import checks
from sheetsync.crypto import generate_key

ROOT = Path(__file__).resolve().parent.parent
KEY = generate_key()


def checked(given: object) -> list[CheckMessage]:
    """What all registered checks of the app say about this dict, to which a key is added."""
    if isinstance(given, dict):
        given = {"ENCRYPTION_KEYS": [KEY], **given}
    with override_settings(SHEETSYNC=given):
        return run_checks(tags=["sheetsync"])


def ids(given: object = None) -> list[str | None]:
    return [message.id for message in checked(given or {})]


def test_the_defaults_pass_but_for_the_key() -> None:
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


def test_no_key_is_e004_and_the_hint_makes_one() -> None:
    (error,) = checked({"ENCRYPTION_KEYS": []})

    assert error.id == "sheetsync.E004"
    assert "python -m sheetsync genkey" in str(error.hint)


def test_an_unusable_key_is_e003_alone_and_is_not_repeated() -> None:
    (error,) = checked({"ENCRYPTION_KEYS": [KEY, KEY[:-5]]})

    assert (error.id, "Number 2 of 2" in str(error.hint)) == ("sheetsync.E003", True)
    assert KEY[:10] not in str(error)


@pytest.fixture
def sqlite(monkeypatch: pytest.MonkeyPatch):
    """Gives the database these options, as far as the checks are concerned."""

    def options(**given: object) -> None:
        monkeypatch.setitem(connections.settings["default"], "OPTIONS", given)

    return options


GOOD = checks.SQLITE_OPTIONS


@pytest.mark.parametrize(
    "difference",
    [
        {},
        {"init_command": "pragma  main.journal_mode = 'wal' ; PRAGMA synchronous=NORMAL;"},
        {"init_command": "PRAGMA journal_mode=DELETE; PRAGMA journal_mode(WAL)"},  # the last one counts
        {"transaction_mode": "immediate"},
        {"transaction_mode": "EXCLUSIVE"},  # the same as IMMEDIATE where the journal is a WAL
        {"timeout": 20.0},
        {"timeout": 5, "init_command": "PRAGMA journal_mode=WAL; PRAGMA busy_timeout = 20000"},
        {"init_command": "PRAGMA journal_mode=WAL; PRAGMA locking_mode=NORMAL"},
    ],
)
def test_sqlite_with_what_it_needs_passes(sqlite, difference) -> None:
    sqlite(**GOOD | difference)

    assert ids() == []


@pytest.mark.parametrize(
    ("difference", "missing"),
    [
        ({"init_command": None}, "the journal mode WAL"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA journal_mode=DELETE"}, "the journal mode WAL"),
        ({"init_command": "PRAGMA wal_autocheckpoint=1000"}, "the journal mode WAL"),
        ({"transaction_mode": None}, "the transaction mode IMMEDIATE"),
        ({"transaction_mode": "DEFERRED"}, "the transaction mode IMMEDIATE"),
        ({"timeout": 5}, "a timeout of 20 seconds or more"),
        ({"timeout": None}, "a timeout of 20 seconds or more"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA busy_timeout=5000"}, "a timeout of 20 seconds or more"),
        ({"init_command": "PRAGMA journal_mode=WAL; PRAGMA locking_mode=EXCLUSIVE"}, "a locking mode in which other"),
    ],
)
def test_sqlite_that_would_refuse_writers_is_e005_and_says_what_is_missing(sqlite, difference, missing) -> None:
    sqlite(**GOOD | difference)

    (error,) = checked({})

    assert (error.id, f"lacks {missing}" in error.msg) == ("sheetsync.E005", True)


def test_sqlite_as_django_makes_it_lacks_all_three(sqlite) -> None:
    sqlite()

    (error,) = checked({})

    assert error.msg.count(",") == 2


class Elsewhere:
    """A router that sends every model to the alias "elsewhere"."""

    def db_for_write(self, model, **hints) -> str:
        return "elsewhere"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch):
    """Routes all models to a second database with this configuration."""

    def configure(**config: object) -> None:
        monkeypatch.setitem(connections.settings, "elsewhere", {"OPTIONS": {}, **config})

    with override_settings(DATABASE_ROUTERS=[Elsewhere()]):
        yield configure
    del connections["elsewhere"]


def test_a_database_of_another_make_is_e006(elsewhere) -> None:
    elsewhere(ENGINE="django.db.backends.dummy")

    (error,) = checked({})

    assert (error.id, "PostgreSQL or SQLite" in str(error.hint)) == ("sheetsync.E006", True)


def test_the_database_that_the_models_are_routed_to_is_the_one_that_counts(elsewhere) -> None:
    elsewhere(ENGINE="django.db.backends.sqlite3")

    (error,) = checked({})

    assert (error.id, "'elsewhere'" in error.msg) == ("sheetsync.E005", True)


def test_the_database_of_the_queue_needs_the_same(monkeypatch) -> None:
    monkeypatch.setitem(connections.settings, "queue", {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}})
    own = {"workers": 2, "timeout": 960, "retry": 1200}
    with override_settings(Q_CLUSTER={"name": "site", "orm": "queue", "ALT_CLUSTERS": {"sheetsync": own}}):
        (error,) = checked({})
        assert (error.id, "'queue'" in error.msg) == ("sheetsync.E005", True)
        assert checked({"DISPATCH": "polling"}) == []
    del connections["queue"]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch):
    """A second database, with a pool."""
    config = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": {"min_size": 2}}}
    monkeypatch.setitem(connections.settings, "pooled", config)


@pytest.mark.parametrize("command", ["qcluster", "run_worker", "run_scheduler"])
def test_a_pool_in_a_worker_is_e008(pool, monkeypatch, command) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", command])

    (error,) = checked({})

    assert (error.id, command in error.msg) == ("sheetsync.E008", True)


@pytest.mark.parametrize("argv", [["manage.py", "runserver"], ["gunicorn"], ["manage.py", "help", "qcluster"]])
def test_a_pool_in_any_other_process_is_the_warning_w008(pool, monkeypatch, argv) -> None:
    monkeypatch.setattr(sys, "argv", argv)

    (warning,) = checked({})

    assert (warning.id, "web processes only" in str(warning.hint)) == ("sheetsync.W008", True)


def cluster(site: dict[str, object] | None = None, **entry: object) -> dict[str, object]:
    """A Q_CLUSTER with these differences, and an entry for sheetsync with those from the recommended one."""
    entries = {"sheetsync": {**checks.CLUSTER_SETTINGS, **entry}}
    return {"name": "shop", "orm": "default", "ALT_CLUSTERS": entries, **(site or {})}


@pytest.mark.parametrize(
    "given",
    [
        cluster(),
        cluster({"timeout": 60, "retry": 30}),  # the site's own cluster is the site's own business
        {"name": "shop", "timeout": 30, "retry": 50, "ALT_CLUSTERS": {"sheetsync": {"workers": 1}}},  # inherited
    ],
)
def test_a_cluster_that_waits_longer_than_its_tasks_may_run_passes(given) -> None:
    with override_settings(Q_CLUSTER=given):
        assert ids() == []


@pytest.mark.parametrize(
    "entry",
    [
        {"timeout": 1200},  # equal is too late as well
        {"retry": 60},
        {"timeout": None},
        {"timeout": 0},
        {"timeout": "960"},  # django-q2 itself fails on comparing it
    ],
)
def test_a_cluster_that_would_hand_out_a_running_task_again_is_e007(entry) -> None:
    with override_settings(Q_CLUSTER=cluster(**entry)):
        assert ids() == ["sheetsync.E007"]


def test_a_cluster_entry_without_times_takes_the_sites() -> None:
    given = {"name": "shop", "timeout": 90, "retry": 60, "ALT_CLUSTERS": {"sheetsync": {"workers": 1}}}
    with override_settings(Q_CLUSTER=given):
        assert ids() == ["sheetsync.E007"]


@pytest.mark.parametrize("clusters", [{}, {"ALT_CLUSTERS": {"mail": {}}}, {"ALT_CLUSTERS": None}])
def test_no_cluster_of_our_own_is_the_warning_w010_with_the_entry_to_add(clusters) -> None:
    with override_settings(Q_CLUSTER={"name": "shop", "timeout": 30, "retry": 60, **clusters}):
        (warning,) = checked({})

    assert (warning.id, str(checks.CLUSTER_SETTINGS) in str(warning.hint)) == ("sheetsync.W010", True)


def test_a_site_whose_own_cluster_has_our_name_is_w010_for_its_entry_is_ignored() -> None:
    with override_settings(Q_CLUSTER=cluster({"name": "sheetsync", "timeout": 30, "retry": 60})):
        (warning,) = checked({})

    assert (warning.id, "ignores" in warning.msg) == ("sheetsync.W010", True)


def test_a_site_that_never_configured_django_q_hears_both() -> None:
    with override_settings():
        from django.conf import settings

        del settings.Q_CLUSTER
        assert ids() == ["sheetsync.E007", "sheetsync.W010"]


def test_django_q_that_is_not_installed_is_e009_alone() -> None:
    with modify_settings(INSTALLED_APPS={"remove": "django_q"}), override_settings(Q_CLUSTER={}):
        assert ids() == ["sheetsync.E009"]


@pytest.mark.parametrize("dispatch", ["polling", "inline", "shop.sync.ring"])
def test_a_site_that_dispatches_otherwise_needs_no_django_q(dispatch) -> None:
    with modify_settings(INSTALLED_APPS={"remove": "django_q"}), override_settings(Q_CLUSTER={}):
        assert ids({"DISPATCH": dispatch}) == []


@pytest.mark.parametrize("option", [["-n", "sheetsync"], ["-nsheetsync"], ["--name=sheetsync", "--run-once"]])
def test_a_cluster_named_by_the_option_that_comes_too_late_is_e011(monkeypatch, option) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "qcluster", *option])
    monkeypatch.delenv("Q_CLUSTER_NAME", raising=False)

    (error,) = checked({})

    assert (error.id, "Q_CLUSTER_NAME=sheetsync" in str(error.hint)) == ("sheetsync.E011", True)


@pytest.mark.parametrize(("option", "name"), [(["-n", "sheetsync"], "sheetsync"), (["-n", "mail"], ""), ([], "")])
def test_a_cluster_that_serves_the_queue_it_names_passes(monkeypatch, option, name) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "qcluster", *option])
    monkeypatch.setenv("Q_CLUSTER_NAME", name)

    assert ids() == []


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=60)


def test_metrics_that_are_asked_for_and_cannot_be_made_are_e012(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    (error,) = checked({"METRICS_TOKEN": "a-random-text-of-32-letters-0123"})

    assert error.id == "sheetsync.E012" and 'pip install "sheetsync[metrics]"' in str(error.hint)
    assert "0123" not in f"{error.msg} {error.hint}"


def test_metrics_that_nobody_asked_for_need_no_package(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    assert ids() == []


def test_metrics_that_can_be_made_pass() -> None:
    assert ids({"METRICS_TOKEN": "a-random-text-of-32-letters-0123"}) == []


def test_a_real_cluster_with_a_name_that_comes_too_late_does_not_start() -> None:
    done = manage("qcluster", "-n", "sheetsync", Q_CLUSTER_NAME="")

    assert (done.returncode, "sheetsync.E011" in done.stderr) == (1, True)


def test_the_site_without_debug_and_keys_does_not_pass() -> None:
    done = manage("check", DJANGO_DEBUG="0", DJANGO_SECRET_KEY="long-and-random" * 5)

    assert (done.returncode, "sheetsync.E004" in done.stderr) == (1, True)


def test_the_site_takes_its_keys_from_the_environment() -> None:
    keys = f"{generate_key()}, {KEY}"
    done = manage("check", DJANGO_DEBUG="0", DJANGO_SECRET_KEY="long-and-random" * 5, SHEETSYNC_ENCRYPTION_KEYS=keys)

    assert done.returncode == 0, done.stderr


def test_the_bundled_site_has_the_cluster_that_the_hint_recommends() -> None:
    from django.conf import settings

    assert settings.Q_CLUSTER["ALT_CLUSTERS"]["sheetsync"] == checks.CLUSTER_SETTINGS


def of_a_deployment(**given: object) -> list[str | None]:
    with override_settings(SHEETSYNC={"ENCRYPTION_KEYS": [KEY], "ALERT_EMAILS": ["ops@example.com"], **given}):
        return [message.id for message in run_checks(tags=["sheetsync"], include_deployment_checks=True)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"OUTBOUND_HTTP": True}, "sheetsync.W013"),
        ({"DISPATCH": "inline"}, "sheetsync.W014"),
        ({"WATCH_ISOLATION": True}, "sheetsync.W015"),
        ({"SHEETS_URL": "http://127.0.0.1:8765"}, "sheetsync.W016"),
    ],
)
def test_a_deployment_is_told_of_settings_that_are_for_tests(given: dict[str, object], expected: str) -> None:
    assert of_a_deployment(**given) == [expected] and expected not in ids(given)


@pytest.mark.parametrize(
    ("named", "admins", "expected"),
    [
        (None, [], ["sheetsync.W018"]),
        ([], [("Anna", "anna@example.com")], ["sheetsync.W018"]),
        (None, [("Anna", "anna@example.com")], []),
        ("anna@example.com, bo@example.com", [], []),
    ],
)
def test_a_deployment_is_told_that_nobody_gets_mail(
    named: object, admins: list[tuple[str, str]], expected: list[str]
) -> None:
    with override_settings(ADMINS=admins):
        assert of_a_deployment(ALERT_EMAILS=named) == expected


@pytest.mark.parametrize("named", ["anna", ["anna@"], [""], 7, ["a@b.example\nBcc: x@y.example"]])
def test_whoever_gets_mail_has_an_address(named: object) -> None:
    assert ids({"ALERT_EMAILS": named}) == ["sheetsync.E003"]


def test_a_deployment_with_the_defaults_passes() -> None:
    assert of_a_deployment() == []
