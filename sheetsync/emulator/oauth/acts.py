"""`/_emulator/oauth/…` and `/_emulator/share`: accounts and files of others, for tests in other processes.

Every act raises ValueError for bad input, or ApiError for a file that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sheetsync.emulator.oauth.clients import APP
from sheetsync.emulator.options import Options, wrong

if TYPE_CHECKING:
    from sheetsync.emulator.emulator import Emulator

Json = dict[str, Any]
Act = Callable[["Emulator", Json], Json]


def _texts(options: Options, name: str) -> list[str]:
    value = options.given[name] if options.has(name) else None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong(name, value, "give a list of texts")
    return value


def _add_client(emulator: Emulator, body: Json) -> Json:
    """{"redirect_uris", "testing", "name", "project", "url"} -> the client, and with a url its client_secret.json."""
    options = Options(body)
    uris, testing = _texts(options, "redirect_uris"), options.flag("testing", False)
    name, project = options.text("name", APP), options.text_or_none("project")
    url = options.text_or_none("url")
    options.done()
    client = emulator.oauth.client(uris, testing=testing, name=name, project=project)
    reply: Json = {"client_id": client.client_id, "client_secret": client.client_secret}
    return reply if url is None else {**reply, "secrets": client.secrets(url)}


def _clients(emulator: Emulator, body: Json) -> Json:
    """-> {"clients"}, without their secrets."""
    names = ("client_id", "name", "project", "testing", "redirect_uris")
    clients = list(emulator.oauth.ledger.clients.values())
    return {"clients": [{name: getattr(each, name) for name in names} for each in clients]}


def _add_person(emulator: Emulator, body: Json) -> Json:
    """{"email", "name"} -> {"email", "name", "sub"}"""
    options = Options(body)
    email, name = options.text("email", None), options.text_or_none("name")
    options.done()
    person = emulator.oauth.person(email, name)
    return {"email": person.email, "name": person.name, "sub": person.sub}


def _persons(emulator: Emulator, body: Json) -> Json:
    persons = list(emulator.oauth.ledger.persons.values())
    return {"persons": [{"email": each.email, "name": each.name, "sub": each.sub} for each in persons]}


def _add_service_account(emulator: Emulator, body: Json) -> Json:
    """{"email", "url"} -> {"account"}: its key file, with the token endpoint at that address."""
    options = Options(body)
    email, url = options.text("email", None), options.text("url", None)
    options.done()
    return {"account": emulator.accounts.account(url, email)}


def _grant(emulator: Emulator, body: Json) -> Json:
    """{"email", "client_id", "scopes"} -> {"refresh_token"}, without a browser."""
    options = Options(body)
    email, client_id = options.text("email", None), options.text("client_id", None)
    scopes = _texts(options, "scopes")
    options.done()
    return {"refresh_token": emulator.oauth.grant(email, client_id, scopes)}


def _grants(emulator: Emulator, body: Json) -> Json:
    return {"grants": emulator.oauth.grants()}


def _expire(emulator: Emulator, body: Json) -> Json:
    """{"what": "access"}, or {"what": "refresh", "client_id", "email"} -> {"expired": how many}"""
    options = Options(body)
    what = options.choice("what", None, ("access", "refresh"))
    client_id, email = options.text_or_none("client_id"), options.text_or_none("email")
    options.done()
    if what == "refresh":
        return {"expired": emulator.oauth.expire_refresh_tokens(client_id, email)}
    if client_id is not None or email is not None:
        raise wrong("what", what, "access tokens all expire together: leave client_id and email out")
    return {"expired": emulator.oauth.expire_access_tokens()}


def _revoke(emulator: Emulator, body: Json) -> Json:
    """{"email", "client_id"} -> {"revoked": whether there was a grant}"""
    options = Options(body)
    email, client_id = options.text("email", None), options.text("client_id", None)
    options.done()
    return {"revoked": emulator.oauth.revoke(email, client_id)}


def _pick(emulator: Emulator, body: Json) -> Json:
    """{"email", "client_id", "spreadsheetId"}: the person opens the file with the app."""
    options = Options(body)
    email, client_id = options.text("email", None), options.text("client_id", None)
    file_id = options.text("spreadsheetId", None)
    options.done()
    emulator.oauth.pick(email, client_id, file_id)
    return {}


def _share(emulator: Emulator, body: Json) -> Json:
    """{"spreadsheetId", "email", "role": "writer" | "reader" | null}; null takes it back."""
    options = Options(body)
    file_id, email = options.text("spreadsheetId", None), options.text("email", None)
    role = options.text_or_none("role") if options.has("role") else "writer"
    options.done()
    emulator.share(file_id, email, role)
    return {}


ACTS: dict[str, Act] = {
    "POST oauth/clients": _add_client,
    "GET oauth/clients": _clients,
    "POST oauth/persons": _add_person,
    "GET oauth/persons": _persons,
    "POST oauth/service-accounts": _add_service_account,
    "POST oauth/grant": _grant,
    "GET oauth/grants": _grants,
    "POST oauth/expire": _expire,
    "POST oauth/revoke": _revoke,
    "POST oauth/pick": _pick,
    "POST share": _share,
}
