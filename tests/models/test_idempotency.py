"""A request under a key is carried out once, whoever repeats it and whenever."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from sheetsync.errors import BadRequestKey, DoneBefore, KeyInUse, KeyReused
from sheetsync.models import IdempotencyKey, Tenant, idempotency
from sheetsync.models.idempotency import MOST_BYTES, Replay, clean_key, fingerprint_of
from tests.support.meeting import all_at_once, elsewhere

pytestmark = pytest.mark.django_db

BODY = {"id": 7, "name": "Bücher 🌵", "a": None, "b": [1, 2.5]}
FINGERPRINT = fingerprint_of("POST", "/api/v1/sources", "", b'{"name": "x"}')


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop")


def answer(status=201, data=BODY, **headers):
    return SimpleNamespace(status_code=status, data=data, headers=headers)


def work(tenant, name="work"):
    """What a request does: a row of its own for each time."""
    Tenant.objects.create(name=name)


def request(tenant, reply=None, key="k", fingerprint=FINGERPRINT, **kept):
    """As a view handles it. -> the replay, or None where the work was done"""
    with IdempotencyKey.objects.once(tenant, key, fingerprint) as once:
        if once.replay:
            return once.replay
        work(tenant)
        once.keep(reply or answer(), **kept)
    return None


def done():
    return Tenant.objects.filter(name="work").count()


def test_a_repeated_request_is_answered_alike_and_not_carried_out_again(tenant):
    first = request(tenant, answer(201, BODY, Location="/api/v1/sources/7", ETag='"abc"', Server="x"))
    second = request(tenant)

    assert first is None and done() == 1
    assert second == Replay(status=201, body=BODY, headers={"Location": "/api/v1/sources/7", "ETag": '"abc"'})
    assert list(second.body) == list(BODY)


def test_another_request_under_the_same_key_is_refused(tenant):
    request(tenant)
    with pytest.raises(KeyReused, match="'k' was used for another request, at 20"):
        request(tenant, fingerprint=fingerprint_of("POST", "/api/v1/sources", "", b'{"name": "y"}'))
    assert done() == 1


def test_another_tenants_key_is_another_key(tenant):
    request(tenant)
    assert request(Tenant.objects.create(name="other")) is None and done() == 2


def test_other_keys_do_not_matter(tenant):
    assert request(tenant, key="k") is None and request(tenant, key="K") is None and done() == 2


def test_work_that_fails_leaves_nothing_and_can_be_tried_again(tenant):
    with pytest.raises(ZeroDivisionError), IdempotencyKey.objects.once(tenant, "k", FINGERPRINT):
        work(tenant)
        raise ZeroDivisionError
    assert (done(), IdempotencyKey.objects.count()) == (0, 0)
    assert request(tenant) is None and done() == 1


@pytest.mark.parametrize("status", [302, 400, 409, 422, 429, 500, 503])
def test_a_refusal_is_not_kept_and_undoes_what_was_done(tenant, status):
    request(tenant, answer(status, {"detail": "no"}))
    assert (done(), IdempotencyKey.objects.count()) == (0, 0)
    assert request(tenant, fingerprint="another") is None


def test_inside_a_transaction_of_the_hosts_a_refusal_undoes_only_itself(tenant):
    with transaction.atomic():
        Tenant.objects.create(name="the host's")
        request(tenant, answer(400))
    assert Tenant.objects.filter(name="the host's").exists() and done() == 0


def test_work_whose_answer_nobody_keeps_is_done_each_time(tenant):
    for _ in range(2):
        with IdempotencyKey.objects.once(tenant, "k", FINGERPRINT) as once:
            assert once.replay is None
            work(tenant)
    assert (done(), IdempotencyKey.objects.count()) == (2, 0)


def test_after_a_day_a_key_is_a_new_key(tenant):
    request(tenant)
    IdempotencyKey.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert request(tenant, fingerprint="another") is None
    row = IdempotencyKey.objects.get()
    assert (row.fingerprint, done()) == ("another", 2)
    assert abs(row.expires_at - row.created_at - timedelta(hours=24)) < timedelta(seconds=1)


def test_an_answer_with_a_secret_is_not_kept_and_who_asks_again_learns_what_to_do(tenant):
    request(tenant, answer(201, {"token": "sst_hush"}, Location="/t/7"), secret=True, made={"id": 7})
    with pytest.raises(DoneBefore, match="revoke what was made, and ask again with a new Idempotency-Key") as caught:
        request(tenant)

    assert (caught.value.status, caught.value.location, caught.value.made) == (201, "/t/7", {"id": 7})
    assert "hush" not in str(IdempotencyKey.objects.values().get()) and done() == 1


def test_an_answer_that_is_too_long_is_not_kept_either(tenant):
    request(tenant, answer(201, {"text": "ü" * (MOST_BYTES // 2)}, Location="/t/7"))
    with pytest.raises(DoneBefore, match="too long to be kept: read what was made at its own address") as caught:
        request(tenant)
    assert caught.value.location == "/t/7" and IdempotencyKey.objects.get().body == "null"


def test_an_answer_with_half_of_a_surrogate_pair_is_kept(tenant):
    request(tenant, answer(201, {"text": "half \ud800 of it"}))
    assert request(tenant).body == {"text": "half \ud800 of it"}


def test_an_answer_with_a_nul_is_kept(tenant):
    request(tenant, answer(201, {"text": "nul \0 of it"}))
    assert request(tenant).body == {"text": "nul \0 of it"}


@pytest.mark.django_db(transaction=True)
def test_of_twenty_equal_requests_at_once_one_does_the_work_and_all_get_its_answer(tenant):
    for number in range(3):
        got = all_at_once(20, lambda which, key=f"k{number}": request(tenant, answer(201, {"by": which}), key=key))
        replays = [each for each in got if each is not None]

        assert len(replays) == 19 and done() == number + 1, got
        assert len({str(each) for each in replays}) == 1
        assert got.index(None) == replays[0].body["by"]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_whose_first_ones_fail_one_still_does_the_work(tenant):
    """Who waits for a transaction that is rolled back in the end takes its place."""
    failures = iter(range(5))
    lock = threading.Lock()

    def fails_five_times(which):
        with IdempotencyKey.objects.once(tenant, "k", FINGERPRINT) as once:
            if once.replay:
                return once.replay
            work(tenant)
            with lock:
                fail = next(failures, None) is not None
            if fail:
                raise ZeroDivisionError
            once.keep(answer())
            return "did it"

    got = all_at_once(20, fails_five_times)
    kinds = [each if each == "did it" else type(each).__name__ for each in got]

    assert sorted(kinds) == ["Replay"] * 14 + ["ZeroDivisionError"] * 5 + ["did it"] and done() == 1


@pytest.mark.django_db(transaction=True)
def test_work_and_answer_are_seen_together(tenant):
    """Whoever looks from outside while the work is done sees neither the key nor what the work made."""
    with elsewhere() as other, IdempotencyKey.objects.once(tenant, "k", FINGERPRINT) as once:
        work(tenant)
        once.keep(answer())
        assert other(lambda: (done(), IdempotencyKey.objects.count())).result() == (0, 0)
    assert (done(), IdempotencyKey.objects.count()) == (1, 1)


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_who_has_waited_long_enough_is_told_that_the_key_is_in_use(tenant, monkeypatch):
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
    with elsewhere() as other, IdempotencyKey.objects.once(tenant, "k", FINGERPRINT) as once:
        began = time.monotonic()
        error = other(request, tenant).exception()
        took = time.monotonic() - began
        once.keep(answer())

    assert isinstance(error, KeyInUse) and error.retry_after == 1 and 0.2 <= took < 5
    assert request(tenant).status == 201


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_the_patience_is_for_the_key_alone(tenant):
    """What the work waits for afterwards is not cut short, nor what a host had set before made longer."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL lock_timeout = '77s'")
        for _ in range(2):
            request(tenant)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("77s",)


@pytest.mark.only_on("postgresql")
def test_other_troubles_of_the_database_are_not_taken_for_a_key_in_use(tenant):
    def cut(execute, sql, *rest):
        if "INSERT" in sql:
            raise OperationalError("server closed the connection")
        return execute(sql, *rest)

    with connection.execute_wrapper(cut), pytest.raises(OperationalError, match="closed the connection"):
        request(tenant)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("one_request_per_key", {"key": "other"}),
        ("only_successes_are_kept", {"status": 404}),
        ("only_successes_are_kept", {"status": 100}),
        ("withheld_is_known", {"withheld": "moody"}),
    ],
)
def test_a_row_that_cannot_be(tenant, name, values):
    request(tenant)
    request(tenant, key="other")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        IdempotencyKey.objects.filter(key="k").update(**values)
    assert name in str(caught.value) or "UNIQUE constraint failed" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "key"),
    [("a", "a"), ('"8e03978e-40d5"', "8e03978e-40d5"), (" a b ", "a b"), ('"', '"'), ("x" * 255, "x" * 255)],
)
def test_a_key_may_be_in_quotes_or_not(header, key):
    assert clean_key(header) == key


@pytest.mark.parametrize("header", ["", " ", '""', "x" * 256, "ü", "a\nb", "a\0", '" a"'])
def test_a_key_that_cannot_be_used_is_refused(header):
    with pytest.raises(BadRequestKey, match="1 to 255 printable ASCII characters"):
        clean_key(header)


@given(st.text(max_size=300))
def test_whatever_is_sent_is_a_key_that_fits_or_refused(header):
    try:
        key = clean_key(header)
    except BadRequestKey:
        return
    assert 1 <= len(key) <= 255 and key.isascii() and key.isprintable() and key == key.strip()


@given(*[st.tuples(st.sampled_from(["POST", "PUT"]), st.text(), st.text(), st.binary())] * 2)
def test_requests_that_differ_have_different_fingerprints(one, other):
    assert (fingerprint_of(*one) == fingerprint_of(*other)) is (one == other)


def test_where_one_part_ends_and_the_next_begins_counts():
    assert fingerprint_of("POST", "/a", "b", b"") != fingerprint_of("POST", "/ab", "", b"")
