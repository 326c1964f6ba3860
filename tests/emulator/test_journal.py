"""The journal: what was answered for survives, a torn record is dropped, and a full disk does no harm."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sheetsync.emulator import Emulator, Request
from sheetsync.emulator.disk.snapshot import Damaged
from sheetsync.emulator.ids import Ids
from tests.emulator.dump import dump_all
from tests.emulator.support import TOKEN, Client, marker, write

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


def record(**fields: Any) -> bytes:
    """A record of the journal as it has been since before there were snapshots: it must load for ever."""
    facts = {"user": "owner@example.com", "now": 1_790_000_000.5, "seed": "0123456789abcdef"}
    data = zlib.compress(json.dumps({**fields, **facts}).encode(), 1)
    return struct.pack(">II", len(data), zlib.crc32(data)) + data


def test_a_journal_of_the_first_form_loads(tmp_path: Path) -> None:
    book = Ids("0123456789abcdef").file()
    options = {"title": "Shop", "rows": 5, "columns": 3, "tab": "Orders", "time_zone": "Etc/GMT"}
    path = f"/v4/spreadsheets/{book}/values/Orders!A1"
    put = record(method="PUT", path=path, query=[["valueInputOption", "RAW"]], body='{"values": [["old", 1]]}')
    (tmp_path / "journal.bin").write_bytes(record(create=options) + put)
    sheet = Emulator(tmp_path).spreadsheet(book).sheet(title="Orders")
    assert (sheet.values(), sheet.row_count) == ([["old", 1]], 5)


def test_a_journal_that_is_broken_in_the_middle_is_not_cut(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    whole = (tmp_path / "journal.bin").stat().st_size
    for number in range(3):
        client.ok(write(0, 0, [number]))
    first.close()
    data = bytearray((tmp_path / "journal.bin").read_bytes())
    data[whole + 3] ^= 0xFF
    (tmp_path / "journal.bin").write_bytes(data)
    with pytest.raises(Damaged, match=f"journal.bin is damaged at byte {whole}, and more calls are recorded behind"):
        Emulator(tmp_path)
    assert (tmp_path / "journal.bin").read_bytes() == data


def test_a_call_in_another_encoding_is_repeated_as_it_was(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    body = json.dumps({"requests": [write(0, 0, ["é🌵"])]}).encode("utf-16")
    path = f"/v4/spreadsheets/{client.id}:batchUpdate"
    assert first.handle(Request(method="POST", path=path, headers=TOKEN, body=body)).status == 200
    first.close()
    assert Client(Emulator(tmp_path), client.id).sheet.values() == [["é🌵"]]


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may become longer than that: what is beyond it is not written, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_call_that_finds_the_disk_full_is_no_hole_in_the_journal(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    with full_disk((tmp_path / "journal.bin").stat().st_size + 20), pytest.raises(OSError, match="File too large"):
        client.ok({"addSheet": {"properties": {"sheetId": 5, "title": "Unanswered"}}})
    client.ok(write(0, 0, ["on the unanswered tab"], sheet_id=5))
    before = dump_all(first)
    first.close()
    assert dump_all(Emulator(tmp_path)) == before


def test_what_a_full_disk_left_of_a_record_is_cut_off_at_the_next_start(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    client.ok(write(0, 0, ["answered"]))
    with full_disk((tmp_path / "journal.bin").stat().st_size + 20), pytest.raises(OSError, match="File too large"):
        client.ok(write(0, 0, ["unanswered"]))
    killed = shutil.copytree(tmp_path, tmp_path / "killed")
    assert Client(Emulator(killed), client.id).sheet.values() == [["answered"]]


def test_while_the_disk_is_full_nothing_changes_that_could_be_lost(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    client = Client(first, first.create_spreadsheet("Shop", tab="Orders"))
    with full_disk((tmp_path / "journal.bin").stat().st_size + 20):
        with pytest.raises(OSError, match="File too large"):
            client.ok(write(0, 0, ["unanswered"]))
        with pytest.raises(OSError, match="File too large"):
            client.ok(write(0, 0, ["never applied"]))
    assert client.sheet.cell(0, 0) == "unanswered"
