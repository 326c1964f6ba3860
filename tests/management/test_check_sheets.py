"""`manage.py check_sheets` as its users call it: over HTTP, with a key file or a linked account."""

from __future__ import annotations

import io
import json
import os
import signal

import pytest
from django.core.management import CommandError, call_command

from sheetsync.emulator import Emulator
from sheetsync.management.commands.check_sheets import ROOM
from sheetsync.models import GoogleAccount, QuotaBucket, Tenant
from sheetsync.sheets.pacing import Unpaced
from sheetsync.sheets.probes import PROBES
from tests.support.laxities import LaxEmulator
from tests.support.processes import MANAGE, Children

UNPACED = dict.fromkeys(
    ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")
)
ONE = ("--only", "marker-once")
TWICE = pytest.mark.parametrize("emulator", ["accepts_a_marker_twice"], indirect=True)


class Ended(Exception):
    """The command ended with an error: what it printed, and its exit code."""

    def __init__(self, error, output):
        super().__init__(str(error))
        self.code, self.output = error.returncode, output


@pytest.fixture
def emulator(request):
    """An emulator, with a laxity where a test asks for one."""
    return LaxEmulator(request.param) if hasattr(request, "param") else Emulator()


@pytest.fixture
def server(emulator, settings):
    with emulator.serve() as running:
        settings.SHEETSYNC = settings.SHEETSYNC | UNPACED | {"SHEETS_URL": running.url}
        yield running


@pytest.fixture
def key_file(emulator, server, tmp_path):
    return emulator.accounts.write_account(tmp_path / "key.json", server.url)


@pytest.fixture
def run(key_file, book):
    """Run the command with the key file on the book; what it printed. Raises Ended."""

    def call(*arguments, account=key_file, spreadsheet=book, out=None):
        out = out or io.StringIO()
        try:
            call_command(
                "check_sheets", "--account", str(account), "--spreadsheet", spreadsheet, *arguments,
                stdout=out, stderr=out,
            )  # fmt: skip
        except CommandError as error:
            raise Ended(error, out.getvalue()) from error
        return out.getvalue()

    return call


def titles(emulator, book):
    return [sheet.title for sheet in emulator.spreadsheet(book).sheets]


def test_every_assumption_gets_its_line_and_a_summary(run, emulator, book):
    lines = run().splitlines()
    assert [line.split()[1] for line in lines if line.startswith("holds ")] == [probe.name for probe in PROBES]
    assert lines[-1].startswith(f"{len(PROBES)} assumptions: {len(PROBES)} hold, 0 broken, 0 without an answer")
    assert titles(emulator, book) == ["Sheet1"]


def test_the_calls_it_tells_beforehand_are_those_it_makes(run, emulator):
    told = next(line for line in run().splitlines() if "about" in line)
    assert f"about {emulator.count('read')} reads and {emulator.count('write')} writes" in told


def test_the_time_it_tells_follows_from_the_pace(run, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WRITES_PER_MINUTE": 6000.0, "BURST": 3}
    assert "3 writes: at the pace of the settings at least 0 s" in run(*ONE)


def test_some_are_asked_by_name(run):
    output = run("--only", "marker-once", "--only", "atomic-batch")
    assert "2 assumptions: 2 hold" in output and "large-body" not in output


def test_a_list_is_printed_without_a_call(emulator):
    out = io.StringIO()
    call_command("check_sheets", "--list", stdout=out)
    assert all(f"{probe.name}\n    {probe.claim}\n" in out.getvalue() for probe in PROBES)
    assert emulator.calls == []


def test_machines_get_one_json_object_and_nothing_else(run, book):
    found = json.loads(run("--json", *ONE))
    assert (found["spreadsheet"], found["calls"], found["left_behind"]) == (book, {"read": 4, "write": 3}, "")
    (probe,) = found["probes"]
    assert (probe["name"], probe["verdict"], probe["exchanges"]) == ("marker-once", "holds", [])


def test_an_address_names_the_spreadsheet_too(run, book):
    address = f"https://docs.google.com/spreadsheets/d/{book}/edit#gid=0"
    assert "1 assumptions: 1 hold" in run(*ONE, spreadsheet=address)


def test_tabs_are_kept_on_request(run, emulator, book):
    assert "which stay" in run("--keep", *ONE)
    assert titles(emulator, book)[1].endswith("01 marker-once")


def test_a_tab_that_an_earlier_check_left_is_told(run, emulator, book):
    emulator.person.do(book, {"addSheet": {"properties": {"title": "sheetsync check 12 34 x"}}})
    assert "tab 'sheetsync check 12 34 x' is left of an earlier check" in run(*ONE)


@TWICE
def test_the_request_and_the_very_reply_are_shown(run, emulator, book):
    with pytest.raises(Ended, match="not as sheetsync assumes: marker-once") as ended:
        run()
    assert ended.value.code == 1 and titles(emulator, book) == ["Sheet1"]
    output = ended.value.output
    assert "BROKEN    marker-once" in output and "seen:     a second marker of one number was accepted" in output
    assert '"metadataKey":"sheetsync.commit","metadataValue":"0 second 0123456789abcdef 01234567"' in output
    assert 'answered: 200 {"spreadsheetId":' in output.replace('": "', '":"').replace('": ', '":')


@TWICE
def test_json_has_them_too(run):
    with pytest.raises(Ended) as ended:
        run("--json", *ONE)
    (probe,) = json.loads(ended.value.output)["probes"]
    assert (probe["verdict"], probe["exchanges"][0]["status"]) == ("broken", 200)
    assert "createDeveloperMetadata" in probe["exchanges"][0]["sent"]


def test_no_answer_is_no_verdict(run, emulator, book, monkeypatch):
    monkeypatch.setattr(Unpaced, "back_off", lambda *_: None)
    emulator.faults.add("status", ":batchUpdate", after=1, times=3, status=503)
    with pytest.raises(Ended) as ended:
        run(*ONE)
    assert ended.value.code == 2 and "NO ANSWER marker-once" in ended.value.output
    assert "0 hold, 0 broken, 1 without an answer" in ended.value.output and titles(emulator, book) == ["Sheet1"]


def test_tabs_that_cannot_be_removed_are_told(run, emulator, book, monkeypatch):
    monkeypatch.setattr(Unpaced, "back_off", lambda *_: None)
    emulator.faults.add("status", ":batchUpdate", after=2, times=9, status=503)
    with pytest.raises(Ended) as ended:
        run(*ONE)
    assert ended.value.code == 2 and f"delete every tab of spreadsheet {book} whose title begins" in ended.value.output


class Closed(io.StringIO):
    """An output that is closed after some lines, as `| head` does."""

    def write(self, text):
        if self.getvalue().count("\n") > 5:
            raise BrokenPipeError
        return super().write(text)


def test_an_output_that_is_closed_leaves_no_tab(run, emulator, book):
    with pytest.raises(BrokenPipeError):
        run(out=Closed())
    assert emulator.count("write") > 4 and titles(emulator, book) == ["Sheet1"]


def test_a_spreadsheet_that_is_not_shared_is_told_with_the_account(run, emulator, book):
    emulator.forbid(book)
    with pytest.raises(Ended, match=r"AccessDenied: .* share the spreadsheet .* \(account robot@") as ended:
        run()
    assert ended.value.code == 2


def test_a_spreadsheet_that_does_not_exist_is_told(run):
    with pytest.raises(Ended, match=r"SpreadsheetGone: .* its id is wrong"):
        run(spreadsheet="nothing")


def test_a_spreadsheet_without_room_is_refused_before_anything_is_written(run, emulator):
    full = emulator.create_spreadsheet("Full", rows=10_000_000 - 49_999, columns=1)
    with pytest.raises(Ended, match=r"has 9,950,001 cells .* choose a smaller spreadsheet"):
        run(spreadsheet=full)
    assert emulator.count("write") == 0


def test_all_tabs_together_need_less_room_than_is_asked_for(run, emulator, book):
    run("--keep")
    assert sum(sheet.row_count * sheet.column_count for sheet in emulator.spreadsheet(book).sheets[1:]) < ROOM


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "marker-twice"], "--only marker-twice: there is no such assumption; did you mean marker-once"),
        (["--only", "☃"], "--only ☃: there is no such assumption; --list shows all"),
        (["--spreadsheet", "my sheet"], "--spreadsheet my sheet: is neither an id nor an address"),
    ],
)
def test_a_wrong_argument_is_told_with_its_remedy(run, arguments, message):
    with pytest.raises(Ended, match=message):
        run(*arguments)


def test_missing_arguments_are_named():
    with pytest.raises(CommandError, match="give --account and --spreadsheet"):
        call_command("check_sheets")


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"type": "authorized_user"}'])
def test_a_file_that_is_no_key_is_told(run, tmp_path, content):
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Ended, match=r"other\.json: .*service account's key file") as ended:
        run(account=path)
    assert ended.value.code == 2


def test_a_key_that_google_does_not_know_is_told(run, key_file, emulator):
    emulator.strict_auth = True
    key = json.loads(key_file.read_text())
    key_file.write_text(json.dumps(key | {"client_email": "other@example.com"}))
    with pytest.raises(Ended, match="GrantRevoked: Google refused this account's grant"):
        run()


@pytest.fixture
def linked(db, key_file):
    tenant = Tenant.objects.create(name="Cactus shop")
    return GoogleAccount.link_service_account(tenant, json.loads(key_file.read_text()))


def test_it_is_named_by_its_id(run, linked):
    assert "1 assumptions: 1 hold" in run(*ONE, account=linked.pk)


def test_it_is_named_by_its_e_mail_in_any_case(run, linked):
    assert f"as {linked.email}" in run(*ONE, account=linked.email.upper())


def test_its_quota_is_shared_with_the_workers(run, linked, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"WRITES_PER_MINUTE": 6000.0}
    run(*ONE, account=linked.pk)
    assert QuotaBucket.objects.filter(name__endswith="write", arrival__gt=0).count() == 1


@pytest.mark.parametrize("name", ["nobody@example.com", "4711", "9" * 30])
def test_an_unknown_one_is_told_with_those_that_are_known(run, linked, name):
    with pytest.raises(Ended, match=rf"--account {name}: ") as ended:
        run(account=name)
    assert ended.value.code == 2


def test_where_several_tenants_linked_it_their_links_are_told(run, linked, key_file):
    other = Tenant.objects.create(name="Second shop")
    twin = GoogleAccount.link_service_account(other, json.loads(key_file.read_text()))
    with pytest.raises(Ended, match=f"several tenants linked it.*: {linked.pk} of .*, {twin.pk} of "):
        run(account=linked.email)


@pytest.fixture
def checking(server, key_file, book, tmp_path):
    """Starts the command as a process of its own; it needs no database."""
    with Children(os.environ | {"SHEETSYNC_SHEETS_URL": server.url, "SHEETSYNC_PACING": "off"}, tmp_path) as children:
        arguments = ["check_sheets", "--account", str(key_file), "--spreadsheet", book]
        yield lambda: children.start("check_sheets", [*MANAGE, *arguments])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_takes_its_tabs_away(checking, emulator, book, number):
    held = emulator.faults.add("hold", ":batchUpdate", after=4)
    child = checking()
    assert emulator.faults.wait_reached(held, 60)
    assert len(titles(emulator, book)) == 2
    child.signal(number)
    assert child.wait() == 130
    assert titles(emulator, book) == ["Sheet1"] and "interrupted after " in child.output
    emulator.faults.release()


def test_a_removal_that_is_interrupted_too_says_what_to_do_by_hand(checking, emulator, book):
    asking = emulator.faults.add("hold", ":batchUpdate", after=4)
    removing = emulator.faults.add("hold", ":batchUpdate", after=5)
    child = checking()
    assert emulator.faults.wait_reached(asking, 60)
    child.signal(signal.SIGINT)
    assert emulator.faults.wait_reached(removing, 60)
    child.signal(signal.SIGINT)
    assert child.wait() == 130
    assert f"delete every tab of spreadsheet {book} whose title begins with" in child.output
    emulator.faults.release()
