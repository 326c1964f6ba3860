"""Ask the API itself whether it does what the sheet contract takes for granted.

Each probe is one assumption: a few calls on a scratch tab of its own, with the requests that sheetsync really sends.
`check` asks them one after the other; `manage.py check_sheets` is the way to it, docs/check-sheets.md the list.
"""

from sheetsync.sheets.probes import batches, cells, columns, markers, reads, replies, rows, tabs
from sheetsync.sheets.probes.asking import Broken, Known, Outcome, Probe, Rule, Verdict
from sheetsync.sheets.probes.checking import check, overhead
from sheetsync.sheets.probes.exchanges import Exchange
from sheetsync.sheets.probes.scratch import LeftBehind, ScratchTabs

MODULES = (batches, markers, tabs, columns, rows, replies, reads, cells)
PROBES = tuple(found for module in MODULES for found in vars(module).values() if isinstance(found, Probe))
"""All of them, in the order in which they are asked."""

__all__ = [
    "PROBES",
    "Broken",
    "Exchange",
    "Known",
    "LeftBehind",
    "Outcome",
    "Probe",
    "Rule",
    "ScratchTabs",
    "Verdict",
    "check",
    "overhead",
]
