"""OAuth in the emulator: who calls, by which grant, with which scopes, and which files that reaches."""

from .accounts import ACCOUNT_FILE, EMAIL, Person, ServiceAccount
from .clients import CLIENT_FILE, OAuthClient
from .oauth import OAuth
from .service import Accounts

__all__ = ["ACCOUNT_FILE", "CLIENT_FILE", "EMAIL", "Accounts", "OAuth", "OAuthClient", "Person", "ServiceAccount"]
