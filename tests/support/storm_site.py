"""Web processes of one service on the test's own database, which can be killed and come back at the same address."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection
from typing import Any
from uuid import UUID

from django.conf import settings

from tests.support import paced_settings
from tests.support.processes import MANAGE, Child, Children


def environment(**chosen: Any) -> dict[str, str]:
    """For processes of a site that is no developer's, with the keys of this one. `chosen`: settings of sheetsync."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.support.storm_settings",
        "DJANGO_DEBUG": "0",
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "SHEETSYNC_ENCRYPTION_KEYS": ",".join(settings.SHEETSYNC["ENCRYPTION_KEYS"]),
        paced_settings.EXTRA: json.dumps(chosen),
    }


class Web:
    """A web server with a thread for each connection."""

    def __init__(self, children: Children) -> None:
        self._children = children
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{self.address}"
        self.process = self._started()

    def ready(self) -> None:
        """It listens, and has loaded all that a first request loads."""
        self.process.says("Quit the server")
        connection = HTTPConnection(self.address, timeout=60)
        connection.request("POST", f"/webhooks/{UUID(int=0)}/shopify", b"{}")
        assert connection.getresponse().status == 401
        connection.close()

    def die(self) -> None:
        """In the middle of whatever it does; another one takes its place."""
        self.process.kill()
        self.process = self._started()

    def _started(self) -> Child:
        return self._children.start("web", [*MANAGE, "runserver", "--noreload", "--skip-checks", self.address])
