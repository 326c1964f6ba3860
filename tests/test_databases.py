"""The tests' own databases: real processes reach them, and nothing of them is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from tests.support import databases

ROOT = Path(__file__).resolve().parents[1]
COUNT = "from django.contrib.auth.models import Group; print(Group.objects.filter(name='seen').count())"


def shell(code, environment):
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "--command", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_what_a_test_committed(child_environment):
    Group.objects.create(name="seen")
    assert shell(COUNT, child_environment) == "1"


@pytest.mark.django_db(transaction=True)
def test_a_test_sees_what_another_process_committed(child_environment):
    shell("from django.contrib.auth.models import Group; Group.objects.create(name='child')", child_environment)
    assert Group.objects.filter(name="child").exists()


@pytest.mark.django_db
def test_a_test_that_never_commits_has_no_children():
    with pytest.raises(RuntimeError, match="transaction=True"):
        databases.child_environment()


@pytest.mark.django_db
def test_the_database_is_the_one_that_the_run_announced():
    assert connection.vendor == os.environ.get("DJANGO_DATABASE", "sqlite")


def run(*arguments, **environment):
    """Another pytest, in an environment without a server that this one may have started."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run(command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=120)


ANNOUNCED = "tests/test_databases.py::test_the_database_is_the_one_that_the_run_announced"


@pytest.mark.slow
def test_a_run_on_sqlite_leaves_no_database_behind(tmp_path):
    done = run(ANNOUNCED, "--basetemp", str(tmp_path / "run"), DJANGO_DATABASE="sqlite")
    assert "1 passed" in done.stdout and "database: SQLite" in done.stdout
    assert list(tmp_path.rglob("database*")) != [] and list(tmp_path.rglob("*.sqlite3*")) == []


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "code"), [("false", 0), ("true", 4)])  # 4: pytest's for a wrong use of it
def test_a_machine_without_postgresql_says_so_loudly_and_fails_only_as_ci(tmp_path, ci, code):
    done = run(ANNOUNCED, DJANGO_DATABASE="postgresql", SHEETSYNC_POSTGRES_BIN=str(tmp_path), CI=ci)
    assert (done.returncode, "No test ran on PostgreSQL" in done.stderr) == (code, True)


@pytest.mark.slow
def test_tests_that_cannot_run_are_left_out_and_counted():
    done = run("tests/chaos/test_real_orders.py", "tests/test_package.py", SHEETSYNC_THOROUGH="0")
    assert "tests, make chaos runs them" in done.stdout and "skipped" not in done.stdout


@pytest.mark.only_on("postgresql")
def test_a_server_ends_with_the_process_that_started_it_even_a_killed_one():
    code = (
        "from tests.support.postgres import *; server = Server(find_binaries()); print(server.folder, flush=True);"
        "signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        process.kill()
    for _ in range(200):
        if not folder.exists():
            break
        time.sleep(0.1)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
