"""Latency: a time for each call and each byte, alike for the same seed, and calls wait side by side."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from sheetsync.emulator import Latency
from tests.emulator.support import Client, write


def test_a_call_takes_its_own_time_and_that_of_its_bytes() -> None:
    latency = Latency(call=0.2, byte_in=0.001, byte_out=0.01)
    assert latency.before(1, 100) == pytest.approx(0.1 + 0.1)
    assert latency.after(1, 50) == pytest.approx(0.1 + 0.5)


def test_jitter_is_the_same_for_the_same_seed_and_call() -> None:
    times = [Latency(call=1, jitter=0.5, seed=7).before(number, 0) for number in range(200)]
    assert times == [Latency(call=1, jitter=0.5, seed=7).before(number, 0) for number in range(200)]
    assert times != [Latency(call=1, jitter=0.5, seed=8).before(number, 0) for number in range(200)]
    assert 0.25 <= min(times) < 0.3 < 0.7 < max(times) <= 0.75


def test_a_call_is_answered_no_sooner_than_its_latency(client: Client) -> None:
    client.emulator.latency = Latency(call=0.1)
    began = time.monotonic()
    assert client.read("Orders!A1")["range"] == "Orders!A1"
    assert time.monotonic() - began >= 0.1


def test_calls_wait_side_by_side(client: Client) -> None:
    """Ten of half a second each take five seconds when they wait for one another."""
    client.emulator.latency = Latency(call=0.5)
    calls = [threading.Thread(target=client.ok, args=(write(row, 0, ["x"]),)) for row in range(10)]
    began = time.monotonic()
    for call in calls:
        call.start()
    for call in calls:
        call.join(30)
    assert time.monotonic() - began < 3
    assert len(client.sheet.values()) == 10


def test_a_person_acts_at_once(client: Client) -> None:
    client.emulator.latency = Latency(call=5)
    began = time.monotonic()
    client.emulator.person.type_text(client.sheet, 0, 0, "at once")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"call": -1}, r"call: -1 is not possible; give a number from 0"),
        ({"jitter": 2}, r"jitter: 2 is not possible; give a number from 0 to 1"),
        ({"byte_in": float("inf")}, r"byte_in: inf is not possible"),
    ],
)
def test_a_latency_that_cannot_be_is_refused(given: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        Latency(**given)
