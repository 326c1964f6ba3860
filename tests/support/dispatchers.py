"""Every way of ringing, as the suite in tests/dispatch needs it. A new one is a class here, and a place in the list."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import connection

from tests.support import letters, redis_server
from tests.support.processes import Child, Children


class Dispatcher:
    """`setting`: what SHEETSYNC["DISPATCH"] says. `queued`: whether bells wait somewhere until they are answered."""

    setting: ClassVar[str]
    queued: ClassVar[bool] = True

    def __init__(self, children: Children, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.children, self.folder, self.monkeypatch = children, folder, monkeypatch

    @classmethod
    def missing(cls) -> str | None:
        """Why it cannot be tested here, or None."""
        return None

    def set_up(self) -> None:
        """What has to be there before anybody rings, in this process or in a child."""

    def tear_down(self) -> None:
        """Leave nothing behind, whatever became of the test."""

    def start(self, **settings: Any) -> list[Child]:
        """Workers that answer; they are ready when this returns."""
        return []

    def waiting(self) -> int:
        """How many bells there are that nobody has taken."""
        return 0

    def go_down(self) -> None:
        """From now on nobody can ring."""
        raise NotImplementedError("nothing waits anywhere")

    def come_back(self) -> None:
        """What waited before may be gone."""
        raise NotImplementedError("nothing waits anywhere")


class Polling(Dispatcher):
    setting, queued = "polling", False

    def start(self, **settings: Any) -> list[Child]:
        workers = [self.children.worker(**settings) for _ in range(2)]
        for worker in workers:
            worker.says("worker ready")
        return workers


class Inline(Dispatcher):
    setting, queued = "inline", False


class DjangoQ(Dispatcher):
    """With the queue that the database is."""

    setting = "django_q"
    down = False

    def start(self, **settings: Any) -> list[Child]:
        cluster = self.children.qcluster(**settings)
        cluster.says("pushing tasks at")
        return [cluster]

    def waiting(self) -> int:
        from django_q.models import OrmQ

        return int(OrmQ.objects.count())

    def go_down(self) -> None:
        self._rename("django_q_ormq", "django_q_gone")
        self.down = True

    def come_back(self) -> None:
        self._rename("django_q_gone", "django_q_ormq")
        self.down = False

    def tear_down(self) -> None:
        if self.down:
            self.come_back()

    def _rename(self, old: str, new: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


class DjangoQOnRedis(DjangoQ):
    """With a server of its own: without receipts, what a worker has taken is lost with it."""

    @classmethod
    def missing(cls) -> str | None:
        return redis_server.missing()

    def set_up(self) -> None:
        from django_q.conf import Conf

        self.server = redis_server.RedisServer(self.folder)
        self.server.start()
        self.children.environment["DJANGO_REDIS_URL"] = self.server.url
        # django-q2 has read this process's settings, where there was no Redis yet; it does so only once.
        self.monkeypatch.setattr(Conf, "ORM", None)
        self.monkeypatch.setattr(Conf, "REDIS", self.server.url)

    def tear_down(self) -> None:
        self.server.stop()

    def waiting(self) -> int:
        return self.server.length("django_q:sheetsync:q")

    def go_down(self) -> None:
        self.server.stop()

    def come_back(self) -> None:
        self.server.start()


class HostsOwn(Dispatcher):
    """A function by its dotted path."""

    setting = "tests.support.letters.ring"

    def set_up(self) -> None:
        self.letters = self.folder / "letters"
        self.letters.mkdir()
        self.children.environment[letters.FOLDER] = str(self.letters)
        self.monkeypatch.setenv(letters.FOLDER, str(self.letters))

    def start(self, **settings: Any) -> list[Child]:
        answering = "from tests.support.letters import answer; answer()"
        workers = [self.children.python(answering, **settings) for _ in range(2)]
        for worker in workers:
            worker.says("answering")
        return workers

    def waiting(self) -> int:
        return len(letters.waiting(self.letters))

    def go_down(self) -> None:
        self.letters.rename(self.folder / "gone")

    def come_back(self) -> None:
        (self.folder / "gone").rename(self.letters)


DISPATCHERS = [DjangoQ, DjangoQOnRedis, Polling, Inline, HostsOwn]


def reason_to_leave_out(item: pytest.Item) -> str | None:
    """As in `databases.py`: a test with a dispatcher that cannot be had here is left out and counted."""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    chosen = (each for each in values if isinstance(each, type) and issubclass(each, Dispatcher))
    return next(filter(None, (each.missing() for each in chosen)), None)
