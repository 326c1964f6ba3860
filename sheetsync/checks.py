"""What `manage.py check` says about the settings, each time with the remedy. Nothing here asks a database."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router

from sheetsync import metrics, own_orders
from sheetsync.conf import HOW_TO_MAKE_A_KEY, given_settings, settings
from sheetsync.dispatch import CLUSTER

WORKERS = {"qcluster", "run_worker", "run_scheduler"}
PRAGMA = r"\bpragma\s+(?:\w+\s*\.\s*)?{}\s*[=(]\s*[\"']?(\w+)"

SQLITE_OPTIONS: dict[str, Any] = {
    "init_command": "PRAGMA journal_mode=WAL",
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
}
CLUSTER_SETTINGS: dict[str, Any] = {
    "workers": 2, "queue_limit": 2, "bulk": 1, "max_attempts": 1, "ack_failures": True, "save_limit": -1, "poll": 0.2,
    "recycle": 100, "timeout": 960, "retry": 1200, "scheduler": False, "catch_up": False,
}  # fmt: skip


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """One error for each key of `SHEETSYNC` that is unknown or holds what cannot be used.

    E001: not a dict. E002: an unknown key. E003: a wrong type or value.
    """
    try:
        given = given_settings()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint='Write SHEETSYNC = {"BURST": 6}, for example.', id="sheetsync.E001")]
    known = {setting.name: setting for setting in settings}
    found: list[CheckMessage] = []
    for key, value in given.items():
        if key not in known:
            found.append(_unknown(key, list(known)))
            continue
        try:
            known[key].rule(value)
        except ValueError as error:
            found.append(_unusable(key, error))
    return found


def _unknown(key: str, known: list[str]) -> Error:
    near = get_close_matches(str(key).upper(), known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"The known names are: {', '.join(sorted(known))}."
    return Error(f"SHEETSYNC has no setting {key!r}.", hint=hint, id="sheetsync.E002")


def _unusable(key: str, error: ValueError) -> Error:
    # The value is left out: it may be a secret, and this text ends in build logs.
    return Error(f"SHEETSYNC[{key!r}] cannot be used.", hint=str(error), id="sheetsync.E003")


def check_encryption_key(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """E004: no key, so that no account could be linked and no source connected."""
    if _in_force("ENCRYPTION_KEYS") != ():
        return []
    hint = f'Put a key into SHEETSYNC["ENCRYPTION_KEYS"], a list. {HOW_TO_MAKE_A_KEY}'
    return [Error("There is no key to encrypt secrets with.", hint=hint, id="sheetsync.E004")]


def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """E005: a SQLite database that would refuse writers. E006: a database that nothing was tested on."""
    ours = {router.db_for_write(model) for model in apps.get_app_config("sheetsync").get_models()}
    found: list[CheckMessage] = []
    for alias in sorted(ours | _of_the_queue()):
        vendor = connections[alias].vendor  # makes the wrapper; it connects when it is first asked something
        if vendor == "sqlite" and (missing := _missing_options(connections.settings[alias].get("OPTIONS") or {})):
            found.append(
                Error(
                    f"The SQLite database {alias!r} lacks {', '.join(missing)}: writers would find it locked.",
                    hint=f'DATABASES[{alias!r}]["OPTIONS"] needs {SQLITE_OPTIONS}.',
                    id="sheetsync.E005",
                )
            )
        elif alias in ours and vendor not in ("sqlite", "postgresql"):
            hint = "Use PostgreSQL or SQLite for sheetsync's tables; a database router can give them one of their own."
            found.append(Error(f"The database {alias!r} is {vendor}.", hint=hint, id="sheetsync.E006"))
    return found


def _of_the_queue() -> set[str]:
    """The database in which django-q2 keeps its queue, where it does: a bell that finds it locked does not ring."""
    alias = _cluster_in_force().get("orm") if _in_force("DISPATCH") == "django_q" else None
    return {str(alias)} & set(connections.settings)


def _missing_options(options: Mapping[str, Any]) -> list[str]:
    """What was measured to be needed: without any one of them, up to a quarter of the writes failed under load."""
    command = str(options.get("init_command") or "")
    present = {
        "the journal mode WAL": _pragma("journal_mode", command) == "WAL",
        # In WAL mode EXCLUSIVE is IMMEDIATE by another name.
        "the transaction mode IMMEDIATE": str(options.get("transaction_mode")).upper() in ("IMMEDIATE", "EXCLUSIVE"),
        "a timeout of 20 seconds or more": _timeout(options.get("timeout"), command) >= 20,
        "a locking mode in which other processes may come in": _pragma("locking_mode", command) != "EXCLUSIVE",
    }
    return [name for name, is_there in present.items() if not is_there]


def _timeout(given: object, command: str) -> float:
    """Seconds. The init command comes after the option, so a busy_timeout in it is the one that counts."""
    milliseconds = _pragma("busy_timeout", command)
    if milliseconds is not None:
        return float(milliseconds) / 1_000 if milliseconds.isdecimal() else 0.0
    return float(given) if isinstance(given, int | float) else 5.0  # Python's own default


def _pragma(name: str, command: str) -> str | None:
    """What the last statement of the init command that sets it says, or None."""
    found = re.findall(PRAGMA.format(name), command, re.IGNORECASE)
    return found[-1].upper() if found else None


def check_pool(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """E008, W008: a pool of connections. Forked workers share its connections, and read one another's rows."""
    command = next(iter(sys.argv[1:2]), "")
    pooled = [alias for alias, config in connections.settings.items() if (config.get("OPTIONS") or {}).get("pool")]
    return [_pool(alias, command) for alias in pooled]


def _pool(alias: str, command: str) -> CheckMessage:
    hint = (
        f'Set DATABASES[{alias!r}]["OPTIONS"]["pool"] in web processes only, for example where an environment variable '
        f"says so that {', '.join(sorted(WORKERS))} do not have."
    )
    if command in WORKERS:
        message = f"{command} must not use the connection pool of the database {alias!r}: processes would share it."
        return Error(message, hint=hint, id="sheetsync.E008")
    message = f"The database {alias!r} has a connection pool, which workers must not use."
    return Warning(message, hint=hint, id="sheetsync.W008")


def check_cluster(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """What django-q2 needs where it is the doorbell.

    E007: it would start a task again that still runs. E009: it is not installed. W010: no cluster of our own.
    E011: a cluster started under a name that came too late.
    """
    if _in_force("DISPATCH") != "django_q":
        return []
    if not apps.is_installed("django_q"):
        hint = 'Add "django_q" to INSTALLED_APPS, or set SHEETSYNC["DISPATCH"] to "polling" and start run_worker.'
        return [Error("Runs are dispatched by django-q2, which is not installed.", hint=hint, id="sheetsync.E009")]
    found = [_retry_within_timeout(), _cluster_of_its_own(), _name_that_counts()]
    return [message for message in found if message]


def _retry_within_timeout() -> CheckMessage | None:
    cluster = _cluster_in_force()
    timeout, retry = cluster.get("timeout"), cluster.get("retry", 60)  # django-q2's own defaults
    if timeout and isinstance(timeout, int | float) and isinstance(retry, int | float) and timeout < retry:
        return None
    return Error(
        f"The cluster {CLUSTER!r} would hand out a task again that still runs: timeout {timeout!r}, retry {retry!r}.",
        hint=f'Set both in Q_CLUSTER["ALT_CLUSTERS"][{CLUSTER!r}], retry above timeout: 960 and 1200, for example.',
        id="sheetsync.E007",
    )


def _cluster_in_force() -> dict[str, Any]:
    """Q_CLUSTER as django-q2 merges it in a process with Q_CLUSTER_NAME=sheetsync."""
    site = _site_clusters()
    entry = {} if _is_the_sites_own(site) else _entry(site)
    return {**site, **entry}


def _site_clusters() -> Mapping[str, Any]:
    given = getattr(django_settings, "Q_CLUSTER", None)
    return given if isinstance(given, Mapping) else {}


def _is_the_sites_own(site: Mapping[str, Any]) -> bool:
    return CLUSTER in (site.get("name"), site.get("cluster_name"))


def _entry(site: Mapping[str, Any]) -> Mapping[str, Any]:
    clusters = site.get("ALT_CLUSTERS")
    entry = clusters.get(CLUSTER) if isinstance(clusters, Mapping) else None
    return entry if isinstance(entry, Mapping) else {}


def _cluster_of_its_own() -> CheckMessage | None:
    site = _site_clusters()
    if _entry(site) and not _is_the_sites_own(site):
        return None
    message = (
        f"ALT_CLUSTERS in Q_CLUSTER has no entry {CLUSTER!r}: the site's own settings decide how runs are executed."
    )
    if _is_the_sites_own(site):
        message = f"The site's own cluster is named {CLUSTER!r}: django-q2 ignores an ALT_CLUSTERS entry of that name."
    return Warning(
        message,
        hint=f'Q_CLUSTER needs a "name" of the site, and "ALT_CLUSTERS": {{{CLUSTER!r}: {CLUSTER_SETTINGS}}}.',
        id="sheetsync.W010",
    )


def _name_that_counts() -> CheckMessage | None:
    """django-q2 reads its settings when the apps are loaded; its option -n is parsed after that (seen in 1.11.1)."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-n", "--name")
    if sys.argv[1:2] != ["qcluster"] or parser.parse_known_args(sys.argv[2:])[0].name != CLUSTER:
        return None
    if os.environ.get("Q_CLUSTER_NAME") == CLUSTER or _is_the_sites_own(_site_clusters()):
        return None
    return Error(
        f"`qcluster -n {CLUSTER}` would serve the queue of the site's own cluster: the option comes too late.",
        hint=f"Start it with the environment variable instead: Q_CLUSTER_NAME={CLUSTER} python manage.py qcluster",
        id="sheetsync.E011",
    )


def check_metrics(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """E012: a token for /metrics, and nothing there to make them with."""
    if _in_force("METRICS_TOKEN") is None or metrics.available():
        return []
    message = 'SHEETSYNC["METRICS_TOKEN"] asks for /metrics, and prometheus-client is not installed: it answers 404.'
    return [Error(message, hint='pip install "sheetsync[metrics]", or take the token out.', id="sheetsync.E012")]


def check_watched(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """E017: a model of WATCH that is not there."""
    found: list[CheckMessage] = []
    entries = _in_force("WATCH")
    for entry in entries if isinstance(entries, tuple) else ():
        try:
            own_orders.model_and_path(entry)
        except LookupError as error:
            found.append(Error(f'SHEETSYNC["WATCH"] {error.args[0]}.', id="sheetsync.E017"))
    return found


FOR_TESTS: tuple[tuple[str, str, Callable[[object], object], str], ...] = (
    (
        "W013",
        "OUTBOUND_HTTP",
        lambda value: value,
        "calls shops over plain http: keys and orders can be read on the way",
    ),
    ("W014", "DISPATCH", lambda value: value == "inline", "does a run's work inside the request that asked for it"),
    ("W015", "WATCH_ISOLATION", lambda value: value, "has the API look at each query a second time, which tests need"),
)
"""Settings that are good for tests and laptops: id, name, whether the value is meant, and what it does."""

ADDRESSES = ("SHEETS_URL", "DRIVE_URL", "GOOGLE_AUTH_URL", "GOOGLE_TOKEN_URL", "GOOGLE_REVOKE_URL")


def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """W013 to W016 and W018, with `--deploy` only: what should be otherwise where real orders and accounts are."""
    found: list[CheckMessage] = [
        Warning(f"SHEETSYNC[{name!r}] {what}.", hint="Leave it out in production.", id=f"sheetsync.{number}")
        for number, name, meant, what in FOR_TESTS
        if meant(_in_force(name))
    ]
    elsewhere = [name for name in ADDRESSES if str(_in_force(name) or "").startswith("http:")]
    if elsewhere:
        message = f"{', '.join(elsewhere)} lead to plain http: what is sent there is not encrypted, and no Google's."
        found.append(Warning(message, hint="Leave them out in production.", id="sheetsync.W016"))
    if not _in_force("ALERT_EMAILS") and (_in_force("ALERT_EMAILS") == () or not django_settings.ADMINS):
        message = "Nobody gets mail when a run is dead, an account needs its owner, or no worker answers."
        hint = 'Name people in SHEETSYNC["ALERT_EMAILS"] or in ADMINS; docs/alerts.md says what they are told.'
        found.append(Warning(message, hint=hint, id="sheetsync.W018"))
    return found


def _in_force(name: str) -> object:
    """A setting's value, or None where it cannot be used, which `check_settings` reports."""
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:
        return None


CHECKS = (
    check_settings, check_encryption_key, check_database, check_pool, check_cluster, check_metrics, check_watched,
)  # fmt: skip
