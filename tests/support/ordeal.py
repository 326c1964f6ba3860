"""One large export by the real service, which is hurt again and again while it works.

The emulator, the scheduler and a django-q2 cluster are processes of their own. What is left in the end are plain facts:
what the run, its attempts and the tab say, and what was done to them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from sheetsync.emulator.disk.journal import Journal
from sheetsync.models import Automation, GoogleAccount, Source, SyncRun, Tenant
from sheetsync.trigger import request_run
from tests.support.processes import MANAGE, Child, Children, until

PATIENCE = 300
TAB = "Orders"
KILOBYTE = 1024


@dataclass
class Facts:
    """What there is to judge by.

    `leases`: the tokens of all leases that were seen; `struck`: of those whose worker was killed. `shutdown`: the exit
    code of the cluster that was told to stop, the processes that it left behind, and the run before and after.
    `commits`: their numbers, as applied. `peaks`: the most memory that any worker took beyond what it began with, in
    bytes, until the walk was over, and after.
    """

    run: dict = field(default_factory=dict)
    attempts: list[dict] = field(default_factory=list)
    rows: list[list] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    leases: set[str] = field(default_factory=set)
    struck: list[str] = field(default_factory=list)
    shutdown: tuple = ()
    peaks: dict[str, int] = field(default_factory=lambda: {"walk": 0, "end": 0})
    story: list[str] = field(default_factory=list)


class Ordeal:
    """The service, at work on one run from `begin` on. It is hurt by `strike` and `shut_down`."""

    scheduler: Child
    cluster: Child
    run: SyncRun

    def __init__(self, children: Children, folder: Path) -> None:
        self.children = children
        self.data = folder / "emulator"
        # Without snapshots, because in the end the journal is asked for every commit.
        serve = [*MANAGE, "sheets_emulator", "--port", "0", "--data", str(self.data), "--compact-at", "0"]
        self.emulator = children.start("emulator", serve)
        self.emulator.says("service account file")
        self.url = re.findall(r"http://\S+", self.emulator.output)[0]
        self.book = self._asked("post", "/_emulator/spreadsheets", json={"title": "Real"})["spreadsheetId"]
        children.environment["SHEETSYNC_PACING"] = "off"
        children.settings["SHEETS_URL"] = self.url
        self.facts = Facts()
        self._started = time.monotonic()
        self._seen: tuple = ()

    def begin(self, source: Path, total: int, columns: list[dict], max_attempts: int) -> None:
        """Everybody who is to work on it, and a run of an automation that has a row per line of `total` orders."""
        self.total = total
        tenant = Tenant.objects.create(name="Real shop")
        GoogleAccount.link_service_account(tenant, json.loads((self.data / "service-account.json").read_text()))
        orders = Source.objects.create(tenant=tenant, name="file", kind="file", config={"path": str(source)})
        place = {"spreadsheet_id": self.book, "tab_title": TAB}
        automation = Automation.objects.create(
            tenant=tenant, source=orders, name="Real orders", rows_per="line", status="active", **place
        )
        automation.set_columns(columns)
        self.scheduler, self.cluster = self.children.scheduler(), self.children.qcluster()
        self._started = time.monotonic()
        self.run = request_run(automation, trigger=SyncRun.Trigger.MANUAL, max_attempts=max_attempts).run

    def look(self) -> SyncRun:
        """The run as the database has it now; what is new about it goes into the story."""
        self.run.refresh_from_db()
        run, attempt = self.run, self.run.attempt_log.last()
        seen = (run.status, run.lease_token, run.attempts, run.checkpoint.get("mended"))
        if seen != self._seen:
            self._seen = seen
            done = {name: run.counters.get(name, 0) for name in ("orders", "inserted", "unchanged", "reads", "writes")}
            slices = attempt.slices if attempt else 0
            self.tell(f"{run.status:9} attempt {run.attempts}, slice {slices}, {done}, mended {seen[3]}")
        if run.status == SyncRun.Status.RUNNING:
            self.facts.leases.add(run.lease_token or "")
            self._weigh(run.lease_worker)
        return run

    def orders(self):
        """How far the walk has come."""
        return self.run.counters.get("orders", 0)

    def tell(self, what: str) -> None:
        self.facts.story.append(f"{time.monotonic() - self._started:6.1f} s  {what}")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Look until this is so, or the run is over."""
        until(lambda: not self.look().is_active or condition(), what, PATIENCE, every=0.05)

    def rest(self, seconds: float) -> None:
        """Go on looking for so long."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, "the time to pass")

    def held(self) -> bool:
        """Whether a worker has the run in its hands that nobody has killed yet."""
        return self.run.status == SyncRun.Status.RUNNING and self.run.lease_token not in self.facts.struck

    def strike(self) -> bool:
        """Kill the worker that holds the lease. -> False where the run was over before.

        It is frozen first, so that what the database says of it is still true when it dies. One that has just put the
        run back is let go: an idle django-q2 worker takes the lock of its queue into the grave, and nobody else ever
        gets a task (https://github.com/django-q2/django-q2/issues/23).
        """
        while True:
            self.until(self.held, "a worker to hold the run")
            if not self.run.is_active:
                return False
            pid = int(self.run.lease_worker.rpartition(":")[2])
            assert pid in self.cluster.family()
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                time.sleep(0.05)  # a statement that it had sent already is executed meanwhile
                self.look()
                if self.held() and self.run.lease_worker.endswith(f":{pid}"):
                    os.kill(pid, signal.SIGKILL)
                    self.facts.struck.append(self.run.lease_token or "")
                    self.tell(f"worker {pid} is killed")
                    return True
                os.kill(pid, signal.SIGCONT)

    def shut_down(self) -> None:
        """SIGTERM to the main process of the cluster while a worker of it has the run; then start another cluster."""
        self.until(self.held, "a worker to hold the run")
        before = self._values()
        self.tell("the cluster is told to stop")
        code = self.cluster.stop(PATIENCE)
        self.look()
        self.facts.shutdown = (code, self.cluster.family(), before, self._values())
        self.tell(f"the cluster has ended with {code}")
        self.cluster = self.children.qcluster()

    def finish(self) -> Facts:
        """Wait until the run is over, stop everything, and collect the facts."""
        self.until(lambda: False, "the run to be over")
        facts = self.facts
        facts.run = self._values()
        facts.attempts = [dict(each) for each in self.run.attempt_log.order_by("number").values()]
        assert self.cluster.stop() == 0 and self.scheduler.stop() == 0
        everything = {"valueRenderOption": "UNFORMATTED_VALUE"}
        facts.rows = self._asked("get", f"/v4/spreadsheets/{self.book}/values/{TAB}", params=everything)["values"][1:]
        assert self.emulator.stop() == 0
        facts.commits = [int(number) for record in Journal(self.data).read() for number in _numbers(record)]
        self.tell("all is stopped")
        return facts

    def _values(self):
        return SyncRun.objects.filter(pk=self.run.pk).values().get()

    def _asked(self, method, path, **request):
        headers = {"Authorization": "Bearer test"}
        reply = requests.request(method, self.url + path, headers=headers, timeout=120, **request)
        reply.raise_for_status()
        return reply.json()

    def _weigh(self, worker: str) -> None:
        with suppress(FileNotFoundError, ProcessLookupError, TypeError):  # it may end under our eyes
            pid = int(worker.rpartition(":")[2])
            parent = _status(pid, "PPid")
            peak = (_status(pid, "VmHWM") - _status(parent, "VmRSS")) * KILOBYTE
            part = "walk" if self.orders() < self.total else "end"
            self.facts.peaks[part] = max(peak, self.facts.peaks[part])


def _status(pid, name):
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1])


def _numbers(record: dict) -> list[str]:
    """The numbers of the commits that this applied call made: one, or none."""
    requested = json.loads(record.get("body", "{}")).get("requests", [])
    made = [
        each["createDeveloperMetadata"]["developerMetadata"] for each in requested if "createDeveloperMetadata" in each
    ]
    return [each["metadataValue"].split()[0] for each in made if each["metadataKey"] == "sheetsync.commit"]
