"""The probes of the sheet contract: they hold here, leave nothing behind, and survive bad weather."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetsync.emulator import Emulator, Quotas
from sheetsync.errors import GrantRevoked
from sheetsync.management.verdicts import expected_calls, least_seconds
from sheetsync.sheets.pacing import LocalPacer, Rate
from sheetsync.sheets.probes import PROBES, LeftBehind, ScratchTabs, Verdict, check
from sheetsync.sheets.probes.exchanges import shortened
from tests.support.wiring import a_client

DOCS = Path(__file__).resolve().parents[2] / "docs"
A_FEW = PROBES[:4]


@pytest.fixture
def tabs(client, book):
    return ScratchTabs(client, book)


def titles(emulator, book):
    return [sheet.title for sheet in emulator.spreadsheet(book).sheets]


def verdicts(outcomes):
    return [outcome.verdict for outcome in outcomes]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_an_assumption_holds_here_and_takes_the_calls_it_says(tabs, client, probe):
    (outcome,) = check(tabs, [probe])
    assert (outcome.verdict, outcome.detail) == (Verdict.HOLDS, "")
    assert client.traffic.calls == {"read": probe.reads, "write": probe.writes}


def test_names_are_unique():
    assert len({probe.name for probe in PROBES}) == len(PROBES)


def test_the_manual_lists_every_assumption_in_its_words():
    page = (DOCS / "check-sheets.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert rows == [(probe.name, probe.claim, str(probe.rule), str(probe.known)) for probe in PROBES]
    calls = expected_calls(PROBES)
    seconds = least_seconds(calls, {"read": 54, "write": 54}, 6)
    told = f"{len(PROBES)} assumptions, about {calls['read']} reads and {calls['write']} writes"
    assert f"\n{told}: at the pace of the settings at least {seconds:.0f} s\n" in page


def test_every_guarded_rule_is_a_section_of_the_contract():
    headings = (DOCS / "sheet-contract.md").read_text()
    for rule in {probe.rule for probe in PROBES}:
        assert f"## {rule}" in headings or f"**{rule}**" in headings


def test_other_tabs_are_not_touched(tabs, client, emulator, book):
    sheet = emulator.spreadsheet(book).sheet(title="Sheet1")
    emulator.person.type_text(sheet, 0, 0, "mine")
    emulator.person.do(book, {"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
    everything = ("get", f"/v4/spreadsheets/{book}")
    before = client.read_text(*everything, params=[("includeGridData", "true")])
    assert set(verdicts(check(tabs, PROBES))) == {Verdict.HOLDS}
    tabs.remove()
    assert client.read_text(*everything, params=[("includeGridData", "true")]) == before


def test_there_is_one_scratch_tab_at_a_time(tabs, emulator, book):
    for _ in check(tabs, PROBES):
        assert len(titles(emulator, book)) <= 2


def test_tabs_stay_where_they_are_wanted(client, emulator, book):
    tabs = ScratchTabs(client, book, keep=True)
    list(check(tabs, A_FEW))
    names = [f"{tabs.prefix} {number:02} {probe.name}" for number, probe in enumerate(A_FEW, start=1)]
    assert titles(emulator, book) == ["Sheet1", *names]


def test_nothing_is_removed_but_tabs_of_this_check(tabs, client, emulator, book):
    emulator.person.do(book, {"addSheet": {"properties": {"title": "sheetsync check of mine"}}})
    list(check(tabs, A_FEW))
    tabs.remove()
    assert titles(emulator, book) == ["Sheet1", "sheetsync check of mine"]


def test_a_tab_that_somebody_renamed_meanwhile_is_removed_all_the_same(tabs, emulator, book):
    list(check(tabs, A_FEW))
    emulator.person.rename_tab(emulator.spreadsheet(book).sheets[-1], "What is this?")
    tabs.remove()
    assert titles(emulator, book) == ["Sheet1"]


def test_a_tab_that_somebody_deleted_meanwhile_does_not_matter(tabs, emulator, book):
    outcomes = []
    for outcome in check(tabs, A_FEW):
        outcomes.append(outcome)
        emulator.person.do(book, {"deleteSheet": {"sheetId": emulator.spreadsheet(book).sheets[-1].id}})
    tabs.remove()
    assert verdicts(outcomes) == [Verdict.HOLDS] * len(A_FEW)


@pytest.mark.parametrize("fault", [("status", {"status": 503}), ("lose_reply", {}), ("drop", {})], ids=lambda f: f[0])
def test_a_call_without_an_answer_is_asked_again_on_another_tab(tabs, emulator, book, fault):
    kind, options = fault
    emulator.faults.add(kind, ":batchUpdate", after=2, **options)
    assert verdicts(check(tabs, A_FEW)) == [Verdict.HOLDS] * len(A_FEW)
    tabs.remove()
    assert titles(emulator, book) == ["Sheet1"]


def test_a_write_that_is_never_answered_could_not_be_asked(tabs, emulator, book):
    emulator.faults.add("status", ":batchUpdate", after=2, times=9, status=503)
    outcomes = list(check(tabs, PROBES[:6]))
    assert verdicts(outcomes) == [Verdict.HOLDS, *[Verdict.NOT_ASKED] * 3, *[Verdict.NOT_ASKED] * 2]
    assert outcomes[1].detail.startswith("AmbiguousOutcome") and "503" in outcomes[1].detail
    assert emulator.count("write") == 11  # nobody waits for the probes after the third silence
    tabs.remove()
    assert titles(emulator, book) == ["Sheet1"]


def test_an_account_that_loses_its_access_is_not_asked_any_more(tabs, emulator, book):
    outcomes = []
    for outcome in check(tabs, PROBES[:4]):
        outcomes.append(outcome)
        emulator.forbid(book)
    assert verdicts(outcomes) == [Verdict.HOLDS, *[Verdict.NOT_ASKED] * 3]
    assert "share the spreadsheet" in outcomes[1].detail and outcomes[3].detail.startswith("not tried any more")


def test_a_removal_is_tried_again(tabs, emulator, book):
    list(check(tabs, A_FEW))
    emulator.faults.add("status", ":batchUpdate", times=2, status=503)
    tabs.remove()
    assert titles(emulator, book) == ["Sheet1"]


def test_a_removal_that_fails_says_what_to_do_by_hand(tabs, emulator, book):
    list(check(tabs, A_FEW))
    emulator.forbid(book)
    with pytest.raises(LeftBehind, match=f"delete every tab of spreadsheet {book} whose title begins with"):
        tabs.remove()


def test_a_removal_gives_up_on_a_service_that_stays_away(tabs, emulator):
    list(check(tabs, A_FEW))
    emulator.faults.add("status", ":batchUpdate", times=99, status=503)
    with pytest.raises(LeftBehind, match="503"):
        tabs.remove()


def test_a_creation_that_may_still_land_is_told(tabs, emulator, book):
    emulator.faults.add("late", ":batchUpdate")
    assert verdicts(check(tabs, A_FEW)) == [Verdict.HOLDS] * len(A_FEW)
    tabs.remove()
    assert "may still be on its way" in tabs.doubt and tabs.prefix in tabs.doubt
    emulator.faults.release()
    assert titles(emulator, book)[1].startswith(tabs.prefix)


def test_a_creation_that_was_seen_is_no_doubt(tabs, emulator):
    emulator.faults.add("lose_reply", ":batchUpdate")
    list(check(tabs, A_FEW))
    tabs.remove()
    assert tabs.doubt == ""


def test_the_pace_of_the_settings_never_meets_a_quota_of_google():
    now = [0.0]
    emulator = Emulator(quotas=Quotas(), clock=lambda: now[0])
    client = a_client(emulator)
    rates = {kind: Rate(per_minute=54, burst=6) for kind in ("read", "write")}
    client.pacer = LocalPacer(rates, clock=lambda: now[0], sleep=lambda seconds: now.append(now.pop() + seconds))
    tabs = ScratchTabs(client, emulator.create_spreadsheet("Shop"))
    assert set(verdicts(check(tabs, PROBES))) == {Verdict.HOLDS}
    tabs.remove()
    assert {call.status for call in emulator.calls} <= {200, 400, 404} and now[0] > 60
    assert now[0] == pytest.approx(least_seconds(client.traffic.calls, {"read": 54, "write": 54}, 6))


def test_what_is_kept_of_the_wire_holds_no_token(emulator, book):
    client = a_client(emulator)
    tabs = ScratchTabs(client, book)
    list(check(tabs, A_FEW[:1]))
    assert tabs.transcript.exchanges and "Bearer" not in repr(tabs.transcript.exchanges)


def test_a_long_body_is_shown_without_its_middle():
    text = shortened("a" * 5_000 + "z" * 5_000, 100)
    assert text == "a" * 75 + " … [9,900 characters left out] … " + "z" * 25


def test_a_revoked_grant_ends_a_removal_at_once(tabs, emulator):
    list(check(tabs, A_FEW[:1]))
    emulator.strict_auth = True
    with pytest.raises(LeftBehind) as caught:
        tabs.remove()
    assert isinstance(caught.value.__cause__, GrantRevoked)
