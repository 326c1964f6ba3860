"""Take an account away, and its grant at Google with it, unless another tenant rests on the same grant.

Google knows one grant for each account and client: who ends it ends it for all tenants that linked the account.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sheetsync.conf import settings as conf
from sheetsync.errors import AccountInUse, CannotDecrypt, Unavailable
from sheetsync.models import Automation, GoogleAccount, SyncRun
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic
from sheetsync.sheets import oauth
from sheetsync.sheets.oauth import Granted

log = logging.getLogger(__name__)

NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """What became of it. `new_default`: the account that took its place. `stopped`: automations that lost it.

    `settled`: False where Google did not answer; then the grant is still to be ended, by unlinking again or by `prune`.
    """

    new_default: GoogleAccount | None
    stopped: tuple[str, ...]
    settled: bool


def unlink(account: GoogleAccount, *, force: bool = False) -> Unlinked:
    """Nothing uses this account any more; Google forgets that it was linked.

    1. In one transaction it is unlinked, and another account becomes the default where it was that.
    2. What runs with it is stopped.
    3. The grant is ended, unless another tenant's link rests on it; only then are the secrets deleted, so that whoever
       dies in between, and a Google that does not answer, leave what is needed to do it later.

    Automations that name it wait until it is linked again or they name another. Those that name none go on with the new
    default. Raises AccountInUse while there are any, unless `force`. Unlinked again, it only does step 3.
    """
    heir, stopped = None, list[str]()
    if account.status != GoogleAccount.Status.UNLINKED:
        theirs = dict(Automation.objects.of_account(account).order_by("pk").values_list("pk", "name"))
        if theirs and not force:
            raise _in_use(account, list(theirs.values()))
        with atomic(GoogleAccount):
            heir = account.unlink()
            record("account.unlinked", account)
        SyncRun.objects.filter(automation__in=list(theirs)).cancel()
        stopped = list(theirs.values())
        log.info("account %s unlinked", account.pk, extra={"action": "account_unlinked", "account": account.pk})
    return Unlinked(new_default=heir, stopped=tuple(stopped), settled=_end_grant(account))


def end_left_over_grants() -> int:
    """Try again what Google did not answer, or somebody died over. -> how many grants are settled now."""
    return sum(_end_grant(account) for account in GoogleAccount.objects.left_over().order_by("pk"))


def give_back(granted: Granted, client_id: str) -> None:
    """End a grant of which nothing is kept, unless an account that is linked rests on it. Best effort."""
    if GoogleAccount.objects.of_grant(granted.subject, client_id).exists():
        return
    try:
        oauth.revoke(conf.GOOGLE_REVOKE_URL, granted.refresh_token)
    except Unavailable as error:
        log.warning("a grant that was not kept could not be ended: %s", error, extra={"action": "grant_left"})


def _in_use(account: GoogleAccount, names: list[str]) -> AccountInUse:
    shown = ", ".join(repr(name) for name in names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return AccountInUse(
        f"Google account {account.email} is what {shown}{more} write with: give them another account first, or unlink "
        "it all the same and they stop",
        automations=names,
    )


def _end_grant(account: GoogleAccount) -> bool:
    """-> whether nothing is left to be done. A service account's key is the operator's: it is only deleted here."""
    try:
        token = account.secrets().get("refresh_token")
    except CannotDecrypt:
        token = None  # nobody can ever use it again
    shared = GoogleAccount.objects.of_grant(account.subject, account.oauth_client).exists()
    if token and not shared and _still_unlinked(account):
        try:
            oauth.revoke(conf.GOOGLE_REVOKE_URL, token)
        except Unavailable as error:
            log.warning("account %s: %s", account.pk, error, extra={"action": "grant_not_ended", "account": account.pk})
            return False
    account.forget()
    return True


def _still_unlinked(account: GoogleAccount) -> bool:
    """Or somebody has linked it again, and what would end is the new grant."""
    return GoogleAccount.objects.left_over().filter(pk=account.pk, connected_at=account.connected_at).exists()
