"""Calls wait before they are sent, so that no minute ever holds more than Google allows."""

from hypothesis import given
from hypothesis import strategies as st

from sheetsync.sheets.pacing import LocalPacer, Rate, gcra

RATE = Rate(per_minute=54, burst=6)


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
    assert max(sum(1 for at in sent if start <= at < start + 60) for start in sent) <= 59


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


def test_gcra_gives_the_wait_and_the_next_arrival():
    assert gcra(0.0, Rate(per_minute=60, burst=1), 0.0) == (1.0, 0.0)
    assert gcra(1.0, Rate(per_minute=60, burst=1), 0.0) == (2.0, 1.0)
