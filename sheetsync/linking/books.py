"""What a linked account is good for: does its grant live, a new spreadsheet, can this one be written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sheetsync.conf import settings as conf
from sheetsync.errors import GrantRevoked, NotForRobots, QuotaWait, RateLimited
from sheetsync.execute.opening import pacer_of
from sheetsync.linking.resuming import resume
from sheetsync.models import GoogleAccount
from sheetsync.sheets import books, oauth
from sheetsync.sheets.books import Made, Reach
from sheetsync.sheets.client import Gateway, SheetsClient
from sheetsync.sheets.reading import Book, Sheet, Sight, cell_text, read_book, read_rows

ROWS_SHOWN = 5

READ_TIMEOUT = 30.0
"""Seconds: somebody is waiting in front of a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """What an account may do with a spreadsheet. `message`: what to do about it, empty where it can be written."""

    reach: Reach
    message: str

    @property
    def writable(self) -> bool:
        """Whether exports can go there."""
        return self.reach.state == "writable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is in a spreadsheet: its tabs, and how one of them begins. `book`: None where it cannot be read."""

    reachable: Reachable
    book: Book | None = None
    tab: Sheet | None = None
    rows: tuple[tuple[str, ...], ...] = ()


def check(account: GoogleAccount) -> None:
    """Ask Google whether the grant lives: an account that works after all is connected, one that does not is flagged.

    Raises GrantRevoked, ClientRefused, Unavailable.
    """
    with _calling(account) as client:
        client.connect()
    if account.status == GoogleAccount.Status.NEEDS_OWNER:
        account.reconnect()
        resume(account)


def create_spreadsheet(account: GoogleAccount, title: str, *, tab: str = "Orders") -> Made:
    """Make a spreadsheet in this person's Drive, with one empty tab, in the tenant's time zone.

    Raises NotForRobots for a service account, and AmbiguousOutcome where nobody can tell whether it was made.
    """
    if account.kind == GoogleAccount.Kind.SERVICE_ACCOUNT:
        raise NotForRobots(
            f"{account.email} is a service account: nobody would see its spreadsheet. Share one of yours with it."
        )
    with _calling(account) as client:
        drive = SheetsClient(_gateway(account, conf.DRIVE_URL), read_tries=2)
        try:
            zone = account.tenant.time_zone
            return books.create(client, drive, title=title, tab=tab, time_zone=zone, sleep=time.sleep)
        finally:
            drive.gateway.session.close()


def reachable(account: GoogleAccount, spreadsheet_id: str) -> Reachable:
    """Whether exports of this account can go to this spreadsheet, and what to do where they cannot."""
    with _calling(account) as client:
        found = books.reach(client, spreadsheet_id)
    return Reachable(reach=found, message=_message(account, found))


def look(account: GoogleAccount, spreadsheet_id: str, *, title: str = "", gid: int | None = None) -> Seen:
    """What is in it, and how the tab begins that has this id, or else this title. Nothing stays written.

    Raises GrantRevoked, ClientRefused, RateLimited, Unavailable.
    """
    with _calling(account) as client:
        found = books.reach(client, spreadsheet_id)
        reached = Reachable(reach=found, message=_message(account, found))
        if found.state not in ("writable", "read_only"):
            return Seen(reachable=reached)
        book = read_book(client, spreadsheet_id)
        tab = next((each for each in book.sheets if (each.title == title if gid is None else each.id == gid)), None)
        if tab is None or not tab.is_grid or not tab.rows:
            return Seen(reachable=reached, book=book, tab=tab)
        below = [(1, min(tab.rows, 1 + ROWS_SHOWN))] if tab.rows > 1 else []
        sight = read_rows(client, spreadsheet_id, tab.id, below)
        return Seen(reachable=reached, book=book, tab=tab, rows=_as_people_see(sight))


def _as_people_see(sight: Sight) -> tuple[tuple[str, ...], ...]:
    """The header and the rows that hold something, without our hidden columns."""
    hidden = {at for uid, at in sight.head.places.items() if uid.startswith("#")}
    shown = [[*map(cell_text, sight.rows[at])] for at in sorted(sight.rows) if at]
    rows = [[text for at, text in enumerate(row) if at not in hidden] for row in ([*sight.head.headers], *shown)]
    return tuple(tuple(row) for row in rows if any(row))


def _message(account: GoogleAccount, found: Reach) -> str:
    if found.state == "writable":
        return ""
    only_files = account.kind == GoogleAccount.Kind.OAUTH and not _sees_all(account)
    if only_files and found.state in ("gone", "not_shared"):
        return (
            f"{account.email} was linked for spreadsheets that sheetsync makes, and this is none of them, or it was "
            "deleted: let sheetsync make one, or link the account again for all of its spreadsheets."
        )
    return {
        "read_only": f"{account.email} may only look at it: share it with {account.email} as an editor.",
        "not_shared": f"It is not shared with {account.email}: share it with that account as an editor.",
        "gone": "There is no spreadsheet with this id: it was deleted, or the id is wrong.",
        "unusable": f"It cannot be used: {found.reason}",
    }[found.state]


def _sees_all(account: GoogleAccount) -> bool:
    return account.has_scope(oauth.SPREADSHEETS) or account.has_scope(oauth.DRIVE)


@contextmanager
def _calling(account: GoogleAccount) -> Iterator[SheetsClient]:
    """A client of this account for somebody who waits. What Google says of the grant is written down."""
    if account.status == GoogleAccount.Status.UNLINKED:
        raise GrantRevoked(account.hold)
    client = None
    try:
        project = account.oauth_client or str(account.secrets().get("project_id") or "")
        pacer = replace(pacer_of(account.subject, project), longest=conf.LONGEST_WAIT_SECONDS)
        client = SheetsClient(_gateway(account, conf.SHEETS_URL), pacer, read_tries=2)
        yield client
    except GrantRevoked as error:
        account.flag(str(error))
        raise
    except QuotaWait as wait:
        raise RateLimited(str(wait), retry_after=wait.seconds) from wait
    finally:
        if client is not None:
            client.gateway.session.close()


def _gateway(account: GoogleAccount, address: str) -> Gateway:
    gateway = Gateway(account.credentials(), base_url=address)
    gateway.set_timeout((conf.CONNECT_TIMEOUT, READ_TIMEOUT))
    return gateway
