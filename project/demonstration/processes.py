"""The site's other processes, each the first of a process group of its own; none of them outlives the one that began.

A group of its own keeps Ctrl-C away from them: it reaches this process alone, which tells them to go, one after the
other. A signal to the whole group of a django-q2 cluster would hang it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.management.base import CommandError

from sheetsync.management.stopping import Stopping

READY_SECONDS = 60
PATIENCE = 20
LOOK_SECONDS = 0.1
LAST_LINES = 12
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Somebody wants this to end."""


class Process:
    """One of them. What it prints goes to the file `log`, or to the terminal where there is none."""

    def __init__(self, name: str, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path | None) -> None:
        self.name, self.log = name, log
        self.command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        output: Any = None if log is None else log.open("wb")
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - our own manage.py
                self.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=None if log is None else subprocess.STDOUT,
                process_group=0,
            )
        finally:
            if output is not None:
                output.close()
        self.pid = self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    @property
    def output(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace") if self.log else ""

    def last_words(self) -> str:
        """The end of what it printed, or where that is to be found."""
        return "\n".join(self.output.splitlines()[-LAST_LINES:]) or "its own message, if any, is above"

    def terminate(self) -> None:
        """Ask the main process to go. It tells the others of its group itself."""
        if self.exit_code is None:
            self._popen.terminate()

    def end(self) -> None:
        """Wait until it has gone; whatever is left of its group after that is killed."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(PATIENCE)
        with suppress(ProcessLookupError, PermissionError):  # the second: macOS, where only a zombie is left
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


class Processes:
    """Starts them, says when one has ended, and stops them all. To be made in the main thread.

    The first that is started is stopped last: the others are its clients.
    """

    def __init__(self, environment: Mapping[str, str], logs: Path | None = None) -> None:
        self.environment, self.logs = dict(environment), logs
        self._all: list[Process] = []
        self._handlers = {number: signal.getsignal(number) for number in SIGNALS}
        self.stopping = Stopping()
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # a closed terminal; under nohup it is ignored
            signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # nobody's impatience leaves processes behind
        first, others = self._all[:1], self._all[1:]
        for wave in (others, first):
            for process in wave:
                process.terminate()
            for process in wave:
                process.end()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self, name: str, *arguments: str, log: Path | None = None, **environment: str) -> Process:
        """Start `manage.py` with these arguments."""
        log = log or (self.logs and self.logs / f"{name}.log")
        process = Process(name, arguments, self.environment | environment, log)
        self._all.append(process)
        return process

    def cluster(self) -> Process:
        """A django-q2 cluster for sheetsync's tasks. Its name has to be in the environment: see project/settings.py."""
        return self.start("cluster", "qcluster", Q_CLUSTER_NAME="sheetsync")

    def pause(self, seconds: float = LOOK_SECONDS) -> None:
        """Wait a little. Raises Interrupted where somebody asks to stop, CommandError where a process has ended."""
        self.stopping.wait(seconds)
        if self.stopping():
            raise Interrupted
        for process in self._all:
            if process.exit_code is not None:
                raise CommandError(f"the {process.name} has ended ({process.exit_code}):\n{process.last_words()}")

    def last_words(self) -> str:
        """Of each of them."""
        return "\n".join(f"the {process.name}:\n{process.last_words()}" for process in self._all)

    def says(self, process: Process, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait until it has printed this."""
        deadline = time.monotonic() + READY_SECONDS
        while (found := pattern.search(process.output)) is None:
            self.pause()
            if time.monotonic() > deadline:
                raise CommandError(f"the {process.name} is not ready after {READY_SECONDS} s:\n{process.last_words()}")
        return found
