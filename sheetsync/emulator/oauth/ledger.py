"""What was granted to whom: consents, codes and tokens, and when each of them dies. No IO, no clock."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sheetsync.emulator.oauth.accounts import Person, ServiceAccount
from sheetsync.emulator.oauth.clients import OAuthClient
from sheetsync.emulator.oauth.scopes import IDENTITY

Item = TypeVar("Item")
LIFETIME = 3599
CODE_LIFETIME = 600
DAY = 86_400
#: "Not used for six months" (documented); counted here as 180 days.
UNUSED = 180 * DAY
#: In Testing a refresh token lives seven days, unless it only tells who somebody is (documented).
TESTING = 7 * DAY
#: More refresh tokens of one person for one client push out the oldest (documented).
PER_CLIENT = 100
#: About half a day after its death nobody remembers a token: then it is refused as one never issued (observed).
REMEMBERED = DAY / 2


@dataclass(slots=True)
class Grant:
    """What a person lets a client do; `offline` when a refresh token belongs to it."""

    email: str
    client_id: str
    scopes: list[str]
    offline: bool = False


@dataclass(slots=True)
class Code:
    """One consent on its way to the client; `renewable` when a refresh token comes with it."""

    value: str
    email: str
    client_id: str
    scopes: list[str]
    redirect_uri: str
    expires: float
    challenge: str = ""
    method: str = ""
    nonce: str = ""
    offline: bool = False
    renewable: bool = False


@dataclass(slots=True)
class RefreshToken:
    """`ends` is a fixed end, None when only disuse ends it."""

    value: str
    email: str
    client_id: str
    scopes: list[str]
    used: float
    ends: float | None = None

    def death(self) -> float:
        return self.used + UNUSED if self.ends is None else min(self.ends, self.used + UNUSED)


@dataclass(slots=True)
class AccessToken:
    """`client_id` is "" for a service account, which no client stands before."""

    value: str
    email: str
    client_id: str
    project: str
    scopes: list[str]
    expires: float
    offline: bool = False


@dataclass(slots=True)
class Ledger:
    """All of it. Methods take the time; those that look a token up return None for a dead one."""

    clients: dict[str, OAuthClient] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    services: dict[str, ServiceAccount] = field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    dead: dict[str, float] = field(default_factory=dict)
    signing_key: str = ""

    # -- consents

    def consent(self, email: str, client_id: str, scopes: Sequence[str], offline: bool) -> Grant:
        """Add to what the person lets the client do: an earlier consent is never narrowed by a later one."""
        grant = self.grants.setdefault((email, client_id), Grant(email, client_id, []))
        grant.scopes = list(dict.fromkeys([*grant.scopes, *scopes]))
        grant.offline = grant.offline or offline
        return grant

    def covers(self, email: str, client_id: str, scopes: Sequence[str], offline: bool) -> bool:
        """Need the person not be asked again? Offline access asked for the first time is a new question (assumed)."""
        grant = self.grants.get((email, client_id))
        return grant is not None and set(scopes) <= set(grant.scopes) and (grant.offline or not offline)

    def revoke(self, email: str, client_id: str, now: float) -> bool:
        """End the grant with every token and code of it; False when there was none."""
        found = self.grants.pop((email, client_id), None) is not None
        for token in [each for each in self.refresh.values() if (each.email, each.client_id) == (email, client_id)]:
            self._bury(token, now)
        self.access = _without(self.access, lambda each: (each.email, each.client_id) == (email, client_id))
        self.codes = _without(self.codes, lambda each: (each.email, each.client_id) == (email, client_id))
        return found

    # -- tokens

    def add_code(self, code: Code) -> Code:
        self.codes[code.value] = code
        return code

    def issue_access(
        self, email: str, client_id: str, project: str, scopes: Sequence[str], now: float, offline: bool = False
    ) -> AccessToken:
        start = "ya29.a0" if client_id else "ya29.c."
        token = AccessToken(start + _random(150), email, client_id, project, list(scopes), now + LIFETIME, offline)
        self.access[token.value] = token
        return token

    def issue_refresh(self, email: str, client: OAuthClient, scopes: Sequence[str], now: float) -> RefreshToken:
        """A new one; the oldest of more than a hundred dies without a word."""
        short = client.testing and not set(scopes) <= IDENTITY
        ends = now + TESTING if short else None
        token = RefreshToken("1//0" + _random(75), email, client.client_id, list(scopes), now, ends)
        mine = [each for each in self.refresh.values() if (each.email, each.client_id) == (email, client.client_id)]
        for oldest in mine[: max(0, len(mine) - PER_CLIENT + 1)]:
            self._bury(oldest, now)
        self.refresh[token.value] = token
        return token

    def live_access(self, value: str, now: float) -> AccessToken | None:
        token = self.access.get(value)
        return token if token is not None and now < token.expires else None

    def live_refresh(self, value: str, now: float) -> RefreshToken | None:
        token = self.refresh.get(value)
        if token is not None and now >= token.death():
            self._bury(token, token.death())
            return None
        return token

    def remembered(self, value: str, now: float) -> bool:
        """Did this refresh token die lately?"""
        return value in self.dead and now < self.dead[value] + REMEMBERED

    def expire_refresh(self, email: str | None, client_id: str | None, now: float) -> int:
        """End the refresh tokens of that person, that client, or both; how many."""
        chosen = [
            each
            for each in self.refresh.values()
            if email in (None, each.email) and client_id in (None, each.client_id)
        ]
        for token in chosen:
            self._bury(token, now)
        return len(chosen)

    def prune(self, now: float) -> None:
        """Forget what is long dead."""
        self.access = _without(self.access, lambda each: now >= each.expires)
        self.codes = _without(self.codes, lambda each: now >= each.expires)
        self.dead = {value: died for value, died in self.dead.items() if now < died + REMEMBERED}

    def _bury(self, token: RefreshToken, when: float) -> None:
        del self.refresh[token.value]
        self.dead[token.value] = when


def new_code() -> str:
    """The shape of Google's: a slash in it, so clients must escape it."""
    return "4/0A" + _random(52)


def _random(length: int) -> str:
    return secrets.token_urlsafe(length)[:length]


def _without(items: dict[str, Item], gone: Callable[[Item], bool]) -> dict[str, Item]:
    return {key: item for key, item in items.items() if not gone(item)}
