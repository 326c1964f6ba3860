"""Which database the tests run on, and which tests that leaves out.

`pytest` runs all tests on SQLite. `DJANGO_DATABASE=postgresql pytest` runs those that use the database on PostgreSQL:
on the server that PGHOST names, else on one of this run's own.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.support import postgres

# Fixtures of pytest-django that open the database; all its others that do rest on one of these.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
NO_SERVER = (
    "No test ran on PostgreSQL: no initdb and postgres here. "
    "Install a PostgreSQL server (it need not run), name its programs' folder by SHEETSYNC_POSTGRES_BIN, "
    "or name a running one by PGHOST."
)


def start_server() -> postgres.Server | None:
    """A server of this run's own, where one is needed; libpq finds it through the environment, as do children."""
    if connection.vendor != "postgresql" or os.environ.get("PGHOST"):
        return None
    binaries = postgres.find_binaries()
    if not binaries and os.environ.get("CI") == "true":
        raise pytest.UsageError(NO_SERVER)
    if not binaries:
        pytest.exit(NO_SERVER, returncode=0)
    server = postgres.Server(binaries)
    os.environ.update(server.environment)
    return server


def describe(server: postgres.Server | None) -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}, in a file"
    which = f"{server.version}, started for this run" if server else f"at PGHOST={os.environ['PGHOST']}"
    return f"PostgreSQL {which}; only the tests that use it"


@contextmanager
def named_for_this_process(folder: Path) -> Iterator[None]:
    """A name for the test database that no other process uses, and its removal.

    SQLite's is a file in `folder`, because threads and processes open connections of their own.
    """
    sqlite = connection.vendor == "sqlite"
    name = str(folder / "test.sqlite3") if sqlite else f"test_sheetsync_{secrets.token_hex(6)}"
    connection.settings_dict["TEST"]["NAME"] = name
    yield
    connection.close()
    remove = _remove_file if sqlite else _drop
    remove(name)


def _remove_file(name: str) -> None:
    """With the log of its writes, which a connection that was never closed leaves behind."""
    for left in Path(name).parent.glob(f"{Path(name).name}*"):
        left.unlink()


def _drop(name: str) -> None:
    """Whoever is still connected: Django's own way waits for the last session, and a thread's may never be closed."""
    from psycopg import connect, sql

    with connect(dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def child_environment() -> dict[str, str]:
    """The environment in which a child process works on the running test's database.

    Only for tests that commit: `django_db(transaction=True)`. Others keep their rows, and on SQLite the one write lock,
    to themselves.
    """
    name = str(connection.settings_dict["NAME"])
    if name != connection.settings_dict["TEST"]["NAME"] or connection.in_atomic_block:
        raise RuntimeError("A child process sees a test's rows only under django_db(transaction=True).")
    place = "DJANGO_SQLITE_PATH" if connection.vendor == "sqlite" else "PGDATABASE"
    return os.environ | {"DJANGO_DATABASE": connection.vendor, place: name}


def reason_to_leave_out(item: pytest.Item) -> str | None:
    """Why this test does not run here, or None. A test that cannot run is left out and counted, never skipped."""
    only_on = item.get_closest_marker("only_on")
    if only_on and connection.vendor not in only_on.args:
        return f"only on {' or '.join(only_on.args)}"
    if connection.vendor == "postgresql" and not only_on and not _uses_database(item):
        return "no use of the database"
    if item.get_closest_marker("thorough") and os.environ.get("SHEETSYNC_THOROUGH") != "1":
        return "make chaos runs them"
    if item.get_closest_marker("long") and os.environ.get("SHEETSYNC_QUICK") == "1":
        return "make chaos without QUICK=1 runs them"
    for marker in item.iter_markers("needs"):
        if not marker.args[0].exists():
            return f"{marker.args[0].name} is not beside the checkout"
    return None


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & fixtures)
