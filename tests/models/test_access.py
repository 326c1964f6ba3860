"""Codes are exchanged once, tokens open doors while they may, and neither is kept anywhere."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sheetsync.errors import AccessRefused, Mistyped, TokenRefused
from sheetsync.models import ApiToken, InstallCode, Tenant
from sheetsync.models.shown_once import TOKEN, new_text
from sheetsync.models.token import MOST_TOKENS
from tests.support.meeting import all_at_once, elsewhere
from tests.support.secrets_kept import tables_with

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def tenant():
    return Tenant.objects.create(name="Cactus shop")


@pytest.fixture
def code(tenant):
    """The text of a code."""
    return InstallCode.objects.mint(tenant, by="anna")[1]


def a_token(tenant, name="ci", scope="write", ttl=None):
    return ApiToken.objects.mint(tenant, name=name, scope=scope, ttl=ttl)


def opens(text):
    return ApiToken.objects.authenticate(text) is not None


# -- codes


def test_a_code_is_exchanged_for_a_token_of_all_scopes(tenant, code):
    token, text = InstallCode.objects.exchange(code, name="back office")
    used = InstallCode.objects.get()

    assert (token.tenant, token.name, token.scope) == (tenant, "back office", "admin")
    assert (used.token, used.created_by, bool(used.used_at)) == (token, "anna", True)
    assert ApiToken.objects.authenticate(text) == token


@pytest.mark.parametrize("change", [str.upper, lambda text: f" {text}\n"])
def test_a_code_may_be_typed_in_capitals_and_with_space_around_it(code, change):
    assert InstallCode.objects.exchange(change(code), name="a")


SOMEBODYS = "sst_a4eascqlbqgq4dyqcejbgfavcylrqgi2dmob2hq7m5pslzq"
"""A whole token."""


@pytest.mark.parametrize("text", ["", "ssi_", "hello", "ssi_" + "a" * 47, SOMEBODYS])
def test_what_can_be_no_code_is_told_without_asking_the_database(text, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(Mistyped, match="character is wrong or missing"):
        InstallCode.objects.exchange(text, name="a")


def use(text):
    InstallCode.objects.exchange(text, name="first")


def expire(text):
    InstallCode.objects.update(expires_at=Now() - timedelta(seconds=1))


def withdraw(text):
    assert InstallCode.objects.get().withdraw() and not InstallCode.objects.get().withdraw()


def pause(text):
    Tenant.objects.update(active=False)


def lose(text):
    InstallCode.objects.all().delete()


BAD_ENDS = [(use, "used at"), (expire, "expired"), (withdraw, "expired"), (pause, "is paused"), (lose, "unknown")]


@pytest.mark.parametrize(("end", "reason"), BAD_ENDS, ids=lambda value: getattr(value, "__name__", ""))
def test_outsiders_learn_nothing_from_a_refusal_and_the_log_has_the_reason(code, end, reason, caplog):
    end(code)
    before = ApiToken.objects.count()
    with CaptureQueriesContext(connection) as asked, pytest.raises(AccessRefused) as caught:
        InstallCode.objects.exchange(code, name="second")
    said = [query["sql"].split()[0] for query in asked if "sheetsync_installcode" in query["sql"]]

    assert str(caught.value).startswith("This install code is not valid: it is unknown, was used already, or has")
    assert said == ["UPDATE", "SELECT"]
    assert reason in caplog.text and code not in caplog.text
    assert ApiToken.objects.count() == before


def test_a_code_whose_token_cannot_be_made_can_be_exchanged_again(code):
    for _ in range(2):
        with pytest.raises(TokenRefused, match="name ''"):
            InstallCode.objects.exchange(code, name="")
    assert InstallCode.objects.exchange(code, name="a")


def test_a_second_code_is_not_stopped_by_a_token_whose_text_was_lost(tenant, code):
    InstallCode.objects.exchange(code, name="shop")
    names = [InstallCode.objects.exchange(InstallCode.objects.mint(tenant)[1], name="shop")[0].name for _ in range(2)]

    assert names == ["shop 2", "shop 3"]


def test_no_code_is_made_for_a_paused_tenant(tenant):
    tenant.active = False
    with pytest.raises(TokenRefused, match="'Cactus shop' is paused: resume it first"):
        InstallCode.objects.mint(tenant)


@pytest.mark.parametrize("ttl", [timedelta(), timedelta(days=-1), timedelta(days=91)])
def test_a_code_lives_for_a_sensible_time(tenant, ttl):
    with pytest.raises(TokenRefused) as caught:
        InstallCode.objects.mint(tenant, ttl)
    assert caught.value.field == "ttl"


def test_the_condition_on_the_row_is_in_the_update_itself(code):
    """Inside a subquery PostgreSQL would not judge it again for whoever had to wait for the row."""
    with CaptureQueriesContext(connection) as asked:
        use(code)
    (update,) = [query["sql"] for query in asked if query["sql"].startswith('UPDATE "sheetsync_installcode" SET "used')]
    condition = update.partition(" WHERE ")[2]

    assert condition.index('"used_at" IS NULL') < condition.index("(SELECT")


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_exchange_one_code_at_once_one_gets_a_token(tenant):
    for round_ in range(3):
        code, text = InstallCode.objects.mint(tenant)
        got = all_at_once(20, lambda n, text=text: InstallCode.objects.exchange(text, name=f"racer {n}"))
        (winner,) = [each[0] for each in got if isinstance(each, tuple)]

        assert sum(type(each) is AccessRefused for each in got) == 19, got
        code.refresh_from_db()
        assert code.token == winner and ApiToken.objects.count() == round_ + 1


# -- tokens


def test_a_token_is_known_again_by_one_query(tenant, django_assert_num_queries):
    token, text = a_token(tenant)
    with django_assert_num_queries(1):
        known = ApiToken.objects.authenticate(text)
        assert (known, known.tenant.name) == (token, "Cactus shop")


def test_strange_texts_open_nothing_and_ask_nothing(tenant, code, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not any(opens(text) for text in ("", "sst_", "Bearer x", "\ud800", "sst_" + "a" * 47, code))


def test_a_token_that_never_was_opens_nothing(tenant):
    a_token(tenant)
    assert not opens(new_text(TOKEN))


ENDS = [
    (lambda token: ApiToken.objects.update(expires_at=Now() - timedelta(seconds=1)), "expired"),
    (lambda token: token.revoke(), "revoked"),
    (lambda token: Tenant.objects.update(active=False), "its tenant is paused"),
    (lambda token: token.rotate(timedelta()), "expired"),
]


@pytest.mark.parametrize(("end", "reason"), ENDS)
def test_a_token_past_its_end_opens_nothing_and_the_log_says_why(tenant, end, reason, caplog):
    token, text = a_token(tenant)
    end(token)
    caplog.set_level(logging.INFO, "sheetsync")

    assert not opens(text)
    assert f"token ci ({text[:12]}…) refused: {reason}" in caplog.text and text not in caplog.text


def test_a_scope_includes_those_before_it(tenant):
    token, _ = a_token(tenant, scope="write")
    assert [token.allows(scope) for scope in ("read", "write", "admin")] == [True, True, False]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " \n"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "bell \x07"}, "name"),
        ({"name": "half \ud800"}, "name"),
        ({"scope": "root"}, "scope"),
        ({"ttl": timedelta()}, "ttl"),
        ({"ttl": timedelta(days=366)}, "ttl"),
        ({"ttl": timedelta.max}, "ttl"),
    ],
)
def test_a_token_that_cannot_be_is_refused_by_the_name_of_the_field(tenant, values, field):
    with pytest.raises(TokenRefused) as caught:
        a_token(tenant, **values)
    assert caught.value.field == field and not ApiToken.objects.exists()


@pytest.mark.parametrize(("days", "ttl", "lives"), [(365, None, 365 * DAY), (None, None, None), (30, DAY, DAY)])
def test_a_token_lives_as_long_as_was_asked_and_the_setting_lets_it(tenant, settings, days, ttl, lives):
    settings.SHEETSYNC = settings.SHEETSYNC | {"TOKEN_DAYS": days}
    token = a_token(tenant, ttl=ttl)[0]
    token.refresh_from_db()

    assert (token.expires_at and token.expires_at - token.created_at) == lives


def test_a_name_that_is_in_use_is_refused_and_free_again_after_its_end(tenant):
    a_token(tenant)
    with pytest.raises(TokenRefused, match="choose another, or rotate or revoke"):
        a_token(tenant)
    ApiToken.objects.update(expires_at=Now() - timedelta(seconds=1))
    second, _ = a_token(tenant)
    second.revoke()

    assert a_token(tenant) and a_token(Tenant.objects.create(name="other"))


def test_a_tenant_has_not_more_than_so_many_tokens(tenant):
    for number in range(MOST_TOKENS):
        last, _ = a_token(tenant, name=f"{number}")
    with pytest.raises(TokenRefused, match="revoke some first"):
        a_token(tenant, name="one more")
    last.revoke()
    assert a_token(tenant, name="one more")


def test_a_revoked_token_stays_revoked_since_the_first_time(tenant):
    token, _ = a_token(tenant)
    assert token.revoke()
    since = token.revoked_at

    assert not token.revoke() and token.revoked_at == since == ApiToken.objects.get().expires_at


def test_the_last_token_that_manages_tokens_is_known_as_such(tenant):
    first, second, reader = (a_token(tenant, name=name, scope=name[:5])[0] for name in ("admin", "admin2", "read"))
    assert not first.is_last_admin()
    second.revoke()

    assert first.is_last_admin() and not reader.is_last_admin()


def test_a_rotated_token_works_on_for_a_while_beside_the_new_one(tenant):
    old, old_text = a_token(tenant, ttl=10 * DAY)
    new, new_text = old.rotate(HOUR)

    assert opens(old_text) and opens(new_text)
    assert (new.name, new.scope, new.expires_at - new.created_at) == ("ci", "write", 10 * DAY)
    assert old.expires_at - old.replaced_at == HOUR


def test_a_rotation_never_lengthens_the_old_tokens_life(tenant):
    old, _ = a_token(tenant, ttl=HOUR)
    end = old.expires_at
    old.rotate(DAY)

    assert old.expires_at == end


def test_a_token_that_never_ends_is_rotated_into_one_that_the_setting_allows(tenant, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"TOKEN_DAYS": None}
    old, _ = a_token(tenant)
    settings.SHEETSYNC = settings.SHEETSYNC | {"TOKEN_DAYS": 30}
    new, _ = old.rotate(HOUR)

    assert new.expires_at - new.created_at == 30 * DAY


@pytest.mark.parametrize("end", [lambda token: token.revoke(), lambda token: token.rotate(HOUR), ENDS[0][0]])
def test_what_has_ended_or_was_replaced_is_not_rotated(tenant, end):
    token, _ = a_token(tenant)
    end(token)
    before = ApiToken.objects.count()
    with pytest.raises(TokenRefused, match="not in use any more, or was replaced already"):
        ApiToken.objects.get(pk=token.pk).rotate(HOUR)

    assert ApiToken.objects.count() == before


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=91), timedelta.max])
def test_an_overlap_that_cannot_be_is_refused(tenant, overlap):
    with pytest.raises(TokenRefused, match="overlap: write 0 to 90 days"):
        a_token(tenant)[0].rotate(overlap)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_rotate_a_token_at_once_one_gets_the_new_one(tenant):
    token, _ = a_token(tenant)
    got = all_at_once(20, lambda number: ApiToken.objects.get(pk=token.pk).rotate(HOUR))

    assert sorted(type(each).__name__ for each in got) == ["TokenRefused"] * 19 + ["tuple"]
    assert ApiToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_either_a_token_is_revoked_for_good_or_its_successor_is_there(tenant):
    for number in range(5):
        token, text = a_token(tenant, name=f"{number}")
        with elsewhere() as other:
            rotated, revoked = other(ApiToken.objects.get(pk=token.pk).rotate, HOUR), other(token.revoke)
            assert revoked.result() is True
        refused = isinstance(rotated.exception(), TokenRefused)

        assert not opens(text)
        assert ApiToken.objects.filter(name=f"{number}").count() == 2 - refused


def test_the_last_use_is_noted_once_a_minute(tenant, django_assert_num_queries):
    _, text = a_token(tenant)
    ApiToken.objects.authenticate(text).touch()
    noted = ApiToken.objects.get().last_used_at
    assert timezone.now() - noted < timedelta(minutes=1)
    with django_assert_num_queries(1):
        ApiToken.objects.authenticate(text).touch()
    ApiToken.objects.update(last_used_at=Now() - timedelta(seconds=61))
    ApiToken.objects.authenticate(text).touch()

    assert ApiToken.objects.get().last_used_at >= noted


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_to_note_a_use_while_another_request_holds_the_token(tenant):
    _, text = a_token(tenant)
    known = ApiToken.objects.authenticate(text)
    with elsewhere() as other, transaction.atomic():
        ApiToken.objects.select_for_update().get()
        other(known.touch).result(timeout=10)

    assert ApiToken.objects.get().last_used_at is None


def test_a_token_is_found_by_the_index_of_its_digest(tenant):
    _, text = a_token(tenant)
    ApiToken.objects.bulk_create(
        ApiToken(tenant=tenant, name=f"{n}", digest=f"{n:064}", prefix="sst_", scope="read") for n in range(2_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        assert opens(text)
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + asked[0]["sql"])
        plan = str(cursor.fetchall())

    assert "digest" in plan and "Seq Scan on sheetsync_apitoken" not in plan and "SCAN sheetsync_apitoken" not in plan


# -- what the database itself refuses


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("token_scope_is_known", {"scope": "root"}),
        ("token_has_a_name", {"name": ""}),
        ("revoked_token_has_expired", {"revoked_at": timezone.now(), "expires_at": None}),
        ("revoked_token_has_expired", {"revoked_at": timezone.now(), "expires_at": timezone.now() + DAY}),
        ("one_token_per_name", {"name": "other"}),
        ("digest", {"digest": "0" * 64}),
    ],
)
def test_a_token_that_cannot_be(tenant, name, values):
    token, _ = a_token(tenant)
    a_token(tenant, name="other")
    ApiToken.objects.filter(name="other").update(digest="0" * 64)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(**values)
    assert name in str(caught.value) or "UNIQUE constraint failed" in str(caught.value)


def test_a_code_that_cannot_be(tenant, code):
    token, _ = a_token(tenant)
    with pytest.raises(IntegrityError, match="code_has_token_only_when_used"), transaction.atomic():
        InstallCode.objects.update(token=token)
    with pytest.raises(IntegrityError), transaction.atomic():
        InstallCode.objects.create(tenant=tenant, digest=InstallCode.objects.get().digest, expires_at=timezone.now())


# -- what is left behind


def test_no_text_that_was_shown_is_left_in_the_database_or_the_log(tenant, caplog):
    caplog.set_level(logging.DEBUG)
    code = InstallCode.objects.mint(tenant, by="anna")[1]
    token, text = InstallCode.objects.exchange(code, name="a")
    _, rotated = token.rotate(HOUR)
    with pytest.raises(AccessRefused):
        InstallCode.objects.exchange(code, name="b")
    token.revoke()
    assert not opens(text)

    assert [tables_with(shown) for shown in (code, text, rotated)] == [[], [], []]
    assert tables_with(text[:12])  # the look itself finds what is there
    assert not [shown for shown in (code, text, rotated) if shown[:20] in caplog.text]


def test_no_text_that_was_shown_is_in_what_an_object_says_of_itself(tenant, code):
    token, text = InstallCode.objects.exchange(code, name="a")
    said = " ".join(f"{row} {row!r} {vars(row)}" for row in (token, token.code, InstallCode.objects.get()))

    assert text[:12] in said and text[:20] not in said and code[4:20] not in said


def test_a_report_of_an_error_hides_the_text(tenant, code, monkeypatch):
    from django.views.debug import ExceptionReporter

    def full_disk(*args):
        raise DatabaseError("disk full")

    with connection.execute_wrapper(full_disk), pytest.raises(DatabaseError) as caught:
        InstallCode.objects.exchange(code, name="a")
    report = ExceptionReporter(None, caught.type, caught.value, caught.tb)

    in_our_functions = [frame for frame in report.get_traceback_frames() if "sheetsync/models" in frame["filename"]]
    assert in_our_functions and code not in str([frame["vars"] for frame in in_our_functions])
