"""Who calls: people, and the service accounts of programs."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetsync.emulator.oauth.keys import signed_by
from sheetsync.emulator.options import wrong

Json = dict[str, Any]
#: The service account that every emulator has.
EMAIL = "robot@sheets-emulator.iam.gserviceaccount.com"
ACCOUNT_FILE = "service-account.json"
ADDRESS = re.compile(r"[^\s@<>\"'&]{1,64}@[\w.-]{1,190}\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """A human account. `sub` depends on the address alone, so it is the same in every emulator."""

    email: str
    name: str

    @property
    def sub(self) -> str:
        """21 digits, the shape of Google's."""
        return str(10**20 + int.from_bytes(hashlib.sha256(self.email.encode()).digest(), "big") % 10**20)


@dataclass(slots=True)
class ServiceAccount:
    """A program's account; `private` is its key, "" until it is first needed."""

    email: str
    private: str = ""

    @property
    def project(self) -> str:
        """The project is the first part of the domain, as in every service account's address."""
        return self.email.partition("@")[2].partition(".")[0]

    @property
    def sub(self) -> str:
        return "1" if self.email == EMAIL else Person(self.email, "").sub

    def key_file(self, url: str) -> Json:
        """The service-account file for google-auth, with the token endpoint at this address."""
        return {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": "emulator",
            "private_key": self.private,
            "client_email": self.email,
            "client_id": self.sub,
            "token_uri": f"{url}/token",
        }

    def signed(self, assertion: str) -> bool:
        return bool(self.private) and signed_by(self.private, assertion)


def key_in(path: Path) -> str:
    """The private key in a service-account file. Raises ValueError."""
    try:
        return str(json.loads(path.read_text())["private_key"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no service-account file ({error}): move it away") from error


def address(email: str) -> str:
    """The address in lower case. Raises ValueError when it is none."""
    lower = email.strip().lower()
    if not ADDRESS.match(lower):
        raise wrong("email", email, "give an e-mail address like ann@example.com")
    return lower
