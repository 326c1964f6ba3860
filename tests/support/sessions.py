"""A command that starts other commands: all that belong to it are in the session of its own that it was started in."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.processes import MANAGE, Child, until


def members(child: Child) -> dict[int, str]:
    """{pid: its command line} of the living processes of the session that this child leads."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,sess=,stat=,args="], check=True, capture_output=True, text=True
    )
    rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return {
        int(pid): args for pid, session, state, args in rows if int(session) == child.pid and not state.startswith("Z")
    }


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Child]:
    """`manage.py` with these arguments, in a session of its own that is empty afterwards."""
    child = Child([*MANAGE, *arguments], os.environ | environment, folder / f"{arguments[0]}.log")
    try:
        yield child
    finally:
        for pid in members(child):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.process.wait(30)
        until(lambda: not members(child), "its session to be empty")
