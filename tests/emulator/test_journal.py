"""The journal: what was answered for survives, and a torn record is dropped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from sheetsync.emulator import Emulator
from tests.emulator.support import Client, marker, write

CHILD = """
import json, sys
from sheetsync.emulator import Emulator
from tests.emulator.support import Client, write
emulator = Emulator(sys.argv[1])
client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
print(client.id, flush=True)
for number in range(10**9):
    client.ok(write(0, 0, [number]))
    print(number, flush=True)
"""


def test_a_restart_brings_everything_back(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", rows=5, columns=3, tab="Orders"))
    client.ok(write(0, 0, ["a", 1.5]), {"addSheet": {"properties": {"title": "Random id"}}}, marker(7))
    client.put("Orders!A2", [["=1+2"]], "USER_ENTERED")
    first.person.insert_rows(client.sheet, 1)
    client.refusal(write(9, 9, ["outside"]))
    before = first.spreadsheet(client.id)
    first.close()
    after = Emulator(tmp_path).spreadsheet(client.id)
    assert [sheet.values() for sheet in after.sheets] == [sheet.values() for sheet in before.sheets]
    assert [sheet.id for sheet in after.sheets] == [sheet.id for sheet in before.sheets]
    assert (after.metadata, after.created, after.modified) == (before.metadata, before.created, before.modified)


def test_a_torn_last_record_is_dropped_and_the_journal_goes_on(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    client.ok(write(0, 0, ["kept"]))
    whole = (tmp_path / "journal.bin").stat().st_size
    client.ok(write(1, 0, ["torn"]))
    first.close()
    os.truncate(tmp_path / "journal.bin", whole + 11)
    second = Client(Emulator(tmp_path), client.id)
    assert second.sheet.values() == [["kept"]]
    second.ok(write(1, 0, ["after"]))
    second.emulator.close()
    assert Client(Emulator(tmp_path), client.id).sheet.values() == [["kept"], ["after"]]


def test_a_killed_process_loses_nothing_it_answered_for(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        spreadsheet_id = child.stdout.readline().strip()
        answered = [int(child.stdout.readline()) for _ in range(50)]
        child.send_signal(signal.SIGKILL)
    found = Client(Emulator(tmp_path), spreadsheet_id).sheet.cell(0, 0)
    assert isinstance(found, int)
    assert found >= answered[-1]


def test_reads_are_not_journalled(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    client = Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))
    size = (tmp_path / "journal.bin").stat().st_size
    client.read("Orders!A1")
    client.send("POST", "/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {}}]})
    emulator.close()
    assert (tmp_path / "journal.bin").stat().st_size == size
