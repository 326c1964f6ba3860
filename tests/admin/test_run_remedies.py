"""Every error that can end a run has a remedy in words, and every kind of incident and warning a meaning."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import sheetsync
from sheetsync import errors
from sheetsync.admin.remedies import FAULT, REMEDIES, remedy_for, waits_for_owner
from sheetsync.admin.run.meanings import INCIDENTS, WARNINGS
from sheetsync.errors import NeedsOwner, SheetsyncError, StopQuietly
from sheetsync.pipeline.text import CUT, REPLACED, UNWRITABLE

ELSEWHERE = {
    # What the API answers, with no run in sight.
    "AccessRefused", "AccountInUse", "BadRequestKey", "DoneBefore", "KeyInUse", "KeyReused", "Mistyped",
    "TokenRefused", "RunRefused", "BadSchedule", "NotForRobots",
    # While an account is being linked.
    "LinkRefused", "BadIdToken", "CodeRefused", "ConsentDenied", "LinkInterrupted", "NoLastingAccess", "ScopeUnticked",
    "StateExpired", "StateReplayed", "StateUnknown", "WrongAccount",
    # The root is only caught.
    "SheetsyncError",
}  # fmt: skip
CLASSES = {
    name: each for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, SheetsyncError)
}
ENDING = sorted(name for name, each in CLASSES.items() if not issubclass(each, StopQuietly) and name not in ELSEWHERE)


@pytest.mark.parametrize("name", ENDING)
def test_an_error_that_can_end_a_run_has_a_remedy_of_its_own(name):
    remedy = REMEDIES[name]

    assert str(remedy.what).endswith(".") and str(remedy.do).endswith(".")
    assert remedy.what != remedy.do


def test_no_remedy_is_for_an_error_that_is_no_more():
    assert sorted(REMEDIES) == ENDING
    assert CLASSES.keys() >= ELSEWHERE


@pytest.mark.parametrize("name", ENDING)
def test_the_owner_has_to_act_exactly_where_the_error_says_so(name):
    assert waits_for_owner(name) == issubclass(CLASSES[name], NeedsOwner)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("QuotaWait", FAULT),  # no failure at all: a run that ended so would be a fault
        ("KeyError", FAULT),
        ("", FAULT),
        ("annotations", FAULT),  # a name of the module, but no class
        ("Sequence", FAULT),
        ("ScopeUnticked", REMEDIES["NeedsOwner"]),  # from the class above it
    ],
)
def test_other_errors_have_the_remedy_of_their_family_or_are_faults(name, remedy):
    assert remedy_for(name) is remedy


def kinds_in_the_code(calls: str) -> set[str]:
    """What the sources give as a kind, by word or by a constant's name."""
    found, root = set(), Path(sheetsync.__file__).parent
    for path in root.rglob("*.py"):
        if "emulator" in path.parts or "admin" in path.parts:
            continue
        for given in re.findall(calls, path.read_text()):
            module = importlib.import_module(".".join(("sheetsync", *path.relative_to(root).with_suffix("").parts)))
            found.add(given.strip('"') if given.startswith('"') else getattr(module, given))
    return found


def test_every_kind_of_incident_has_a_meaning():
    assert kinds_in_the_code(r'(?:incidents\.add|\.incident)\(\s*("\w+"|[A-Z_]+),') == set(INCIDENTS)


def test_every_kind_of_warning_has_a_meaning():
    tallied = kinds_in_the_code(r'(?:tally|warnings)\.add\(\s*("\w+"|[A-Z_]+),')
    misfits = kinds_in_the_code(r"misfit\(\w+, ([A-Z_]+)\)")

    assert tallied | misfits | {CUT, REPLACED, UNWRITABLE} == set(WARNINGS)
