"""Quotas: per user and per project, reads and writes apart, settable while the emulator runs."""

from __future__ import annotations

import pytest

from sheetsync.emulator import Emulator, Quotas, Request
from tests.emulator.support import Client


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metered(clock: Clock) -> Client:
    """Two reads a minute for a user, three for the project."""
    emulator = Emulator(quotas=Quotas(user_reads=2, project_reads=3), clock=clock)
    return Client(emulator, emulator.create_spreadsheet("Shop", tab="Orders"))


def read(client: Client, token: str) -> Request:
    headers = {"Authorization": f"Bearer {token}"}
    return Request(method="GET", path=f"/v4/spreadsheets/{client.id}", headers=headers)


def statuses(client: Client, *tokens: str) -> list[int]:
    return [client.emulator.handle(read(client, token)).status for token in tokens]


def test_each_user_has_a_quota_and_all_share_the_projects(metered: Client) -> None:
    assert statuses(metered, "anna", "anna", "anna", "bert", "bert") == [200, 200, 429, 200, 429]


@pytest.mark.parametrize(
    ("tokens", "words", "limit"),
    [
        (["anna"] * 3, "'Read requests per minute per user' of", "ReadRequestsPerMinutePerUser"),
        (["anna", "anna", "bert", "cleo"], "'Read requests per minute' of", "ReadRequestsPerMinutePerProject"),
    ],
)
def test_a_429_says_whose_quota_is_exceeded(metered: Client, tokens: list[str], words: str, limit: str) -> None:
    error = [metered.emulator.handle(read(metered, token)).json() for token in tokens][-1]["error"]
    assert words in error["message"]
    assert error["message"].endswith("for consumer 'project_number:1'.")
    assert error["details"][0]["metadata"] == {
        "quota_metric": "sheets.googleapis.com/read_requests",
        "quota_limit": limit,
        "service": "sheets.googleapis.com",
        "consumer": "projects/1",
    }


def test_a_call_is_forgotten_a_minute_after_it_was_made(metered: Client, clock: Clock) -> None:
    assert statuses(metered, "anna") == [200]
    clock.now = 30.0
    assert statuses(metered, "anna", "anna") == [200, 429]
    clock.now = 60.0
    assert statuses(metered, "anna", "anna") == [200, 429]


def test_a_refused_call_is_not_counted(metered: Client, clock: Clock) -> None:
    assert statuses(metered, "anna", "anna", "anna", "anna") == [200, 200, 429, 429]
    used = metered.emulator.meter.used(clock.now)
    assert used == [
        {"project": "1", "user": "…r anna", "kind": "read", "calls": 2},
        {"project": "1", "user": None, "kind": "read", "calls": 2},
    ]


def test_quotas_change_while_the_emulator_runs(metered: Client) -> None:
    metered.emulator.meter.quotas = Quotas(user_reads=None, project_reads=5)
    assert statuses(metered, *["anna"] * 6) == [200] * 5 + [429]
    metered.emulator.meter.quotas = None
    assert statuses(metered, "anna") == [200]


def test_every_project_has_quotas_of_its_own(clock: Clock) -> None:
    meter = Emulator(quotas=Quotas(project_writes=1), clock=clock).meter
    meter.check("write", "anna", 0.0, "111111111111")
    meter.check("write", "anna", 0.0, "222222222222")
    with pytest.raises(Exception, match="project_number:222222222222"):
        meter.check("write", "anna", 0.0, "222222222222")


def test_a_reset_forgets_what_was_used(metered: Client, clock: Clock) -> None:
    statuses(metered, "anna", "anna")
    metered.emulator.reset()
    assert metered.emulator.meter.used(clock.now) == []
