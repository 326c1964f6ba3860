"""What was built holds what it should: `python .ci/check_wheel.py dist`."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent

# A host without our project/, our tests or our working directory: only the wheel and its dependencies.
HOST = """
import django, sheetsync
from django.conf import settings
from django.core.management import call_command
from sheetsync.crypto import generate_key
settings.configure(
    INSTALLED_APPS=["sheetsync"],
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "host.sqlite3", "OPTIONS": {
        "init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE", "timeout": 30}}},
    SHEETSYNC={"ENCRYPTION_KEYS": [generate_key()], "DISPATCH": "polling"},
)
django.setup()
call_command("check", fail_level="WARNING", verbosity=0)
print("imported from", sheetsync.__file__)
"""


def source_files() -> set[str]:
    """The app's files as version control sees them, tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "sheetsync"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    return {name for name in listed if (ROOT / name).is_file()}


def wheel_problems(names: set[str]) -> list[str]:
    """Files that are missing or do not belong, `*.dist-info` apart."""
    packaged = {name for name in names if ".dist-info/" not in name}
    sources = source_files()
    problems = [f"the wheel lacks {name}" for name in sorted(sources - packaged)]
    problems += [f"the wheel should not hold {name}" for name in sorted(packaged - sources)]
    if not any(name.endswith("/licenses/LICENSE") for name in names):
        problems.append("the wheel lacks the licence")
    return problems


def sdist_problems(names: list[str]) -> list[str]:
    """Directories of a developer's machine that would have been swept along."""
    unwanted = {".venv", ".nox", "var", "dist", ".git", "__pycache__"}
    return [f"the sdist should not hold {name}" for name in names if unwanted & set(name.split("/"))]


def import_it(wheel: Path) -> None:
    """Unpack the wheel into an empty directory and let a bare Django host check it. Raises if that fails."""
    with tempfile.TemporaryDirectory() as site:
        with ZipFile(wheel) as archive:
            archive.extractall(site)  # noqa: S202 - built a moment ago from this tree
        environment = {**os.environ, "PYTHONPATH": site}
        subprocess.run([sys.executable, "-P", "-c", HOST], cwd=site, env=environment, check=True)


def main(dist: Path) -> int:
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    with tarfile.open(sdist) as archive_of_sources:
        problems = wheel_problems(names) + sdist_problems(archive_of_sources.getnames())
    print("\n".join(problems) or f"{wheel.name}: {len(names)} files, all of the app and nothing else")
    if not problems:
        import_it(wheel)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
