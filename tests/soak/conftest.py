"""Real processes of a whole site on the test's own database, and one emulator."""

from __future__ import annotations

import socket

import pytest
from django.conf import settings

from tests.support.processes import MANAGE, Children
from tests.support.soak.receiver import DROP, MAKE


@pytest.fixture
def children(child_environment, world, tmp_path):
    environment = child_environment | {
        "DJANGO_SETTINGS_MODULE": "tests.support.soak.settings",
        "SHEETSYNC_SHEETS_URL": world.url,
        "SHEETSYNC_ENCRYPTION_KEYS": ",".join(settings.SHEETSYNC["ENCRYPTION_KEYS"]),
    }
    with Children(environment, tmp_path) as children:
        yield children


@pytest.fixture
def deliveries(transactional_db):
    """The table in which the receiver keeps what came."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(MAKE)
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP)


@pytest.fixture
def site(children, deliveries):
    """Starts a web process, with a thread for each connection as hosts have them. -> its address"""

    def start():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        web = children.start("web", [*MANAGE, "runserver", "--noreload", "--skip-checks", address])
        web.says("Quit the server")
        return f"http://{address}"

    return start
