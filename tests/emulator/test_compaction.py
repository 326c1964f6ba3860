"""Snapshots: what they hold, when they are made, and that no moment of their making can lose anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetsync.emulator import Emulator
from sheetsync.emulator.disk.codec import pack, unpack
from sheetsync.emulator.grid.a1 import Span
from tests.emulator.dump import dump, dump_all
from tests.emulator.examples import EXAMPLES, IN_ONE_BATCH, area, furnished
from tests.emulator.support import Client, write

ROOT = Path(__file__).parents[2]
#: For every file operation of a compaction, one process that is killed right before it: it leaves a folder each.
KILLED_AT_EACH_OPERATION = """
import os, shutil, signal, sys
from sheetsync.emulator import Emulator

FILES = ("open", "os.rename", "os.remove", "os.truncate", "os.ftruncate")

def compact(folder, moment):
    emulator, seen = Emulator(folder), [0]
    def stop(event, args):
        seen[0] += event in FILES
        if seen[0] == moment:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(stop)
    emulator.compact()

for moment in range(1, 100):
    folder = shutil.copytree(sys.argv[1], f"{sys.argv[1]}-{moment}")
    child = os.fork()
    if not child:
        compact(folder, moment)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(moment)
        break
"""


def shop(folder: Path, **options: object) -> Client:
    emulator = Emulator(folder, **options)  # type: ignore[arg-type]
    return furnished(Client(emulator, emulator.create_spreadsheet("Shop", rows=10, columns=5, tab="Orders")))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


def test_a_snapshot_brings_back_everything_that_any_request_kind_makes(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.ok(*({kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH))
    before = dump_all(client.emulator)
    client.emulator.compact()
    client.emulator.close()
    assert names(tmp_path) == ["snapshot-1.jsonl.gz"]
    assert dump_all(Emulator(tmp_path)) == before


def test_calls_after_a_snapshot_are_in_its_journal(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.emulator.compact()
    client.ok(write(0, 0, ["after"]), {"insertDimension": {"range": area_rows(2, 3)}})
    before = dump_all(client.emulator)
    client.emulator.close()
    assert names(tmp_path) == ["journal-1.bin", "snapshot-1.jsonl.gz"]
    assert dump_all(Emulator(tmp_path)) == before


def area_rows(start: int, end: int) -> dict[str, object]:
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def test_what_a_refused_call_did_after_a_start_is_undone_too(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.emulator.compact()
    client.emulator.close()
    client.emulator = Emulator(tmp_path)
    before = dump_all(client.emulator)
    client.refusal(*({kind: EXAMPLES[kind]} for kind in IN_ONE_BATCH), {"deleteSheet": {"sheetId": 77}})
    assert dump_all(client.emulator) == before


def test_hostile_texts_survive(tmp_path: Path) -> None:
    client = shop(tmp_path)
    rule = {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=\ud83d\ude00 \ud83d"}]}}
    client.ok(
        write(0, 0, ['{"$":"Row"}', "\ud83d\ude00", "\ud83d", "\x00\n\u2028", 1e300]),
        {"setDataValidation": {"range": area(0, 0, 1, 1), "rule": rule}},
    )
    before = dump_all(client.emulator)
    client.emulator.compact()
    client.emulator.close()
    assert dump_all(Emulator(tmp_path)) == before


#: What JSON has no word for, or a word that is ours.
ODD = [
    {"$": "Row"},
    {1: {"a": 2}},
    {(1, 2): "x"},
    (1, (2,)),
    {3, 4},
    frozenset("a"),
    Span(None, 1, 2, None),
    {"": [()]},
]


@pytest.mark.parametrize("value", ODD)
def test_what_json_has_no_word_for_comes_back_as_it_was(value: object) -> None:
    text = json.dumps(pack(value))
    assert dump(json.loads(text, object_hook=unpack)) == dump(value)


def test_rows_that_share_their_formats_share_them_after_a_start(tmp_path: Path) -> None:
    client = shop(tmp_path)
    style = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    rows = [{"values": [style, style]}] * 9
    client.ok({"updateCells": {"start": {"sheetId": 0}, "rows": rows, "fields": "userEnteredFormat"}})
    client.emulator.compact()
    client.emulator.close()
    sheet = Client(Emulator(tmp_path), client.id).sheet
    assert len({id(row.formats) for row in sheet.rows[:6] if row}) == 1


def test_a_long_journal_becomes_a_snapshot_by_itself(tmp_path: Path) -> None:
    client = shop(tmp_path, compact_at=20_000)
    for number in range(60):
        client.ok(write(0, 0, [number, "x" * 1_000]))
    before = dump_all(client.emulator)
    assert 1 <= client.emulator.keeping.disk.number <= 4  # type: ignore[union-attr]
    assert len(names(tmp_path)) == 2
    client.emulator.close()
    assert dump_all(Emulator(tmp_path)) == before


def test_snapshots_leave_no_file_open(tmp_path: Path) -> None:
    client = shop(tmp_path)
    before = len(os.listdir("/dev/fd"))
    for number in range(9):
        client.ok(write(0, 0, [number]))
        client.emulator.compact()
    assert len(os.listdir("/dev/fd")) <= before


def test_a_clean_stop_leaves_nothing_long_to_repeat(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.ok(write(0, 0, *[["x" * 49_000] * 5] * 5))
    client.emulator.close()
    assert names(tmp_path) == ["snapshot-1.jsonl.gz"]


def test_a_journal_that_is_to_be_kept_is_kept(tmp_path: Path) -> None:
    client = shop(tmp_path, compact_at=None)
    client.ok(write(0, 0, *[["x" * 49_000] * 5] * 5))
    client.emulator.close()
    assert names(tmp_path) == ["journal.bin"]


@pytest.mark.parametrize("compact", [True, False])
def test_a_file_that_was_taken_away_stays_so_after_a_start(tmp_path: Path, compact: bool) -> None:
    client = shop(tmp_path)
    client.emulator.forbid(client.id)
    if compact:
        client.emulator.compact()
    client.emulator.close()
    again = Client(Emulator(tmp_path), client.id)
    assert again.send("GET", "").status == 403
    again.emulator.forbid(client.id, False)
    assert again.send("GET", "").status == 200


def test_nothing_comes_back_after_a_reset(tmp_path: Path) -> None:
    client = shop(tmp_path)
    client.emulator.compact()
    client.ok(write(0, 0, ["gone"]))
    client.emulator.reset()
    client.emulator.close()
    assert Emulator(tmp_path).store.books == {}


@pytest.mark.slow
def test_a_kill_at_any_file_operation_of_a_compaction_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    client = shop(folder)
    client.emulator.compact()
    client.ok(write(0, 0, ["in the journal"]))
    before = dump_all(client.emulator)
    client.emulator.close()
    command = [sys.executable, "-c", KILLED_AT_EACH_OPERATION, str(folder)]
    moments = int(subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, timeout=120).stdout)
    assert moments > 8
    for moment in range(1, moments + 1):
        again = Emulator(f"{folder}-{moment}")
        assert dump_all(again) == before, moment
        again.close()
        assert not list(Path(f"{folder}-{moment}").glob("*.part"))


def test_a_half_written_snapshot_is_ignored_and_removed(tmp_path: Path) -> None:
    client = shop(tmp_path)
    before = dump_all(client.emulator)
    client.emulator.close()
    (tmp_path / "snapshot-1.jsonl.gz.part").write_bytes(b"half")
    assert dump_all(Emulator(tmp_path)) == before
    assert names(tmp_path) == ["journal.bin"]
