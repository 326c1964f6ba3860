"""OAuth as the emulator's user steers it: people, clients, consents, and how tokens come to die."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.oauth import consent, file, identity, tokens
from sheetsync.emulator.oauth.accounts import ACCOUNT_FILE, EMAIL, Person, ServiceAccount, address, key_in
from sheetsync.emulator.oauth.clients import APP, OAuthClient, checked_redirects
from sheetsync.emulator.oauth.keys import SigningKey, new_key
from sheetsync.emulator.oauth.ledger import AccessToken, Ledger
from sheetsync.emulator.oauth.refusals import Refusal
from sheetsync.emulator.oauth.scopes import canonical, split, unknown
from sheetsync.emulator.options import wrong
from sheetsync.emulator.people.person import OWNER
from sheetsync.emulator.wire import Request, Response

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
Endpoint = Callable[["OAuth", Request, float], Response]

ENDPOINTS: dict[str, Endpoint] = {
    **{f"{verb} {path}": consent.answer for verb in ("GET", "POST") for path in consent.PATHS},
    "POST /token": tokens.answer,
    "POST /revoke": tokens.revoke,
    "GET /oauth2/v3/userinfo": identity.userinfo,
    "GET /v1/userinfo": identity.userinfo,
    "GET /tokeninfo": identity.tokeninfo,
    "GET /oauth2/v3/tokeninfo": identity.tokeninfo,
    "GET /oauth2/v1/certs": identity.certificates,
    "GET /oauth2/v3/certs": identity.key_set,
    "GET /.well-known/openid-configuration": identity.configuration,
}


class OAuth:
    """The accounts of one emulator. `revoked` refuses every grant and token until it is taken back."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.revoked = False
        self._path = None if emulator.data is None else emulator.data / file.NAME
        self.ledger = Ledger() if self._path is None else file.load(self._path)
        self._signing_key: SigningKey | None = None
        self.ledger.persons.setdefault(OWNER, Person(OWNER, "The Owner"))
        self.ledger.services.setdefault(EMAIL, ServiceAccount(EMAIL))

    @property
    def strict(self) -> bool:
        return self._emulator.strict_auth

    def handles(self, request: Request) -> bool:
        return f"{request.method} {request.path}" in ENDPOINTS

    def answer(self, request: Request, now: float) -> Response:
        """One call of an endpoint. Raises ApiError."""
        try:
            return ENDPOINTS[f"{request.method} {request.path}"](self, request, now)
        except Refusal as refusal:
            return refusal.response()

    def save(self) -> None:
        """Write the ledger through, where there is a directory for it."""
        self.ledger.prune(self._emulator.clock())
        if self._path is not None:
            disk = self._emulator.keeping.disk
            file.save(self._path, self.ledger, durable=disk is not None and disk.durable)

    # -- accounts

    def client(
        self,
        redirect_uris: Iterable[str] = (),
        testing: bool = False,
        name: str = APP,
        project: str | None = None,
    ) -> OAuthClient:
        """Register a web application; `project` puts it beside another one. Raises ValueError for a bad URI."""
        uris = checked_redirects(redirect_uris)
        number = project or str(10**11 + secrets.randbelow(9 * 10**11))
        client_id = f"{number}-{secrets.token_hex(16)}.apps.googleusercontent.com"
        client = OAuthClient(client_id, "GOCSPX-" + secrets.token_urlsafe(21), uris, name, number, testing)
        with self._emulator.lock:
            self.ledger.clients[client_id] = client
            self.save()
        return client

    def registered(self, redirect_uris: Iterable[str], testing: bool = False) -> OAuthClient | None:
        """The client that was registered with just these redirect URIs, if there is one."""
        wanted = set(redirect_uris), testing
        clients = self.ledger.clients.values()
        return next((each for each in clients if (set(each.redirect_uris), each.testing) == wanted), None)

    def person(self, email: str, name: str | None = None) -> Person:
        """The account of this address, made or renamed. Raises ValueError for what is no address."""
        email = address(email)
        with self._emulator.lock:
            found = self.ledger.persons.get(email)
            if found is None or name not in (None, found.name):
                found = Person(email, name or email.partition("@")[0].replace(".", " ").title())
                self.ledger.persons[email] = found
                self.save()
        return found

    def service_account(self, email: str = EMAIL) -> ServiceAccount:
        """The account of this address, made when it is not there, with a key. Raises ValueError."""
        email = address(email)
        with self._emulator.lock:
            account = self.ledger.services.setdefault(email, ServiceAccount(email))
            if not account.private:
                account.private = self._written_key(email) or new_key()
                self.save()
        return account

    def _written_key(self, email: str) -> str:
        """The key in the file of an older data directory, which had the robot's in nothing else."""
        path = None if self._emulator.data is None else self._emulator.data / ACCOUNT_FILE
        return key_in(path) if path is not None and path.exists() and email == EMAIL else ""

    def signing_key(self) -> SigningKey:
        """The key of id_tokens, made on first use."""
        if self._signing_key is None:
            if not self.ledger.signing_key:
                self.ledger.signing_key = new_key()
                self.save()
            self._signing_key = SigningKey(self.ledger.signing_key)
        return self._signing_key

    # -- grants

    def grant(self, person: Person | str, client: OAuthClient | str, scopes: Iterable[str] | str) -> str:
        """A refresh token as if the person had consented in a browser. Raises ValueError."""
        email, known = self._pair(person, client)
        named = split(scopes if isinstance(scopes, str) else " ".join(scopes))
        if not named or unknown(named):
            raise wrong("scopes", scopes, "give scopes of Sheets, Drive or the sign-in")
        with self._emulator.lock:
            self.ledger.consent(email, known.client_id, canonical(named), offline=True)
            token = self.ledger.issue_refresh(email, known, canonical(named), self._emulator.clock())
            self.save()
        return token.value

    def revoke(self, person: Person | str, client: OAuthClient | str) -> bool:
        """The person takes the client's access away, as in the account's settings; False when there was none."""
        email, known = self._pair(person, client)
        with self._emulator.lock:
            found = self.ledger.revoke(email, known.client_id, self._emulator.clock())
            self.save()
        return found

    def grants(self) -> list[Json]:
        """Who lets which client do what, and how many refresh tokens live."""
        with self._emulator.lock:
            return [
                {
                    "email": each.email,
                    "client_id": each.client_id,
                    "scopes": each.scopes,
                    "refresh_tokens": sum(
                        (token.email, token.client_id) == (each.email, each.client_id)
                        for token in self.ledger.refresh.values()
                    ),
                }
                for each in self.ledger.grants.values()
            ]

    def expire_access_tokens(self) -> int:
        """Every access token is over its hour. How many there were."""
        with self._emulator.lock:
            count = len(self.ledger.access)
            self.ledger.access.clear()
            self.save()
        return count

    def expire_refresh_tokens(self, client: OAuthClient | str | None = None, person: Person | str | None = None) -> int:
        """The refresh tokens of that client, that person or all die; the consents stay. How many died."""
        with self._emulator.lock:
            client_id = None if client is None else self._client(client).client_id
            email = None if person is None else self._person(person).email
            count = self.ledger.expire_refresh(email, client_id, self._emulator.clock())
            self.save()
        return count

    def pick(self, person: Person | str, client: OAuthClient | ServiceAccount | str, file_id: str) -> None:
        """The person opens a file with the app, so that its drive.file tokens reach it. Raises KeyError, ValueError."""
        project = client.project if isinstance(client, OAuthClient | ServiceAccount) else self._client(client).project
        email = person.email if isinstance(person, Person) else address(person)
        self._emulator.pick(file_id, email, project)

    def _pair(self, person: Person | str, client: OAuthClient | str) -> tuple[str, OAuthClient]:
        return self._person(person).email, self._client(client)

    def _person(self, person: Person | str) -> Person:
        email = person.email if isinstance(person, Person) else address(person)
        if email not in self.ledger.persons:
            raise wrong("email", email, "there is no such person: make one with oauth.person")
        return self.ledger.persons[email]

    def _client(self, client: OAuthClient | str) -> OAuthClient:
        client_id = client.client_id if isinstance(client, OAuthClient) else client
        if client_id not in self.ledger.clients:
            raise wrong("client_id", client_id, "there is no such OAuth client: make one with oauth.client")
        return self.ledger.clients[client_id]

    # -- tokens

    def live(self, value: str, now: float) -> AccessToken | None:
        """The access token of this text, while it is good."""
        return None if self.revoked else self.ledger.live_access(value, now)
