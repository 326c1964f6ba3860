"""Every moment at which a worker can die so that it makes a difference: before and after each statement, commit, call.

A worker is forked from the test, which has everything loaded already, and counts the boundaries it passes. Told to
die at the n-th, it kills itself with SIGKILL, in the middle of whatever else its threads do. Nothing in the product
knows of it: statements are seen by Django's own hook, commits and calls by wrapping the connection's and the HTTP
adapter's methods.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from requests.adapters import HTTPAdapter

LABELS = ("statement", "commit", "call")


class Boundaries:
    """Counts what is passed, and dies at the `last` of them. `journal`: a file that gets a line for each."""

    def __init__(self, last: int | None, journal: Path) -> None:
        self.last = last
        self.passed = 0
        self._lock = threading.Lock()
        self._journal = journal.open("w", buffering=1)

    def around(self, label: str, act: Callable[[], Any]) -> Any:
        """One act, with a boundary before and after it."""
        self._pass(f"before {label}")
        result = act()
        self._pass(f"after {label}")
        return result

    def _pass(self, label: str) -> None:
        with self._lock:
            self.passed += 1
            self._journal.write(label + "\n")
            if self.passed == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """From now on, in this process: every connection that is opened, in any thread, and every call."""
        connection_created.connect(self._watch_connection, weak=False)
        send = HTTPAdapter.send

        def watched(adapter: HTTPAdapter, request: Any, **options: Any) -> Any:
            return self.around("call", lambda: send(adapter, request, **options))

        HTTPAdapter.send = watched  # type: ignore[assignment, method-assign]

    def _watch_connection(self, connection: Any, **_: Any) -> None:
        if self._statement in connection.execute_wrappers:  # opened again
            return
        commit = connection._commit
        connection._commit = lambda: self.around("commit", commit)
        connection.execute_wrappers.append(self._statement)

    def _statement(self, execute: Callable[..., Any], *call: Any) -> Any:
        return self.around("statement", lambda: execute(*call))


class Fork:
    """The work in a process of its own, which dies at its boundary; `last` None lets it live."""

    def __init__(self, work: Callable[[], Any], last: int | None, journal: Path) -> None:
        self.journal = journal
        connections.close_all()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of this process are of no use to the child
            self.pid = os.fork()
        if self.pid == 0:
            _be_the_child(work, Boundaries(last, journal))

    def wait(self) -> int:
        """-> its exit code, negative for a signal. One that ends by an error of its own is an error of the test."""
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        told = self.journal.with_suffix(".error")
        assert code in (0, -signal.SIGKILL), f"a process ended with {code}:\n{told.read_text()}"
        return code


def forked(work: Callable[[], Any], last: int | None, journal: Path) -> int:
    """Do the work in a process of its own, and wait for its end. -> its exit code, negative for a signal."""
    return Fork(work, last, journal).wait()


def _be_the_child(work: Callable[[], Any], boundaries: Boundaries) -> None:
    code = 1
    try:
        sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - this process ends without closing anything
        boundaries.watch()
        work()
        code = 0
    except BaseException:
        with suppress(OSError):
            Path(boundaries._journal.name).with_suffix(".error").write_text(traceback.format_exc())
    finally:
        os._exit(code)
