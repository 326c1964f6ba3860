"""Accounts, consents and tokens outlive the process, however it ends."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sheetsync.emulator import Emulator
from sheetsync.emulator.oauth.file import NAME
from sheetsync.emulator.people.person import OWNER
from tests.emulator.oauth_steps import (
    BACK,
    FILE,
    SHEETS,
    access,
    an_app,
    answers,
    call,
    connect,
    decide,
    exchange,
    refresh,
    refusal,
)

ROOT = Path(__file__).parents[2]
ANN = "ann@example.com"


def test_clients_people_grants_and_tokens_are_there_after_a_restart(tmp_path: Path) -> None:
    first = Emulator(tmp_path, strict_auth=True)
    app, book = an_app(first, testing=True, name="Shop"), first.create_spreadsheet("Shop")
    first.oauth.person(ANN, "Ann Other")
    reply = connect(first, app)
    first.close()
    second = Emulator(tmp_path, strict_auth=True)
    assert second.oauth.ledger.clients[app.client_id] == app
    assert second.oauth.person(ANN).name == "Ann Other"
    assert second.oauth.grants() == first.oauth.grants()
    assert call(second, reply["access_token"], "GET", f"/v4/spreadsheets/{book}").status == 200
    assert refresh(second, app, reply["refresh_token"]).status == 200


def test_a_code_given_before_a_restart_is_good_after_it_and_only_once(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    app = an_app(first)
    code = answers(decide(first, app))["code"]
    first.close()
    second = Emulator(tmp_path)
    assert exchange(second, app, code).status == 200
    second.close()
    assert refusal(exchange(Emulator(tmp_path), app, code)) == (400, "invalid_grant", "Bad Request")


def test_what_was_revoked_stays_revoked(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    app = an_app(first)
    value = first.oauth.grant(OWNER, app, [SHEETS])
    first.oauth.revoke(OWNER, app)
    first.close()
    error = refusal(refresh(Emulator(tmp_path), app, value))
    assert error == (400, "invalid_grant", "Token has been expired or revoked.")


@pytest.mark.parametrize("compacted", [False, True])
def test_sharing_and_picks_come_back_with_the_files(tmp_path: Path, compacted: bool) -> None:
    first = Emulator(tmp_path, strict_auth=True)
    app, book = an_app(first), first.create_spreadsheet("Shop", tab="Orders")
    made = call(first, access(first, app, FILE), "POST", "/v4/spreadsheets", {}).json()["spreadsheetId"]
    bearer = access(first, app, FILE, account=ANN)
    first.share(book, ANN, "reader")
    first.oauth.pick(ANN, app, book)
    if compacted:
        first.compact()
    first.close()
    second = Emulator(tmp_path, strict_auth=True)
    path = f"/v4/spreadsheets/{book}/values/Orders"
    assert call(second, bearer, "GET", path).status == 200
    assert call(second, bearer, "POST", path + ":clear", {}).status == 403
    assert call(second, access(second, app, FILE), "GET", f"/v4/spreadsheets/{made}").status == 200


def test_files_are_forgotten_by_a_reset_and_accounts_are_not(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    app = an_app(emulator)
    value = emulator.oauth.grant(OWNER, app, [SHEETS])
    emulator.reset()
    emulator.close()
    assert refresh(Emulator(tmp_path), app, value).status == 200


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    an_app(Emulator(tmp_path))
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', '{"version": 1, "clients": [{}]}'])
def test_a_file_that_is_no_ledger_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(ValueError, match=NAME):
        Emulator(tmp_path)


def test_the_keys_stay_the_same(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    key, kid = first.accounts.account("http://x")["private_key"], first.oauth.signing_key().kid
    first.close()
    second = Emulator(tmp_path)
    assert (second.accounts.account("http://x")["private_key"], second.oauth.signing_key().kid) == (key, kid)


def test_the_key_file_of_an_older_directory_is_still_good(tmp_path: Path) -> None:
    key = Emulator().accounts.write_account(tmp_path / "service-account.json", "http://x")
    expected = json.loads(key.read_text())["private_key"]
    assert Emulator(tmp_path).accounts.account("http://x")["private_key"] == expected


def test_a_client_is_found_again_by_its_redirect_uris(tmp_path: Path) -> None:
    first = Emulator(tmp_path)
    app = first.oauth.client([BACK, "http://localhost/back"])
    first.close()
    oauth = Emulator(tmp_path).oauth
    assert oauth.registered(["http://localhost/back", BACK]) == app
    assert oauth.registered([BACK]) is None
    assert oauth.registered([BACK, "http://localhost/back"], testing=True) is None


def test_a_killed_process_loses_no_token_that_it_gave_out(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "sheets_emulator", "--port", "0", "--data", str(tmp_path), "--strict-auth"]
    command += ["--oauth-redirect", BACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        url, _, secrets = (process.stdout.readline().split()[-1] for _ in range(3))
        web = json.loads(Path(secrets).read_text())["web"]
        asked = {"email": OWNER, "client_id": web["client_id"], "scopes": [SHEETS]}
        grant = requests.post(f"{url}/_emulator/oauth/grant", json=asked, timeout=10).json()
        form = {name: web[name] for name in ("client_id", "client_secret")} | grant | {"grant_type": "refresh_token"}
        bearer = requests.post(web["token_uri"], data=form, timeout=10).json()["access_token"]
        process.send_signal(signal.SIGKILL)
    after = Emulator(tmp_path, strict_auth=True)
    assert after.oauth.live(bearer, after.clock()) is not None
    assert after.oauth.registered([BACK]) is not None
    assert refresh(after, after.oauth.ledger.clients[web["client_id"]], grant["refresh_token"]).status == 200
