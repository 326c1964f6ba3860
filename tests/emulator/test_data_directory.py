"""The data directory: one process at a time, and nothing in it is read that is not whole or not ours."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetsync.emulator import Emulator
from sheetsync.emulator.disk.codec import Unknown
from sheetsync.emulator.disk.directory import DataInUse
from sheetsync.emulator.disk.snapshot import Damaged
from tests.emulator.examples import furnished
from tests.emulator.support import Client, write

ROOT = Path(__file__).parents[2]


def shop(folder: Path) -> Client:
    emulator = Emulator(folder)
    return furnished(Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders")))


@pytest.mark.parametrize("left", [0, 3, 100, -1, -9])
def test_a_damaged_snapshot_is_refused_by_name(tmp_path: Path, left: int) -> None:
    client = shop(tmp_path)
    client.emulator.compact()
    client.emulator.close()
    file = tmp_path / "snapshot-1.jsonl.gz"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(Damaged, match=r"snapshot-1.jsonl.gz is not a whole snapshot .* Put a copy of it back"):
        Emulator(tmp_path)


def test_a_flipped_bit_in_a_snapshot_is_noticed(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.emulator.compact()
    client.emulator.close()
    file = tmp_path / "snapshot-1.jsonl.gz"
    data = bytearray(file.read_bytes())
    data[-6] ^= 1
    file.write_bytes(data)
    with pytest.raises(Damaged, match="CRC"):
        Emulator(tmp_path)


#: A line of a snapshot that another version may have written, and what the refusal names.
STRANGE = {
    '{"format": "sheets-emulator-snapshot", "version": 2}': "version 2",
    '{"format": "something"}': "format 'something'",
}


@pytest.mark.parametrize("first", STRANGE)
def test_a_snapshot_of_another_format_is_refused(tmp_path: Path, first: str) -> None:
    (tmp_path / "snapshot-4.jsonl.gz").write_bytes(gzip.compress(f'{first}\n{{"end": 1}}\n'.encode()))
    for _ in range(2):  # the second is not told that the first still has the directory
        with pytest.raises(Unknown, match=STRANGE[first]):
            Emulator(tmp_path)


@pytest.mark.parametrize("name", ["Popen", "Emulator", "Path"])
def test_a_snapshot_makes_no_object_of_a_class_that_is_no_part_of_a_file(tmp_path: Path, name: str) -> None:
    lines = [{"format": "sheets-emulator-snapshot", "version": 1}, {"store": {"deleted": {"$": name}}}, {"end": 2}]
    text = "\n".join(map(json.dumps, lines))
    (tmp_path / "snapshot-1.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(Unknown, match=f"holds a {name}, which this version"):
        Emulator(tmp_path)


def test_a_second_emulator_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    with pytest.raises(DataInUse, match=f"{tmp_path} is in use by another emulator, process {os.getpid()}"):
        Emulator(tmp_path)
    first.close()
    Emulator(tmp_path).close()


def test_a_closed_emulator_takes_its_directory_again_unless_another_wrote(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.emulator.close()
    client.ok(write(0, 0, ["goes on"]))
    client.emulator.close()
    other = Client(Emulator(tmp_path), client.id)
    other.ok(write(0, 0, ["other"]))
    other.emulator.close()
    with pytest.raises(DataInUse, match="wrote to"):
        client.ok(write(0, 0, ["lost"]))


@pytest.mark.slow
def test_the_command_says_who_has_the_directory(tmp_path: Path) -> None:
    held = Emulator(tmp_path)
    command = [sys.executable, "manage.py", "sheets_emulator", "--port", "0", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    held.close()
    assert done.returncode == 1
    assert f"CommandError: {tmp_path} is in use by another emulator, process {os.getpid()}." in done.stderr
