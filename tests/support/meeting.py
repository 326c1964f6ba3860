"""Two people at once: one is held up in the middle of a transaction, by a lock as the database has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import connection, connections

HELD_UP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"


class Elsewhere:
    """Does things in threads with connections of their own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def __call__(self, do: Callable[..., Any], *arguments: Any, **named: Any) -> Future[Any]:
        return self._pool.submit(self._alone, do, *arguments, **named)

    def _alone(self, do: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return do(*arguments, **named)
        finally:
            connections.close_all()


@contextmanager
def elsewhere(most: int = 8) -> Iterator[Elsewhere]:
    with ThreadPoolExecutor(most) as pool:
        yield Elsewhere(pool)


@contextmanager
def nobody_writes_to(table: str) -> Iterator[None]:
    """PostgreSQL: reading and locking its rows goes on; who adds, changes or deletes one waits until this is over."""
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        other.rollback()
        other.close()


def waiting() -> int:
    """PostgreSQL: how many wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(HELD_UP, [connection.settings_dict["NAME"]])
        return int(cursor.fetchone()[0])


def all_at_once(number: int, do: Callable[[int], Any]) -> list[Any]:
    """So many do it at the same moment, each with a connection of its own. -> what each got, or its exception"""
    gate = Barrier(number)

    def one(which: int) -> Any:
        connection.ensure_connection()
        gate.wait(30)
        return do(which)

    with elsewhere(number) as other:
        tries = [other(one, which) for which in range(number)]
        return [each.exception() or each.result() for each in tries]
