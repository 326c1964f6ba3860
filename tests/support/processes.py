"""Child processes of one test: workers, schedulers, clusters on the test's own database. None outlives its test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

from tests.support.watching import WATCH

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def until(condition: Callable[[], Any], what: str, seconds: float = 60, every: float = 0.02) -> Any:
    """What `condition` returns as soon as that is true. Fails, saying what was waited for, when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(every)
    return found


class Child:
    """A running process, the first of a process group of its own. What it prints is kept in a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self.process.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def says(self, text: str, seconds: float = 60) -> None:
        """Wait until it has printed this."""
        until(lambda: text in self.output or not self.is_running, f"{text!r} in the output of {self.pid}", seconds)
        assert text in self.output, f"ended with {self.process.returncode}:\n{self.output}"

    def signal(self, number: signal.Signals) -> None:
        """To this process alone, not to its group."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """The way the kernel does it when memory runs out."""
        self.signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self, seconds: float = 30) -> int:
        """Ask it to go, and wait. -> its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float = 30) -> int:
        """Wait until it has ended by itself. -> its exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"process {self.pid} was still there after {seconds} s:\n{self.output}") from None

    def freeze(self) -> None:
        """Stop it where it stands, as a laptop's lid or a virtual machine's snapshot does."""
        self.signal(signal.SIGSTOP)
        until(lambda: _state(self.pid) == "T", f"process {self.pid} to stand still")

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def family(self) -> list[int]:
        """The living processes of its group, orphans too."""
        return [pid for pid, _, group in _living() if group == self.pid]

    def offspring(self) -> list[int]:
        """The living processes that it started itself."""
        return [pid for pid, parent, _ in _living() if parent == self.pid]

    def end(self) -> None:
        """Whatever is left of its group is gone after this, stopped or frozen or not."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(30)
        until(lambda: not self.family(), f"the group of {self.pid} to be gone")


def _living() -> list[tuple[int, int, int]]:
    """Process, parent and group of everything that is more than a zombie."""
    listed = subprocess.run(["ps", "-A", "-o", "stat=,pid=,ppid=,pgid="], check=True, capture_output=True, text=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return [(int(pid), int(parent), int(group)) for state, pid, parent, group in rows if state[0] != "Z"]


def _state(pid: int) -> str:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
    return listed.stdout.strip()[:1]


class Children:
    """Starts processes, and ends all of them when the test is over.

    Settings are given by name: `worker(LEASE_SECONDS=2)` works with SHEETSYNC_LEASE_SECONDS=2. Those in `settings` are
    for every child that is started from now on.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = dict(environment)
        self.settings: dict[str, Any] = {}
        self.folder = folder
        self.all: list[Child] = []
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.all:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        for child in self.all:
            child.end()
            WATCH.look_at(f"the output of {child.log.name}", child.output)

    def start(self, name: str, command: list[str], **settings: Any) -> Child:
        chosen = {f"SHEETSYNC_{key}": str(value) for key, value in (self.settings | settings).items()}
        log = self.folder / f"{name}-{next(self._numbers)}.log"
        child = Child(command, self.environment | chosen, log)
        self.all.append(child)
        return child

    def worker(self, **settings: Any) -> Child:
        return self.start("worker", [*MANAGE, "run_worker"], **settings)

    def scheduler(self, **settings: Any) -> Child:
        return self.start("scheduler", [*MANAGE, "run_scheduler"], **settings)

    def qcluster(self, **settings: Any) -> Child:
        """The django-q2 cluster of our own tasks. Signal its main process only: the group would hang."""
        self.environment["Q_CLUSTER_NAME"] = "sheetsync"
        child = self.start("qcluster", [*MANAGE, "qcluster"], **settings)
        del self.environment["Q_CLUSTER_NAME"]
        return child

    def python(self, code: str, name: str = "python", **settings: Any) -> Child:
        """Some code with Django set up."""
        return self.start(name, [*MANAGE, "shell", "--verbosity", "0", "--command", code], **settings)
