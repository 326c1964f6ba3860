"""A person lets us in: the way to Google's page, and what comes back from it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.views.decorators.debug import sensitive_variables

from sheetsync.conf import base_url
from sheetsync.errors import (
    ClientRefused,
    CodeRefused,
    ConsentDenied,
    LinkInterrupted,
    LinkRefused,
    NotForRobots,
    ScopeUnticked,
    SheetsyncError,
    WrongAccount,
)
from sheetsync.linking.resuming import resume
from sheetsync.linking.unlinking import give_back
from sheetsync.models import GoogleAccount, OAuthState, Tenant
from sheetsync.models.account import oauth_client
from sheetsync.models.audit import record
from sheetsync.models.fields import atomic
from sheetsync.sheets import oauth
from sheetsync.sheets.oauth import Client, Granted

log = logging.getLogger(__name__)

Scope = Literal["file", "spreadsheets"]
SCOPES: dict[Scope, str] = {"file": oauth.FILE, "spreadsheets": oauth.SPREADSHEETS}
"""`file`: spreadsheets that we make, or that the person opens with us. `spreadsheets`: all that the account has."""

WORD = re.compile(r"\w{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An attempt to link an account. The browser goes to `url`; `link` tells later what became of it."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    expires_at: datetime
    link: OAuthState


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An account that works now. `created`: it was not known before."""

    account: GoogleAccount
    created: bool
    link: OAuthState


def begin(
    tenant: Tenant,
    *,
    redirect_uri: str,
    scope: Scope = "file",
    account: GoogleAccount | None = None,
    login_hint: str | None = None,
) -> Begun:
    """Begin to link an account, or to connect this one again; then no other one will do.

    Connecting again asks for what the account had besides. Raises ClientRefused where this site is not set up for it.
    """
    client = _client()
    _check_redirect(redirect_uri)
    wanted = {SCOPES[scope]}
    if account is not None:
        _check_account(tenant, account)
        wanted |= oauth.SHEETS & set(account.scopes.split())
        login_hint = login_hint or account.email
    scopes = [*oauth.IDENTITY, *sorted(wanted)]
    verifier = oauth.new_verifier()
    link, state = OAuthState.objects.begin(
        tenant, verifier=verifier, scopes=scopes, redirect_uri=redirect_uri, account=account
    )
    url = oauth.consent_url(
        client,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=state,
        verifier=verifier,
        login_hint=login_hint or "",
    )
    return Begun(url=url, state=state, expires_at=link.expires_at, link=link)


@sensitive_variables("state", "code")
def finish(state: str, *, code: str = "", error: str = "") -> Linked:
    """Take what the browser brought back from Google's page; good once, whatever comes of it.

    1. Take the attempt that the state belongs to: of many callers one gets it.
    2. Trade the code for a lasting grant, and look whose it is and what it allows.
    3. Store it, and let go on what waited for this account.

    Raises LinkRefused of many kinds, ClientRefused and CannotDecrypt; the attempt then says so. Whoever dies between
    two steps leaves an attempt that is used up and links nothing: the person starts again.
    """
    link = OAuthState.objects.consume(state)
    try:
        client = _client()
        granted = _granted(client, link, code, error)
        with atomic(GoogleAccount):
            account, created = GoogleAccount.link_person(link.tenant, granted, client.id)
            link.end(OAuthState.Outcome.LINKED, account=account)
            record("account.linked" if created else "account.reconnected", account)
    except SheetsyncError as refusal:
        outcome = refusal.outcome if isinstance(refusal, LinkRefused) else OAuthState.Outcome.FAILED.value
        link.end(outcome, str(refusal))
        log.warning("link %s: %s", link.pk, type(refusal).__name__, extra={"action": "link_refused", "link": link.pk})
        raise
    log.info("account %s linked", account.pk, extra={"action": "account_linked", "account": account.pk})
    resume(account)
    return Linked(account=account, created=created, link=link)


@sensitive_variables()  # here and in all that is called from here: reports of errors show variables otherwise
def _granted(client: Client, link: OAuthState, code: str, error: str) -> Granted:
    if error == "access_denied":
        raise ConsentDenied("Access was not allowed on Google's page, so nothing was linked.")
    if error:
        said = error if WORD.fullmatch(error) else "something else"
        raise LinkInterrupted(f"Google's page answered {said} and no consent: start again.")
    if not code:
        raise CodeRefused("The answer holds no code: start again.")
    verifier = link.secrets()["verifier"]
    granted = oauth.exchange(client, code=code, verifier=verifier, redirect_uri=link.redirect_uri)
    try:
        _judge(link, granted)
    except LinkRefused:
        give_back(granted, client.id)
        raise
    return granted


def _judge(link: OAuthState, granted: Granted) -> None:
    expected = link.account
    if expected is not None and expected.subject != granted.subject:
        raise WrongAccount(
            f"{granted.email} was chosen on Google's page, but {expected.email} is to be connected again: start again "
            f"and choose {expected.email}, or link {granted.email} as another account."
        )
    missing = oauth.SHEETS & set(link.scopes.split()) - granted.scopes
    if missing:
        boxes = "its box" if len(missing) == 1 else "all boxes"
        raise ScopeUnticked(f"Spreadsheets cannot be written without access to them: start again and tick {boxes}.")


def _client() -> Client:
    client = oauth_client()
    if client is None:
        raise ClientRefused(
            "People's Google accounts cannot be linked here yet: an operator has to set "
            'SHEETSYNC["GOOGLE_CLIENT_ID"] and SHEETSYNC["GOOGLE_CLIENT_SECRET"].'
        )
    return client


def _check_redirect(redirect_uri: str) -> None:
    try:
        base_url(redirect_uri)
    except ValueError as error:
        raise ClientRefused(
            f"redirect_uri {redirect_uri[:200]!r} cannot be used: give an https address without query or fragment, as "
            "it is registered with the OAuth client; http is for loopback only"
        ) from error


def _check_account(tenant: Tenant, account: GoogleAccount) -> None:
    if account.tenant_id != tenant.pk:
        raise WrongAccount("This account is no account of this tenant.")
    if account.kind != GoogleAccount.Kind.OAUTH:
        raise NotForRobots(f"{account.email} is a service account: an operator connects it again, with a new key.")
