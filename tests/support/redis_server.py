"""A Redis server of a test's own, on a free port of this machine; nothing it holds is kept."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.support.processes import until


def missing() -> str | None:
    """Why there can be none here, or None."""
    if not find_spec("redis"):
        return "no Python client for Redis here (pip install redis)"
    return None if shutil.which("redis-server") else "no redis-server here"


class RedisServer:
    """Can be stopped and started again at the same address, as for an upgrade: empty then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return once it answers."""
        address = ["--port", str(self.port), "--bind", "127.0.0.1"]
        kept = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(["redis-server", *address, *kept], stdout=log, stderr=subprocess.STDOUT)
        until(self._answers, f"Redis at port {self.port}")

    def stop(self) -> None:
        """It is gone after this, and so is what it held."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def hang(self) -> None:
        """Whoever asks it something from now on is not answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def length(self, key: str) -> int:
        """How many messages wait in this queue."""
        from redis import Redis

        with Redis.from_url(self.url) as client:
            return int(client.llen(key))

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
