"""Runs: what happened, why, and the buttons that mend it. Nobody edits history.

`acts.py` has the buttons, `page.py` the list and the page, `filters.py` and `finding.py` what the list can be asked.
`state.py` tells what a run is at, in words, and `progress.py` tells it again while it goes on. `timeline.py` tells the
attempts, `remedies.py` what to do about each error, `meanings.py` what warnings and incidents are.
"""

from sheetsync.admin.run.page import RunAdmin

__all__ = ["RunAdmin"]
