"""Clients that others wrote, authorised with the emulator's key and sent to its address instead of Google's."""

from __future__ import annotations

import gspread
import httplib2
import pygsheets
import pytest
from google.oauth2 import service_account
from googleapiclient.discovery import build

from sheetsync.emulator import Emulator

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]
GOOGLE = ("https://sheets.googleapis.com", "https://www.googleapis.com")


@pytest.fixture(scope="session")
def server():
    """One address for all tests: Google's clients take seconds to be made for one."""
    with Emulator().serve() as server:
        yield server


@pytest.fixture(scope="session")
def key_file(server, tmp_path_factory):
    return server.emulator.accounts.write_account(tmp_path_factory.mktemp("key") / "key.json", server.url)


@pytest.fixture
def emulator(server, key_file):
    """Empty, and takes no token but its own: a client's token of the test before is refused, and renewed."""
    server.emulator = emulator = Emulator(strict_auth=True)
    emulator.accounts.read_key(key_file)
    return emulator


def here(server, address):
    """The same path on the emulator."""
    for google in GOOGLE:
        if address.startswith(google):
            return server.url + address.removeprefix(google)
    return address


@pytest.fixture
def gc(emulator, server, key_file):
    """gspread's own way to another address: a client class."""

    class ToTheEmulator(gspread.HTTPClient):
        def request(self, method, endpoint, *args, **options):
            return super().request(method, here(server, endpoint), *args, **options)

    client = gspread.service_account(filename=key_file, http_client=ToTheEmulator)
    yield client
    client.http_client.session.close()


class Sent(httplib2.Http):  # type: ignore[misc]
    """pygsheets' own way to another address: a transport."""

    server = None

    def request(self, uri, *args, **options):
        return super().request(here(self.server, uri), *args, **options)


@pytest.fixture(scope="session")
def pygsheets_client(server, key_file):
    http = Sent()
    http.server = server
    yield pygsheets.authorize(service_account_file=str(key_file), http=http, retries=0)
    http.close()


@pytest.fixture
def pyg(emulator, pygsheets_client):
    return pygsheets_client


@pytest.fixture(scope="session")
def google_services(server, key_file):
    """Sheets and Drive, by the interface descriptions that Google's client ships."""
    credentials = service_account.Credentials.from_service_account_file(str(key_file), scopes=SCOPES)
    ends = {"sheets": ("v4", server.url), "drive": ("v3", f"{server.url}/drive/v3/")}
    services = [
        build(name, version, credentials=credentials, static_discovery=True, client_options={"api_endpoint": end})
        for name, (version, end) in ends.items()
    ]
    yield services
    for service in services:
        service.close()


@pytest.fixture
def google(emulator, google_services):
    return google_services
