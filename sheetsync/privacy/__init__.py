"""People's right to be forgotten, and shops' own. It is read in this order: `demands`, `forgetting`, `settling`.

A demand becomes a row, with what it is about (`demands`). Orders that are to be forgotten count as gone in every run
from then on, and their rows are emptied whatever becomes of other removed orders (`forgetting`). What is over is
noted by the scheduler (`settling`). See docs/privacy.md.
"""

from sheetsync.privacy.demands import answer, concerned, put_off, take
from sheetsync.privacy.forgetting import NOT_FORGOTTEN, ForgetfulSource, ForgetfulTab
from sheetsync.privacy.settling import settle

__all__ = [
    "NOT_FORGOTTEN",
    "ForgetfulSource",
    "ForgetfulTab",
    "answer",
    "concerned",
    "put_off",
    "settle",
    "take",
]
