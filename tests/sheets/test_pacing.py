"""Calls wait before they are sent, so that no minute holds more than Google allows; and refusals are learned from."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync.emulator import Emulator, Quotas, Response
from sheetsync.errors import RateLimited
from sheetsync.sheets.pacing import CUT, EPISODE, FLOOR, Level, LocalPacer, Rate, project_of, take_places
from tests.support.quotas import CountingEmulator, most_in_a_minute
from tests.support.wiring import a_client

RATE = Rate(per_minute=54, burst=6)
PROJECT = Rate(per_minute=270, burst=25)
HOUR = 3600.0


class Time:
    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def a_pacer(**rates):
    time = Time()
    return LocalPacer(rates or {"write": RATE}, clock=time.clock, sleep=time.sleep), time


@given(st.lists(st.floats(0, 5), max_size=200))
def test_no_minute_holds_more_than_59_calls(pauses):
    pacer, time = a_pacer()
    sent = []
    for pause in pauses + [0.0] * 120:
        time.now += pause
        pacer.take("write")
        sent.append(time.now)
    assert most_in_a_minute(sent) <= 59


def test_a_burst_goes_out_at_once():
    pacer, time = a_pacer()
    for _ in range(6):
        pacer.take("write")
    assert time.now == 0


def test_a_kind_without_a_rate_never_waits():
    pacer, time = a_pacer()
    for _ in range(100):
        pacer.take("read")
    assert time.now == 0


def test_reads_and_writes_do_not_wait_for_each_other():
    pacer, time = a_pacer(read=RATE, write=RATE)
    for _ in range(6):
        pacer.take("write")
        pacer.take("read")
    assert time.now == 0


def test_after_a_refusal_nothing_is_sent_for_the_time_asked():
    pacer, time = a_pacer()
    pacer.back_off("write", 20)
    pacer.take("write")
    assert time.now >= 20


def test_a_refusal_without_a_rate_is_slept_out():
    pacer, time = a_pacer()
    pacer.back_off("read", 20)
    assert time.now == 20


# -- several buckets

steps = st.tuples(st.floats(0, 3), st.integers(0, 2), st.sampled_from(["call", "call", "call", "refuse"]))


@settings(deadline=None)
@given(st.lists(steps, max_size=60), st.floats(0, 5))
def test_no_minute_of_an_account_holds_more_than_59_calls_and_none_of_a_project_more_than_294(steps, longest):
    """Three accounts of one project, looked at again and again by workers that wait up to `longest` seconds."""
    now, shared, own = 0.0, Level(), [Level(), Level(), Level()]
    sent = [[], [], []]
    for pause, account, what in steps + [(0.02, number % 3, "call") for number in range(400)]:
        now += pause
        if what == "refuse":
            own[account] = own[account].refused(RATE, now, 1.0)
            continue
        at, taken = take_places([(own[account], RATE), (shared, PROJECT)], now)
        if at - now > longest:
            now += (at - now) / 3  # turned away; meanwhile others try
            continue
        own[account], shared = taken
        sent[account].append(at)
    assert all(most_in_a_minute(each) <= 59 for each in sent if each)
    assert most_in_a_minute([at for each in sent for at in each]) <= 294


def test_a_place_is_taken_in_all_buckets_for_the_same_moment():
    full, empty = Level(arrival=100.0), Level()
    at, (first, second) = take_places([(full, Rate(per_minute=60, burst=1)), (empty, PROJECT)], 90.0)
    # The empty one's call is counted when it is sent, not when it was asked for.
    assert (at, first.arrival, second.arrival) == (100.0, 101.0, pytest.approx(100 + 60 / 270))


# -- what is learned


def test_a_refusal_cuts_the_rate_and_the_burst():
    level = Level().refused(RATE, 100.0, 1.0)
    assert level.share == CUT and RATE.cut_to(CUT) == Rate(per_minute=54 * CUT, burst=4)


def test_refusals_of_calls_that_were_on_the_way_at_once_cut_it_once():
    level = Level()
    for late in range(5):
        level = level.refused(RATE, 100.0 + late / 10, 1.0)
    assert level.share_at(101.0) == pytest.approx(CUT, abs=0.001)


def test_another_refusal_after_google_has_counted_a_minute_cuts_it_again():
    level = Level().refused(RATE, 100.0, 1.0).refused(RATE, 100.0 + EPISODE, 1.0)
    assert level.share == pytest.approx(CUT * (CUT + 0.01))


def test_each_block_of_an_episode_is_longer_than_the_last():
    level, now, blocks = Level(), 100.0, []
    for _ in range(4):
        level = level.refused(RATE, now, 1.5)
        blocks.append(level.free_at(RATE, now) - now)
        now += blocks[-1]
    assert blocks == [pytest.approx(seconds, abs=0.1) for seconds in (1.5, 3, 9, 27)]


def test_after_a_block_calls_come_one_by_one():
    level = Level().refused(RATE, 100.0, 10.0)
    first, (level,) = take_places([(level, RATE)], 110.0)
    second, _ = take_places([(level, RATE)], first)
    assert second - first == pytest.approx(RATE.cut_to(CUT).interval, abs=0.01)


@given(st.lists(st.floats(0, 2 * HOUR), max_size=80), st.floats(0, HOUR))
def test_the_share_stays_between_the_floor_and_all_and_never_falls_by_itself(pauses, later):
    level, now = Level(), 0.0
    for pause in pauses:
        now += pause
        level = level.refused(RATE, now, 1.0)
        assert FLOOR <= level.share_at(now) <= level.share_at(now + later) <= 1


@given(st.floats(FLOOR, 1), st.floats(0, HOUR))
def test_all_that_was_cut_is_back_after_two_hours_without_a_refusal(share, begin):
    assert Level(share=share, cut_at=begin).share_at(begin + 2 * HOUR) == 1


MARK = b'{"requests":[{"updateSpreadsheetProperties":{"properties":{"title":"x"},"fields":"title"}}]}'


def an_hour_of_writes(quota, change=None):
    """One account that always has something to write, where Google allows so much a minute. -> the emulator"""
    time = Time()
    emulator = CountingEmulator(quotas=Quotas(user_writes=quota), clock=time.clock)
    client, book = a_client(emulator), emulator.create_spreadsheet("Shop")
    client.pacer = LocalPacer({"write": RATE}, clock=time.clock, sleep=time.sleep)
    while time.now < HOUR:
        time.now += 0.2
        if change and time.now > HOUR / 3:
            emulator.meter.quotas, change = change, None
        with suppress(RateLimited):
            client.batch_update(book, MARK)
    return emulator


@pytest.mark.parametrize("quota", [15, 30, 50])
def test_of_a_quota_below_the_settings_most_is_used_with_few_refusals(quota):
    emulator = an_hour_of_writes(quota)
    used = len(emulator.accepted("write")) / (quota * 60)
    refused = [call.moment for call in emulator.refusals()]
    late = [moment for moment in refused if moment > HOUR / 6]
    print(f"\nquota {quota}: {used:.0%} used, {len(refused)} refused, {len(late)} of them after ten minutes")
    assert used > 0.85 and len(late) <= 15 and len(refused) / len(emulator.metered) < 0.05


def test_a_quota_that_is_there_again_is_used_again():
    emulator = an_hour_of_writes(15, change=Quotas())
    last = [moment for moment in emulator.accepted("write") if moment > HOUR - 300]
    # Two thirds of an hour bring back 40 % of the rate.
    assert len(last) / 5 > 30 and not [call for call in emulator.refusals() if call.moment > HOUR / 3 + 60]


def test_the_quota_of_the_documentation_never_refuses_the_pace_of_the_settings():
    emulator = an_hour_of_writes(60)
    assert emulator.refusals() == [] and len(emulator.accepted("write")) / 60 > 54


# -- whose quota


@pytest.mark.parametrize("per", ["user", "project"])
def test_a_refusal_says_whose_quota_it_is(emulator, book, per):
    client = a_client(emulator)
    emulator.faults.add("status", ":batchUpdate", status=429, per=per, times=9)
    with pytest.raises(RateLimited) as caught:
        client.batch_update(book, MARK)
    assert caught.value.scope == {"user": "account", "project": "project"}[per]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Too many requests</html>",
        b"[]",
        b'{"error": "quota"}',
        b'{"error": {"message": "m", "details": null}}',
        b'{"error": {"message": "m", "details": ["x", {"metadata": "y"}]}}',
        b'{"error": {"message": "m", "details": [{"metadata": {}}]}}',
        # An older shape on record.
        b'{"error": {"message": "m", "details": [{"@type": "type.googleapis.com/google.rpc.Help", "links": []}]}}',
    ],
)
def test_a_refusal_that_does_not_say_is_about_the_account(body):
    client = a_client(Refusing(body))
    with pytest.raises(RateLimited) as caught:
        client.batch_update("any", MARK)
    assert caught.value.scope == "account"


class Refusing(Emulator):
    """Answers every call with a 429 of this body."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def handle(self, request):
        return Response(status=429, headers={"Content-Type": "application/json"}, body=self.body)


@pytest.mark.parametrize(
    ("subject", "named", "project"),
    [
        ("robot@shop-1.iam.gserviceaccount.com", "shop-1", "shop-1"),
        # What a key file says beside the address may be somebody else's.
        ("robot@shop-1.iam.gserviceaccount.com", "victim", "shop-1"),
        ("123-compute@developer.gserviceaccount.com", "shop-1", "shop-1"),
        ("117623", "123456789-abc.apps.googleusercontent.com", "123456789"),
        ("117623", "", ""),
        ("@shop-1.iam.gserviceaccount.com", "named", "named"),
    ],
)
def test_the_project_whose_quota_is_used(subject, named, project):
    assert project_of(subject, named) == project
