"""Link Google accounts: begin -> Google's consent page -> finish; check, unlink, and what they are linked for.

`resuming.py` lets go on what waited for an account, `unlinking.py` takes one away, `books.py` makes spreadsheets and
tells which can be reached.
"""

from sheetsync.linking.books import Reachable, Seen, check, create_spreadsheet, look, reachable
from sheetsync.linking.consent import Begun, Linked, begin, finish
from sheetsync.linking.resuming import choose_default, resume
from sheetsync.linking.unlinking import Unlinked, end_left_over_grants, unlink

__all__ = [
    "Begun",
    "Linked",
    "Reachable",
    "Seen",
    "Unlinked",
    "begin",
    "check",
    "choose_default",
    "create_spreadsheet",
    "end_left_over_grants",
    "finish",
    "look",
    "reachable",
    "resume",
    "unlink",
]
