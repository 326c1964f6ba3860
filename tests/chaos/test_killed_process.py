"""A real export process, killed by SIGKILL at random moments and started again from its checkpoint."""

import json
import lzma
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from benchmarks.shop import Shop
from sheetsync.emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "onlineretail_orders.jsonl.xz"
THOROUGH = os.environ.get("SHEETSYNC_THOROUGH") == "1"
KILLS = 20 if THOROUGH else 3
TAB = "Orders"
COLUMNS = [
    {"header": "Order", "path": "id"},
    {"header": "Placed", "path": "created_at", "type": "datetime"},
    {"header": "Customer", "path": "customer"},
    {"header": "SKU", "path": "line.sku"},
    {"header": "Title", "path": "line.title"},
    {"header": "Quantity", "path": "line.qty", "type": "integer"},
    {"header": "Price", "path": "line.unit_price", "type": "decimal"},
]


@pytest.fixture(scope="module")
def orders():
    """A tenth of a real shop's orders where they are at hand, else made-up ones."""
    if THOROUGH and REAL.exists():
        with lzma.open(REAL, "rt") as file:
            return [json.loads(line) for line, _ in zip(file, range(2_590), strict=False)]
    shop = Shop.opened(1_500)
    return [
        {
            "id": order["id"],
            "created_at": order["placed_at"],
            "customer": order["customer"]["name"],
            "lines": lines_of(order),
        }
        for order in shop.orders.values()
    ]


def lines_of(order):
    return [
        {"sku": line["sku"], "title": line["title"], "qty": line["quantity"], "unit_price": line["price"]}
        for line in order["lines"]
    ]


@pytest.fixture(scope="module")
def emulator():
    return Emulator()


@pytest.fixture(scope="module")
def place(emulator, orders, tmp_path_factory):
    """A folder with the source, the columns and a key file, and the arguments that every export shares."""
    folder = tmp_path_factory.mktemp("export")
    (folder / "orders.jsonl").write_text("".join(json.dumps(order) + "\n" for order in orders))
    (folder / "columns.json").write_text(json.dumps(COLUMNS))
    with emulator.serve() as server:
        key_file = emulator.accounts.write_account(folder / "key.json", server.url)
        yield Export(folder, server.url, str(key_file))


class Export:
    """Starts `manage.py sync_now` processes."""

    def __init__(self, folder, url, key_file):
        self.folder = folder
        self.environment = os.environ | {
            "SHEETSYNC_SHEETS_URL": url,
            "SHEETSYNC_CREDENTIALS_FILE": key_file,
            "SHEETSYNC_PACING": "off",
        }

    def start(self, book):
        arguments = ["--source", "file:orders.jsonl", "--columns", "columns.json", "--rows", "line"]
        arguments += ["--spreadsheet", book, "--tab", TAB, "--checkpoint", f"{book}.checkpoint"]
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "sync_now", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, book):
        process = self.start(book)
        output = process.communicate(timeout=300)[0]
        assert process.returncode == 0, output
        return output


@pytest.fixture(scope="module")
def whole_run(emulator, place):
    """How long an undisturbed export takes, in seconds."""
    started = time.monotonic()
    place.finish(emulator.create_spreadsheet("Undisturbed"))
    return time.monotonic() - started


def expected(orders):
    epoch = datetime(1899, 12, 30)
    return {
        f"{order['id']}:{number}": [
            order["id"],
            pytest.approx((datetime.fromisoformat(order["created_at"]) - epoch).total_seconds() / 86_400, abs=1e-7),
            order["customer"] or None,
            line["sku"],
            line["title"] or None,
            line["qty"],
            pytest.approx(float(line["unit_price"])),
        ]
        for order in orders
        for number, line in enumerate(order["lines"], start=1)
    }


def rows_of(emulator, book):
    rows = emulator.spreadsheet(book).sheet(title=TAB).values()[1:]
    return [[*row, *[None] * (2 + len(COLUMNS) - len(row))] for row in rows]


@pytest.mark.parametrize("number", range(KILLS))
def test_an_export_killed_at_a_random_moment_and_resumed_leaves_every_row_once(
    emulator, place, orders, whole_run, number
):
    book, moment = emulator.create_spreadsheet("Killed"), Random(number).uniform(0.3, 0.95) * whole_run
    process = place.start(book)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    place.finish(book)
    rows = rows_of(emulator, book)
    assert len(rows) == sum(len(order["lines"]) for order in orders)
    assert {row[0]: row[2:] for row in rows} == expected(orders)


def test_the_checkpoint_is_gone_after_a_finished_export(place, whole_run):
    assert not list(place.folder.glob("*.checkpoint"))
