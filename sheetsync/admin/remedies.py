"""What an operator does about each error that can end a run, in words: what happened, what to do, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sheetsync import errors

Place = Literal["", "account", "automation", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """`what` happened, and what to `do`. `place`: whose page has what has to be changed; empty where nothing has to be.

    `owner`: not an operator but the owner of the account, of the spreadsheet or of the shop has to act.
    """

    what: str | Promise
    do: str | Promise
    place: Place = ""
    owner: bool = False


FAULT = Remedy(
    what=_("Something happened that sheetsync does not know: a fault in it, or in the site that it is installed in."),
    do=_("Read the traceback of the last attempt, and report it. Trying again helps only where the fault was a whim."),
)
"""For errors that are none of sheetsync's own."""

REMEDIES = {
    "Retryable": Remedy(
        what=_("Something failed that may succeed the next time."),
        do=_("Look at what the attempts have in common; try again when it is over."),
    ),
    "Unavailable": Remedy(
        what=_("Google, the shop or the database did not answer, or answered that it could not serve."),
        do=_(
            "Nothing has to be changed here. See whether other runs fail the same way, and look at the status page of "
            "whoever did not answer; try again when it is over."
        ),
    ),
    "AmbiguousOutcome": Remedy(
        what=_("A write was sent and no clean answer came. Nothing is written twice: the tab is looked at first."),
        do=_("Nothing has to be changed. The network to Google is bad, or Google is; try again when it is over."),
    ),
    "RateLimited": Remedy(
        what=_("Google, or the shop, allows no more calls for now. Nothing of the refused call was written."),
        do=_(
            "It mends itself with time. If it comes often: let fewer automations share this account, space their "
            "schedules out, or see who else uses the same quota."
        ),
        place="account",
    ),
    "TabChanging": Remedy(
        what=_("People kept changing the tab while it was being written to. What was written stands."),
        do=_("Try again in a quieter minute. If it comes often, move the schedule to an hour when nobody works there."),
        place="automation",
    ),
    "WorkerLost": Remedy(
        what=_("The worker stopped answering: it was killed, it hung, or it was cut off from the database."),
        do=_(
            "Look at its log at that time: a deployment, too little memory? A run that loses every worker does "
            "something to them: look at its source before you try again."
        ),
    ),
    "Permanent": Remedy(
        what=_("What was asked for cannot be done as it is set up."),
        do=_("Change what the error names."),
        place="automation",
    ),
    "BadColumn": Remedy(
        what=_("A column of the automation cannot be used."),
        do=_("Open the automation and correct the column that the error names."),
        place="automation",
    ),
    "BadFilter": Remedy(
        what=_("A filter of the automation cannot be used."),
        do=_("Open the automation and correct the filter that the error names."),
        place="automation",
    ),
    "BadRecord": Remedy(
        what=_("An order came in a shape that cannot be read; what came before it is in the tab."),
        do=_("Have the record corrected that the error names, or let the source leave out what it cannot read."),
        place="source",
    ),
    "BadSource": Remedy(
        what=_("The source cannot be opened as it is set up."),
        do=_("Open the source, correct its address or settings as the error says, and test it."),
        place="source",
    ),
    "TabRefused": Remedy(
        what=_("The tab is not ours to write: somebody else's data is in it, or it is no grid. Nothing was changed."),
        do=_("Choose an empty or another tab in the automation, or have it adopt the rows that are there."),
        place="automation",
    ),
    "LimitExceeded": Remedy(
        what=_("The spreadsheet would pass a limit of Google's: cells, columns or sizes. Nothing was written."),
        do=_("Delete what is not needed in the spreadsheet, export fewer columns or orders, or take another one."),
        place="automation",
    ),
    "RequestRefused": Remedy(
        what=_("The other side refused a request, and would refuse it again."),
        do=_("Read its words in the error. Most often a setting of the source or of the spreadsheet is behind it."),
        place="automation",
    ),
    "CallRefused": Remedy(
        what=_("The source asks for a call that is not let out of this house."),
        do=_("Open the source and correct the address, the method or the header that the error names."),
        place="source",
    ),
    "AddressRefused": Remedy(
        what=_("The source's address is malformed, not public, or leads to another place."),
        do=_(
            "Open the source and correct its address. One in your own network has to be allowed by the setting "
            "OUTBOUND_ALLOW."
        ),
        place="source",
    ),
    "BadReply": Remedy(
        what=_("The shop answered something that cannot be used: too large, or not what it says it is."),
        do=_("Open the source and test it. If its settings are right, the shop has to mend its answers."),
        place="source",
    ),
    "CannotDecrypt": Remedy(
        what=_("A stored secret does not open: its key is no longer in the settings, or it was stored elsewhere."),
        do=_("Put the old key back into ENCRYPTION_KEYS, behind the new one; or enter the credentials again."),
        place="source",
    ),
    "ClientRefused": Remedy(
        what=_("Google does not know this site's OAuth client, or none is set up. Every linked person is affected."),
        do=_("Compare GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET in the settings with Google's console."),
    ),
    "NeedsOwner": Remedy(
        what=_("The owner of the account or of the spreadsheet has to act first."),
        do=_("Tell the tenant what the error says."),
        place="automation",
        owner=True,
    ),
    "AccessDenied": Remedy(
        what=_("The Google account may not write to this spreadsheet."),
        do=_("The spreadsheet's owner has to share it with the account, as an editor; or choose another account."),
        place="account",
        owner=True,
    ),
    "ShopDenied": Remedy(
        what=_("The shop does not take the credentials of the source, or not for orders."),
        do=_("The shop's owner has to give new credentials, or more rights. Enter them in the source and test it."),
        place="source",
        owner=True,
    ),
    "GrantRevoked": Remedy(
        what=_("Google does not let this account in any more: access was taken back, has run out or is incomplete."),
        do=_(
            "Open the account, and send its owner the link to connect it again. Where the owner mended it at Google "
            "instead, press “Use it again”."
        ),
        place="account",
        owner=True,
    ),
    "SpreadsheetGone": Remedy(
        what=_("The spreadsheet or its tab is gone, or was never shared with this account."),
        do=_(
            "The owner can bring it back from the bin and share it again. Else choose another one in the automation: "
            "it is filled from the beginning."
        ),
        place="automation",
        owner=True,
    ),
}
"""By the names of their classes: a run remembers no more than that."""


def remedy_for(error_type: str) -> Remedy:
    """That of the class itself, else of the nearest class above it."""
    found = getattr(errors, error_type, None)
    family = found.__mro__ if isinstance(found, type) else ()
    return next((REMEDIES[each.__name__] for each in family if each.__name__ in REMEDIES), FAULT)


def waits_for_owner(error_type: str) -> bool:
    """Whether nothing an operator does here helps alone."""
    return remedy_for(error_type).owner
