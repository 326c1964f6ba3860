"""A real shop's 25,900 orders with 541,909 lines: exported, exported again, and again after 1 % of the lines changed.

Only in a thorough run, and only where the data set lies beside the checkout.
"""

import json
import lzma
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from sheetsync.emulator import Emulator
from sheetsync.pipeline.batching import Caps
from tests.chaos.test_killed_process import COLUMNS, TAB, expected, rows_of

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "onlineretail_orders.jsonl.xz"
ROWS_PER_BATCH = 1_200
MEGABYTE = 1_000_000

pytestmark = [pytest.mark.thorough, pytest.mark.needs(REAL)]

MEASURED = r"""
import re, sys, django
django.setup()
import sheetsync.management.commands.sync_now
from django.core.management import call_command
peak = lambda: int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) * 1024
open("/proc/self/clear_refs", "w").write("5")  # begin the peak anew: a child inherits its parent's
start = peak()
call_command("sync_now", *sys.argv[1:])
print("peak over start", peak() - start)
"""


@pytest.fixture(scope="module")
def orders():
    with lzma.open(REAL, "rt") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def runs(orders, tmp_path_factory):
    """Three exports: (what each printed, how many lines the third had to change, the emulator, the spreadsheet)."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "columns.json").write_text(json.dumps(COLUMNS))
    emulator = Emulator()
    book = emulator.create_spreadsheet("Real")
    with emulator.serve() as server:
        key_file = emulator.accounts.write_account(folder / "key.json", server.url)
        run = Runner(folder, server.url, str(key_file), book)
        first, second = run(f"file:{REAL}"), run(f"file:{REAL}")
        changed = change_some(orders)
        (folder / "changed.jsonl").write_text("".join(json.dumps(order) + "\n" for order in orders))
        yield first, second, run("file:changed.jsonl"), changed, emulator, book


class Runner:
    """Runs the export command in a process of its own and reads its table."""

    def __init__(self, folder, url, key_file, book):
        self.folder, self.book = folder, book
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "PYTHONPATH": str(ROOT),
            "SHEETSYNC_SHEETS_URL": url,
            "SHEETSYNC_CREDENTIALS_FILE": key_file,
            "SHEETSYNC_PACING": "off",
        }

    def __call__(self, source):
        arguments = ["--source", source, "--columns", "columns.json", "--rows", "line"]
        arguments += ["--spreadsheet", self.book, "--tab", TAB]
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        print(ended.stdout)
        figures = re.findall(r"^\s*([a-z ]+?)\s+([\d,]+)$", ended.stdout, re.MULTILINE)
        return {name: int(figure.replace(",", "")) for name, figure in figures}


def change_some(orders):
    """Change one line in a hundred. -> how many"""
    random, changed = Random(1), 0
    for order in orders:
        for line in order["lines"]:
            if random.random() < 0.01:
                line["qty"] += 1
                changed += 1
    return changed


def test_a_first_export_needs_hardly_more_calls_than_full_batches(runs):
    first = runs[0]
    assert first["rows inserted"] == 541_909
    assert first["read calls"] + first["write calls"] <= math.ceil(541_909 / ROWS_PER_BATCH) + 4


def test_a_second_export_writes_nothing(runs):
    assert runs[1]["write calls"] == 0 and runs[1]["rows unchanged"] == 541_909


def test_a_third_export_writes_what_changed_and_nothing_else(runs):
    third, changed = runs[2], runs[3]
    assert third["rows updated"] == changed and third["rows inserted"] == 0
    assert third["rows unchanged"] == 541_909 - changed
    assert third["write calls"] <= math.ceil(changed / ROWS_PER_BATCH) + 25_900 // Caps().stride + 4


def test_every_cell_equals_the_source(runs, orders):
    *_, emulator, book = runs
    rows = rows_of(emulator, book)
    assert len(rows) == 541_909
    found = {row[0]: row[2:] for row in rows}
    assert all(found[key] == cells for key, cells in expected(orders).items())


def test_memory_stays_small(runs):
    assert max(run["peak over start"] for run in runs[:3]) <= 150 * MEGABYTE
