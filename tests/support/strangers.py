"""Somebody else's project: a folder outside of the checkout with tests of its own, run by a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]

SETTINGS = """
import os

SECRET_KEY = "a stranger's"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "sheetsync", "shop"]
DATABASES = {
    "memory": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}},
    "file": {"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3", "TEST": {"NAME": "test.sqlite3"},
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE", "timeout": 30},
    }},
    "postgresql": {"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": "postgres",
        "TEST": {"NAME": f"test_stranger_{os.getpid()}"},
    }},
}[os.environ.get("STRANGER_DATABASE", "memory")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""

MODELS = """
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20, unique=True)
    customer = models.CharField(max_length=200)
    total = models.DecimalField(max_digits=10, decimal_places=2)
"""

SITE = {
    "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = settings\npythonpath = .\nfilterwarnings = error\n",
    "conftest.py": 'pytest_plugins = ["sheetsync.emulator.pytest_plugin"]\n',
    "settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
}
"""A Django site with an Order model and sheetsync installed."""


@dataclass(frozen=True)
class Outcome:
    """How pytest ended there. `results`: {name of a test: passed, failed or error}."""

    results: dict[str, str]
    output: str


def write_files(folder: Path, *many: Mapping[str, str]) -> None:
    """Files by their names; of two with one name the later counts. Beside them lies sheetsync, as if installed."""
    for name, text in {name: text for files in many for name, text in files.items()}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "installed").mkdir()
    (folder / "installed" / "sheetsync").symlink_to(ROOT / "sheetsync")


def run_pytest(folder: Path, *options: str, **environment: str) -> Outcome:
    """All tests of that folder. Nothing of our own run is handed on but where the database server is."""
    ours = ("DJANGO_", "SHEETSYNC_", "PYTEST_", "COV_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"PYTHONPATH": str(folder / "installed"), **environment}
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", f"--junitxml={report}", *options]
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=180)
    return Outcome(_results(report), ended.stdout + ended.stderr)


def _results(report: Path) -> dict[str, str]:
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        ends = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        found[case.attrib["name"]] = {"failure": "failed"}.get(ends[0], ends[0]) if ends else "passed"
    return found
