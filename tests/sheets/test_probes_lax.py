"""Every probe can fail: an emulator that breaks one promise is found out by the probes of that promise alone."""

from __future__ import annotations

import pytest

from sheetsync.sheets.probes import PROBES, ScratchTabs, Verdict, check
from tests.support.laxities import LAXITIES, LaxEmulator
from tests.support.wiring import a_client


@pytest.fixture(params=LAXITIES)
def lax(request):
    return LaxEmulator(request.param)


def test_a_laxity_is_found_by_its_probes_alone_and_leaves_no_tab(lax):
    book = lax.create_spreadsheet("Shop")
    tabs = ScratchTabs(a_client(lax), book)
    outcomes = list(check(tabs, PROBES))
    tabs.remove()
    broken = {outcome.probe.name: outcome for outcome in outcomes if outcome.verdict is Verdict.BROKEN}
    assert set(broken) == set(lax.laxity.found_by)
    assert all(outcome.detail and outcome.exchanges for outcome in broken.values())
    assert {outcome.verdict for outcome in outcomes} == {Verdict.HOLDS, Verdict.BROKEN}
    assert [sheet.title for sheet in lax.spreadsheet(book).sheets] == ["Sheet1"]


def test_every_probe_has_a_laxity_that_only_it_or_few_others_find():
    first = {laxity.found_by[0] for laxity in LAXITIES.values()}
    assert {probe.name for probe in PROBES} <= first
