"""Every error of sheetsync, grouped by what the caller does next.

`Retryable`: try again later. `Permanent`: somebody must change a setting or a record first. `NeedsOwner`: the owner of
the Google account or of the spreadsheet must act. `StopQuietly`: the work is no longer ours; leave without a trace.
The code that raises picks the class; nobody inspects messages. A message names what was wrong, the value and a remedy.
"""

from __future__ import annotations


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
    """A quota is used up. Nothing was applied."""


class TabChanging(Retryable):
    """People kept changing the tab while a batch was being committed; it is found in a quieter minute."""


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
    """Google refused a request for a reason that repeating it will not change; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class RunRefused(Permanent):
    """A run cannot be started, retried or replayed now; the message says why, and what to do first."""


class BadSchedule(Permanent):
    """A cron expression or time zone that cannot be used; the message names the value and the remedy."""


class CannotDecrypt(Permanent):
    """A sealed secret does not open: its key was removed from the settings, or it was sealed for another tenant."""


class NeedsOwner(SheetsyncError):
    """The owner of the account or of the spreadsheet must act before anything can go on."""


class AccessDenied(NeedsOwner):
    """This account may not do that with this spreadsheet."""


class GrantRevoked(NeedsOwner):
    """The account's grant is gone: revoked, expired or incomplete."""


class SpreadsheetGone(NeedsOwner):
    """The spreadsheet or the tab does not exist any more, or was never shared with this account."""


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
