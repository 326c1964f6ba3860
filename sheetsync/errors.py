"""Every error of sheetsync, grouped by what the caller does next.

`Retryable`: try again later. `Permanent`: somebody must change a setting or a record first. `NeedsOwner`: the owner of
the Google account or of the spreadsheet must act. `StopQuietly`: the work is no longer ours; leave without a trace.
The code that raises picks the class; nobody inspects messages. A message names what was wrong, the value and a remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal


class SheetsyncError(Exception):
    """The root: `except SheetsyncError` catches all that sheetsync raises on purpose."""


class Retryable(SheetsyncError):
    """Nothing is wrong with what was asked; the same again may succeed.

    `retry_after`: seconds that the other side asked us to wait, or None where it did not say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Retryable):
    """The other side did not answer, or answered that it cannot serve now."""


class AmbiguousOutcome(Retryable):
    """A write was sent and no clean reply came: it may have been applied, or may yet be.

    A 503 with the write applied is on record (node-google-spreadsheet#512).
    """


class RateLimited(Retryable):
    """A quota is used up: the account's, or that of all accounts of the project. Nothing was applied."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, scope: Literal["account", "project"] = "account"
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.scope: Literal["account", "project"] = scope


class TabChanging(Retryable):
    """People kept changing the tab while a batch was being committed; it is found in a quieter minute."""


class KeyInUse(Retryable):
    """Another request with this Idempotency-Key is still being worked on."""


class WorkerLost(Retryable):
    """A worker's lease ran out before it was done: it was killed, hung, or was cut off from the database."""


class Permanent(SheetsyncError):
    """The same again fails the same way, until a setting, a column or a record is changed."""


class BadColumn(Permanent):
    """A column definition that cannot be used; the message names the column, the value and the remedy."""


class BadFilter(Permanent):
    """A filter that cannot be used; the message names the path, the value and the remedy."""


class BadRecord(Permanent):
    """A record of the source that cannot be read; the message names the place (file and line) and the reason."""


class BadSource(Permanent):
    """A source that cannot be opened or configured as asked."""


class TabRefused(Permanent):
    """The tab is not ours to write: it holds data of unknown origin, or is no grid."""


class LimitExceeded(Permanent):
    """A limit of Google Sheets would be passed; nothing was written."""


class RequestRefused(Permanent):
    """The other side refused a request for a reason that repeating it will not change; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class CallRefused(Permanent):
    """A call that must not leave this house as it was asked for: its address, its method or a header.

    `field`: what has to be changed, by the name that the caller gave it.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class AddressRefused(CallRefused):
    """An address that a tenant chose and that is not called: malformed, not public, or of another origin."""


class BadReply(Permanent):
    """An address that a tenant chose gave a reply that cannot be used: too large, or not what it says it is."""


class RunRefused(Permanent):
    """A run cannot be started, retried or replayed now; the message says why, and what to do first."""


class BadSchedule(Permanent):
    """A cron expression or time zone that cannot be used; the message names the value and the remedy."""


class CannotDecrypt(Permanent):
    """A sealed secret does not open: its key was removed from the settings, or it was sealed for another tenant."""


class AccessRefused(Permanent):
    """An install code that is not accepted. Its words are the same for all reasons that outsiders may not learn."""


class Mistyped(AccessRefused):
    """What was sent cannot be an install code at all: a character is wrong or missing."""


class TokenRefused(Permanent):
    """A token or install code cannot be made as asked; `field` is what is wrong, the message names value and remedy."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class BadRequestKey(Permanent):
    """An Idempotency-Key that cannot be used; the message says why."""


class KeyReused(Permanent):
    """An Idempotency-Key came with another request than the first time."""


class DoneBefore(Permanent):
    """This request was carried out before, and its answer was not kept: it held a secret, or was too long.

    `status` and `location` are those of that answer; `made` is what may be known of what it made.
    """

    def __init__(self, message: str, *, status: int, location: str = "", made: Any = None) -> None:
        super().__init__(message)
        self.status, self.location, self.made = status, location, made


class ClientRefused(Permanent):
    """Google does not know this site's OAuth client, or it is not set up here: an operator must see to it."""


class AccountInUse(Permanent):
    """A Google account cannot be unlinked yet; `automations` are the names of those that would lose it."""

    def __init__(self, message: str, *, automations: Sequence[str]) -> None:
        super().__init__(message)
        self.automations = tuple(automations)


class NotForRobots(Permanent):
    """A service account cannot do this; a person's account can."""


class NeedsOwner(SheetsyncError):
    """The owner of the account or of the spreadsheet must act before anything can go on."""


class AccessDenied(NeedsOwner):
    """This account may not do that with this spreadsheet."""


class ShopDenied(NeedsOwner):
    """The shop does not take the credentials of its source, or not for orders."""


class GrantRevoked(NeedsOwner):
    """The account's grant is gone: revoked, expired or incomplete."""


class SpreadsheetGone(NeedsOwner):
    """The spreadsheet or the tab does not exist any more, or was never shared with this account."""


class LinkRefused(NeedsOwner):
    """A Google account was not linked. Nothing was kept of it: whoever wants to link it starts again.

    `outcome` is the word for what happened, which lasts; the message is for people.
    """

    outcome = "failed"


class StateUnknown(LinkRefused):
    """The answer belongs to no attempt to link that was begun here."""


class StateExpired(LinkRefused):
    """The answer came too late."""


class StateReplayed(LinkRefused):
    """The answer was given before: each is good once."""


class ConsentDenied(LinkRefused):
    """The person said no."""

    outcome = "denied"


class ScopeUnticked(LinkRefused):
    """The person did not tick what is needed."""

    outcome = "unticked"


class CodeRefused(LinkRefused):
    """Google did not take the code that the person brought: it was used before, is too old, or somebody else's."""


class WrongAccount(LinkRefused):
    """The person chose another Google account than the one that was to be connected again."""


class NoLastingAccess(LinkRefused):
    """Google gave access for an hour, and nothing to renew it with."""


class BadIdToken(LinkRefused):
    """What says who the person is was not made for this site's OAuth client, or not by Google, or is too old."""


class LinkInterrupted(LinkRefused):
    """Google did not answer, or not in words that can be understood."""


class StopQuietly(SheetsyncError):
    """The work is no longer ours to do; what was committed stands, the rest belongs to somebody else."""


class LeaseLost(StopQuietly):
    """Another worker has taken this run over."""


class Canceled(StopQuietly):
    """Somebody asked for this run to be stopped; what was committed stands."""


class Paused(StopQuietly):
    """This stretch of work ends here and goes on later from its checkpoint; the attempt stays open.

    `seconds`: how long to wait before that. The message is the reason that people are shown, empty where there is none.
    """

    def __init__(self, message: str = "", *, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds


class SliceEnded(Paused):
    """The run has had its time at the worker: others may come first now."""


class ShuttingDown(Paused):
    """The worker was told to stop."""


class QuotaWait(Paused):
    """The account's quota at Google is used up for longer than a worker should wait for it."""
