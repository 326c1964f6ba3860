"""OAuth in the emulator: who calls, by which grant, with which scopes, and which files that reaches."""

from sheetsync.emulator.oauth.accounts import ACCOUNT_FILE, EMAIL, Person, ServiceAccount
from sheetsync.emulator.oauth.clients import CLIENT_FILE, OAuthClient
from sheetsync.emulator.oauth.oauth import OAuth
from sheetsync.emulator.oauth.service import Accounts

__all__ = ["ACCOUNT_FILE", "CLIENT_FILE", "EMAIL", "Accounts", "OAuth", "OAuthClient", "Person", "ServiceAccount"]
