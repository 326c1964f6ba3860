"""`manage.py serve` on data of its own: it can be logged in to, runs what is asked for, and stops as a whole."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
from contextlib import closing

import pytest
import requests
from django.core.management import CommandError, call_command

from tests.support.processes import until
from tests.support.sessions import members, running

SECONDS = 60
READY = "Ctrl-C stops all of them"


def a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def serve(tmp_path):
    """Starts it, each time on the same data."""
    ports = {"--port": str(a_free_port()), "--emulator-port": str(a_free_port())}
    arguments = [text for pair in ports.items() for text in pair]
    arguments += ["--data", str(tmp_path / "emulator"), "--orders", "40"]
    environment = {"DJANGO_DATABASE": "sqlite", "DJANGO_SQLITE_PATH": str(tmp_path / "db.sqlite3")}
    return lambda: running(tmp_path, "serve", *arguments, **environment)


def ask(folder, query):
    with closing(sqlite3.connect(folder / "db.sqlite3")) as connection:
        return connection.execute(query).fetchone()[0]


def log_in(output):
    url, user, password = re.search(r"admin +(\S+) +user (\S+) +password (\S+)", output).groups()
    session = requests.Session()
    session.trust_env = False
    session.get(f"{url}login/", timeout=SECONDS)
    form = {"username": user, "password": password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    session.post(f"{url}login/", data=form, timeout=SECONDS)
    return session, url


@pytest.mark.slow
def test_the_printed_password_opens_the_admin_and_a_run_can_be_started_there(serve, tmp_path):
    with serve() as child:
        child.says(READY)
        session, url = log_in(child.output)
        with session:
            page = session.get(f"{url}sheetsync/automation/1/change/", timeout=SECONDS)
            assert page.status_code == 200 and "Run now" in page.text
        until(lambda: ask(tmp_path, "SELECT count(*) FROM sheetsync_syncrun WHERE status = 'completed'") == 2, "runs")


@pytest.mark.slow
def test_ctrl_c_stops_all_of_them(serve):
    with serve() as child:
        child.says(READY)
        assert len(members(child)) >= 9
        child.signal(signal.SIGINT)
        assert child.wait(SECONDS) == 0
        assert "all stopped; nothing was left running" in child.output and members(child) == {}


@pytest.mark.slow
def test_when_one_ends_the_others_are_stopped_and_told_which_it_was(serve):
    with serve() as child:
        child.says(READY)
        [scheduler] = [pid for pid, command in members(child).items() if "run_scheduler" in command]
        os.kill(scheduler, signal.SIGKILL)
        assert child.wait(SECONDS) == 1
        assert "the scheduler has ended (-9)" in child.output and "The others were stopped." in child.output
        assert members(child) == {}


@pytest.mark.slow
def test_started_again_it_finds_everything_as_it_was(serve, tmp_path):
    for _ in range(2):
        with serve() as child:
            child.says(READY)
            child.signal(signal.SIGINT)
            assert child.wait(SECONDS) == 0
    tables = ("shop_order", "sheetsync_tenant", "sheetsync_googleaccount", "sheetsync_automation", "auth_user")
    assert [ask(tmp_path, f"SELECT count(*) FROM {table}") for table in tables] == [40, 1, 1, 2, 1]  # noqa: S608
    assert ask(tmp_path, "SELECT count(DISTINCT spreadsheet_id) FROM sheetsync_automation") == 1


def test_it_is_for_desks_only(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DJANGO_DEBUG=1"):
        call_command("serve")


def test_a_port_that_is_taken_is_told(settings):
    settings.DEBUG = True
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CommandError, match=f"port {port} of 127.0.0.1 is in use: stop what uses it"):
            call_command("serve", "--port", str(port))
