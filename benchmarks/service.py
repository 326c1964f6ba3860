"""An empty database and an emulator, for as long as a benchmark runs. Importing it sets Django up."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.db import connection  # noqa: E402 - settings first
from django.test.utils import override_settings  # noqa: E402

from tests.support import postgres  # noqa: E402
from tests.support.processes import MANAGE, Children  # noqa: E402

RATES = ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")


@dataclass(frozen=True)
class Service:
    """What a benchmark works with. `key`: the emulator's service account."""

    folder: Path
    url: str
    key: dict[str, Any]

    def spreadsheet(self, title: str) -> str:
        """The id of an empty one."""
        reply = requests.post(f"{self.url}/_emulator/spreadsheets", json={"title": title}, timeout=30)
        return str(reply.json()["spreadsheetId"])


@contextmanager
def running() -> Iterator[Service]:
    """A database of this process's own, with all tables, and an emulator in a process of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="sheetsync-")))
        stack.enter_context(_database(folder))
        children = stack.enter_context(Children(os.environ, folder))
        data = folder / "emulator"
        emulator = children.start("emulator", [*MANAGE, "sheets_emulator", "--port", "0", "--data", str(data)])
        emulator.says("service account file")
        url = re.findall(r"http://\S+", emulator.output)[0]
        key = json.loads((data / "service-account.json").read_text())
        stack.enter_context(override_settings(SHEETSYNC=_settings(url)))
        yield Service(folder, url, key)


def describe_database() -> str:
    """Its kind and version."""
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _settings(url: str) -> dict[str, Any]:
    from django.conf import settings

    return {**settings.SHEETSYNC, **dict.fromkeys(RATES), "SHEETS_URL": url, "DISPATCH": "polling"}


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        if connection.vendor == "postgresql" and not os.environ.get("PGHOST"):
            server = _server()
            stack.callback(server.stop)
            os.environ.update(server.environment)
        in_file = str(folder / "benchmark.sqlite3")
        name = in_file if connection.vendor == "sqlite" else f"benchmark_sheetsync_{os.getpid()}"
        connection.settings_dict["TEST"]["NAME"] = name
        connection.creation.create_test_db(verbosity=0, serialize=False)
        stack.callback(connection.creation.destroy_test_db, name, verbosity=0)
        yield


def _server() -> postgres.Server:
    binaries = postgres.find_binaries()
    if binaries is None:
        sys.exit("No PostgreSQL server here: install one (it need not run), or name a running one by PGHOST.")
    return postgres.Server(binaries)
