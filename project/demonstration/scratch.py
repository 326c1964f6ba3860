"""A folder and a database that nobody else has, and settings that do not keep anybody waiting."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

FOLDER = "SHEETSYNC_DEMO_FOLDER"
FEWEST_ORDERS = 30
BATCHES = 6
"""At least so many batches in an export, or a worker could not be killed in the middle of one."""

SHORT_WAITS = {
    "LEASE_SECONDS": "3",
    "SCHEDULER_SECONDS": "0.5",
    "MAX_ATTEMPTS": "3",
    "RETRY_BASE_SECONDS": "0.5",
    "RETRY_CAP_SECONDS": "2",
    "LONGEST_WAIT_SECONDS": "1",
    "PACING": "off",
}
SITE = ("DJANGO_", "SHEETSYNC_", "Q_CLUSTER_NAME")
"""What the environment says about the site that the demo is started from: the demo is not about that one."""

KEPT = "DJANGO_SETTINGS_MODULE"


def folder() -> Path | None:
    """The demo's own; None where this process has not been started again inside it."""
    found = os.environ.get(FOLDER)
    return Path(found) if found else None


def start_again(orders: int) -> NoReturn:
    """Become the same command once more, in a new folder: settings are read when a process starts."""
    sys.stdout.flush()
    made = tempfile.mkdtemp(prefix="sheetsync-demo-")
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], _environment(Path(made), orders))  # noqa: S606


def _environment(made: Path, orders: int) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if name == KEPT or not name.startswith(SITE)}
    batch = max(1, min(300, orders // BATCHES))
    settings = SHORT_WAITS | {"DISPATCH": "django_q", "MAX_GROUPS_PER_BATCH": str(batch)}
    own = {f"SHEETSYNC_{name}": value for name, value in settings.items()}
    database = {"DJANGO_DATABASE": "sqlite", "DJANGO_SQLITE_PATH": str(made / "demo.sqlite3")}
    return others | own | database | {FOLDER: str(made)}
