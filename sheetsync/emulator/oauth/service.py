"""The service account that most tests need, and the switch that ends everything: `emulator.accounts`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.oauth.accounts import EMAIL, ServiceAccount, key_in
from sheetsync.emulator.oauth.ledger import LIFETIME, AccessToken
from sheetsync.emulator.oauth.scopes import SHEETS

if TYPE_CHECKING:
    from sheetsync.emulator.oauth.oauth import OAuth

Json = dict[str, Any]


class Accounts:
    """Short ways into `emulator.oauth` for service accounts."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    @property
    def revoked(self) -> bool:
        """True refuses all grants and tokens, of everybody; False brings them back."""
        return self._oauth.revoked

    @revoked.setter
    def revoked(self, revoked: bool) -> None:
        self._oauth.revoked = revoked

    def account(self, url: str, email: str = EMAIL) -> Json:
        """The service-account file for google-auth, with the token endpoint of this emulator."""
        return self._oauth.service_account(email).key_file(url)

    def write_account(self, path: Path, url: str, email: str = EMAIL) -> Path:
        """Write that file, readable by its owner only."""
        text = json.dumps(self.account(url, email), indent=2) + "\n"
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def read_key(self, path: Path) -> None:
        """Take the robot's key from such a file, so that one file is good for many emulators. Raises ValueError."""
        self._oauth.ledger.services[EMAIL] = ServiceAccount(EMAIL, key_in(path))

    def issue(self, token: str, now: float) -> None:
        """Make this text a good token of the robot's, for the usual lifetime."""
        robot = self._oauth.ledger.services[EMAIL]
        self._oauth.ledger.access[token] = AccessToken(token, EMAIL, "", robot.project, [SHEETS], now + LIFETIME)

    def user_of(self, token: str, now: float) -> str | None:
        """The account behind a token issued here and still good."""
        found = self._oauth.live(token, now)
        return None if found is None else found.email
