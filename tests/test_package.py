"""The files that say what to install agree with one another and name nobody's machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sheetsync import __version__

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def ranges(text: str) -> set[str]:
    """The requirements of a file, without its comments."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {line for line in lines if line}


def locked(path: Path) -> dict[str, set[str]]:
    """Name -> the lines `name==version ; marker` of a lock file."""
    found: dict[str, set[str]] = {}
    for line in re.findall(r"^[a-z].*==[^\\\n]*", path.read_text(), re.MULTILINE):
        found.setdefault(line.split("==")[0], set()).add(line.strip())
    return found


def test_requirements_txt_repeats_the_dependencies_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert ranges((ROOT / "requirements.txt").read_text()) == set(project["dependencies"])


def test_the_development_lock_has_the_run_time_versions() -> None:
    base, dev = (locked(ROOT / "requirements" / name) for name in ("base.txt", "dev.txt"))

    assert base.items() <= dev.items()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes(path: Path) -> None:
    entries = re.split(r"^(?=[a-z])", path.read_text(), flags=re.MULTILINE)[1:]

    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_address(path: Path) -> None:
    assert "://" not in path.read_text()


def test_the_changelog_has_a_place_for_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert "## [Unreleased]" in changelog or f"## [{__version__}]" in changelog
