"""OAuth clients: the web applications that people let in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sheetsync.emulator.options import wrong

Json = dict[str, Any]
#: What a client is called on the consent page, unless it is told.
APP = "An app under test"
CLIENT_FILE = "client_secret.json"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A web application as registered in a project; `testing` is the state of its consent screen."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    name: str
    project: str
    testing: bool = False

    def secrets(self, url: str) -> Json:
        """The client_secret.json that google_auth_oauthlib's Flow.from_client_config takes."""
        web = {
            "client_id": self.client_id,
            "project_id": self.project,
            "auth_uri": f"{url}/o/oauth2/v2/auth",
            "token_uri": f"{url}/token",
            "auth_provider_x509_cert_url": f"{url}/oauth2/v1/certs",
            "client_secret": self.client_secret,
            "redirect_uris": list(self.redirect_uris),
        }
        return {"web": web}


def checked_redirects(uris: Iterable[str]) -> tuple[str, ...]:
    """Redirect URIs fit to be registered: absolute, http or https, without a fragment. Raises ValueError."""
    if isinstance(uris, str):
        raise wrong("redirect_uris", uris, "give a list of addresses")
    return tuple(_checked_redirect(uri) for uri in uris)


def _checked_redirect(uri: str) -> str:
    try:
        parts = urlsplit(uri)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
    except (ValueError, TypeError, AttributeError):
        good = False
    if not good or not uri.isprintable() or not uri.isascii() or " " in uri or "#" in uri or "*" in uri:
        raise wrong("redirect_uris", uri, "give absolute http or https addresses without fragment or wildcard")
    return uri
