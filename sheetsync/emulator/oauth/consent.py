"""The authorization endpoint: a person chooses an account and what to allow, the client gets a code for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from sheetsync.emulator.oauth import pages
from sheetsync.emulator.oauth.accounts import Person
from sheetsync.emulator.oauth.asking import Asking, parse
from sheetsync.emulator.oauth.ledger import CODE_LIFETIME, Code, new_code
from sheetsync.emulator.oauth.refusals import Blocked, SentBack
from sheetsync.emulator.oauth.scopes import IDENTITY, SHORT
from sheetsync.emulator.origin import foreign
from sheetsync.emulator.wire import Request, Response

if TYPE_CHECKING:
    from sheetsync.emulator.oauth.oauth import OAuth

PATHS = ("/o/oauth2/v2/auth", "/o/oauth2/auth")
ISSUER = "https://accounts.google.com"


def answer(oauth: OAuth, request: Request, now: float) -> Response:
    """GET shows the page or redirects at once, POST is the decision. Both read the same query anew.

    Only the page itself may decide: another site's page must not consent in a person's place.
    """
    if (refusal := foreign(request)) is not None:
        return refusal
    try:
        asking = parse(oauth.ledger, request.query)
    except Blocked as error:
        return pages.blocked(error)
    try:
        return _decide(oauth, asking, request, now) if request.method == "POST" else _ask(oauth, asking, request, now)
    except SentBack as answer:
        return _redirect(asking, [("error", answer.error)])


def _ask(oauth: OAuth, asking: Asking, request: Request, now: float) -> Response:
    person = _consented(oauth, asking)
    if person is not None and not asking.prompt & {"consent", "select_account"}:
        return _allow(oauth, asking, person, asking.scopes, now, asked=False)
    if "none" in asking.prompt:
        # Google's word where it would have to show a page (assumed to be this one of OpenID's three).
        raise SentBack("interaction_required")
    return pages.consent(asking, _action(request), _persons(oauth), _chosen(oauth, asking))


def _consented(oauth: OAuth, asking: Asking) -> Person | None:
    """Who need not be asked: the hinted person, or the only one with a consent that covers the request.

    A browser at Google knows who is signed in; nobody signs in here, so a single consent stands for that (assumed).
    """
    ledger = oauth.ledger
    covered = [
        person
        for person in ledger.persons.values()
        if ledger.covers(person.email, asking.client.client_id, asking.scopes, asking.offline)
    ]
    if asking.hint:
        covered = [person for person in covered if asking.hint.lower() in (person.email, person.sub)]
    return covered[0] if len(covered) == 1 else None


def _persons(oauth: OAuth) -> list[Person]:
    return list(oauth.ledger.persons.values())


def _chosen(oauth: OAuth, asking: Asking) -> str:
    """The account marked on the page, or an address to type in it."""
    hint = asking.hint.strip().lower()
    for person in _persons(oauth):
        if hint in (person.email, person.sub):
            return person.email
    return hint


def _action(request: Request) -> str:
    return f"{request.path}?{urlencode(request.query)}"


def _decide(oauth: OAuth, asking: Asking, request: Request, now: float) -> Response:
    form = parse_qs(request.body.decode("utf-8", "replace"))
    if form.get("decision") != ["continue"]:
        raise SentBack("access_denied")
    typed = form.get("email", [""])[0].strip()
    chosen = typed or form.get("account", [""])[0]
    try:
        # A typed address is an account from now on; a chosen one must be there already.
        person = oauth.person(chosen) if typed else oauth.ledger.persons[chosen]
    except (ValueError, KeyError):
        problem = f"{typed} is no e-mail address." if typed else "Choose an account."
        return pages.consent(asking, _action(request), _persons(oauth), typed, problem)
    ticked = form.get("scope", [])
    scopes = [scope for scope in asking.scopes if scope in IDENTITY or scope in ticked]
    if not scopes:
        raise SentBack("access_denied")
    return _allow(oauth, asking, person, scopes, now, asked=True)


def _allow(oauth: OAuth, asking: Asking, person: Person, scopes: list[str], now: float, asked: bool) -> Response:
    """Note the consent, give out a code. A refresh token comes with it only where the person was asked."""
    ledger, client_id = oauth.ledger, asking.client.client_id
    renewable = asking.offline and (
        "consent" in asking.prompt or not ledger.covers(person.email, client_id, scopes, True)
    )
    grant = ledger.consent(person.email, client_id, scopes, asking.offline)
    granted = list(grant.scopes) if asking.include_granted else scopes
    code = Code(
        new_code(),
        person.email,
        client_id,
        granted,
        asking.redirect_uri,
        now + CODE_LIFETIME,
        challenge=asking.challenge,
        method=asking.method,
        nonce=asking.nonce,
        offline=asking.offline,
        renewable=renewable,
    )
    ledger.add_code(code)
    oauth.save()
    return _redirect(asking, _answers(asking, code, oauth, person, asked))


def _answers(asking: Asking, code: Code, oauth: OAuth, person: Person, asked: bool) -> list[tuple[str, str]]:
    """As Google's redirects of 2026 have it: short scope names stand beside the long ones."""
    short = [name for name in asking.named if SHORT.get(name) in code.scopes]
    answers = [("iss", ISSUER), ("code", code.value), ("scope", " ".join([*short, *code.scopes]))]
    if set(code.scopes) & IDENTITY:
        index = _persons(oauth).index(person)
        answers += [("authuser", str(index)), ("prompt", "consent" if asked else "none")]
    return answers


def _redirect(asking: Asking, answers: list[tuple[str, str]]) -> Response:
    """Only ever to the registered URI that was asked for."""
    state = [] if asking.state is None else [("state", asking.state)]
    joint = "&" if "?" in asking.redirect_uri else "?"
    headers = {"Location": f"{asking.redirect_uri}{joint}{urlencode([*state, *answers])}", "Cache-Control": "no-store"}
    return Response(status=302, headers=headers, body=b"")
