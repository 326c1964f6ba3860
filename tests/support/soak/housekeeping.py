"""What a host does to its SQLite file while everything runs: backups, long reports, checkpoints of the log."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from random import Random

from tests.support.soak.people import pace
from tests.support.soak.plan import Journal, Plan

LONG_READ, EVERY = 4.0, 12.0
DONE = "ok"


def keep_house(plan: Plan, journal: Journal, until: float, random: Random) -> None:
    """One chore after the other, by a connection like that of the command line tool `sqlite3`."""
    if not plan.database:
        return
    chores = [back_up, read_long, check_point, shorten_the_log]
    for number, _ in enumerate(pace(min(EVERY, plan.seconds / 5), until, random)):
        chore = chores[number % len(chores)]
        with closing(sqlite3.connect(plan.database, timeout=1, isolation_level=None)) as connection:
            with journal.timed(chore.__name__) as entry:
                entry.detail = chore(connection, plan.database)
            entry.log = Path(f"{plan.database}-wal").stat().st_size


def back_up(connection: sqlite3.Connection, database: str) -> str:
    """A copy of one moment. -> "ok" where that is whole."""
    copy = Path(f"{database}.backup")
    with closing(sqlite3.connect(copy)) as target:
        connection.backup(target)
        (verdict,) = target.execute("PRAGMA integrity_check").fetchone()
    copy.unlink()
    return str(verdict)


def read_long(connection: sqlite3.Connection, database: str) -> str:
    """A transaction that reads, and stays open for seconds: the log cannot be emptied meanwhile."""
    connection.execute("BEGIN")
    before = connection.execute("SELECT count(*) FROM sheetsync_syncrun").fetchone()
    time.sleep(LONG_READ)
    after = connection.execute("SELECT count(*) FROM sheetsync_syncrun").fetchone()
    connection.execute("ROLLBACK")
    return DONE if before == after else f"a transaction saw {before} and then {after}"


def check_point(connection: sqlite3.Connection, database: str) -> str:
    """What is in the log goes to the file, as far as no reader needs it."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return DONE


def shorten_the_log(connection: sqlite3.Connection, database: str) -> str:
    """The same, and the log is emptied where nobody reads it within a second; until then writers wait."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return DONE
