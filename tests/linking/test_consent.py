"""Linking an account on the consent page: what is stored, and each way in which it can fail."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models.functions import Now

from sheetsync import linking
from sheetsync.conf import one_word
from sheetsync.errors import (
    ClientRefused,
    CodeRefused,
    ConsentDenied,
    LinkInterrupted,
    NoLastingAccess,
    NotForRobots,
    ScopeUnticked,
    StateExpired,
    StateReplayed,
    StateUnknown,
    WrongAccount,
)
from sheetsync.models import AuditEntry, GoogleAccount, OAuthState
from tests.support.consenting import ANN, BACK, BOB, FILE, SPREADSHEETS, answer
from tests.support.meeting import elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


def outcome():
    return OAuthState.objects.values_list("outcome", "reason").get()


def asked(begun):
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}


def test_a_person_who_consents_is_linked_and_the_first_account_is_the_default(town, shop):
    begun = town.begin(shop)
    linked = linking.finish(**answer(begun.url))
    account = GoogleAccount.objects.get()
    assert (linked.account, linked.created, account.email, account.kind) == (account, True, ANN, "oauth")
    assert account.is_default and account.has_scope(FILE) and not account.has_scope(SPREADSHEETS)
    assert outcome() == ("linked", "") and OAuthState.objects.get().account == account


def test_the_consent_page_is_asked_for_files_of_ours_only_offline_and_with_pkce(town, shop):
    found = asked(town.begin(shop, login_hint=BOB))
    assert found["scope"] == f"openid email {FILE}"
    assert (found["access_type"], found["prompt"], found["code_challenge_method"]) == ("offline", "consent", "S256")
    assert found["login_hint"] == BOB and "include_granted_scopes" not in found


def test_all_spreadsheets_are_asked_for_by_choice(town, shop):
    account = town.link(shop, scope="spreadsheets")
    assert account.has_scope(SPREADSHEETS) and not account.has_scope(FILE)


def test_who_is_linked_is_in_the_history(town, shop):
    town.link(shop)
    town.link(shop)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["account.linked", "account.reconnected"]


def test_a_second_account_is_not_the_default(town, shop):
    first, second = town.link(shop), town.link(shop, BOB)
    assert (first.is_default, second.is_default) == (True, False)


def test_linked_again_an_account_is_connected_with_a_new_grant_and_keeps_its_row(town, shop):
    account = town.link(shop)
    before = account.secrets()["refresh_token"]
    account.flag("the grant was revoked")
    begun = town.begin(shop)
    linked = linking.finish(**answer(begun.url))
    account.refresh_from_db()
    assert (linked.account, linked.created) == (account, False)
    assert (account.status, account.problem) == ("active", "")
    assert account.secrets()["refresh_token"] != before


def test_two_tenants_may_link_one_account_and_do_not_get_one_anothers_scopes(town, shop):
    town.link(shop, scope="spreadsheets")
    other = town.link(town.shop("other"))
    assert not other.has_scope(SPREADSHEETS) and GoogleAccount.objects.count() == 2


def test_connecting_again_asks_for_what_the_account_had_and_names_it(town, shop):
    account = town.link(shop, scope="spreadsheets")
    found = asked(town.begin(shop, account=account))
    assert set(found["scope"].split()) == {"openid", "email", FILE, SPREADSHEETS} and found["login_hint"] == ANN


def test_another_account_than_the_one_to_be_connected_again_is_refused_and_forgotten(town, shop):
    account = town.link(shop)
    begun = town.begin(shop, account=account)
    with pytest.raises(WrongAccount, match=f"{BOB} was chosen .* {ANN} is to be connected again"):
        linking.finish(**answer(begun.url, email=BOB))
    assert GoogleAccount.objects.get() == account and town.grants() == {ANN}


def test_the_grant_of_a_wrong_account_stays_where_another_tenant_rests_on_it(town, shop):
    theirs = town.link(town.shop("other"), BOB)
    begun = town.begin(shop, account=town.link(shop))
    with pytest.raises(WrongAccount):
        linking.finish(**answer(begun.url, email=BOB))
    linking.check(theirs)


def test_a_person_who_says_no_links_nothing(town, shop):
    begun = town.begin(shop)
    with pytest.raises(ConsentDenied, match="not allowed"):
        linking.finish(**answer(begun.url, decision="cancel"))
    assert not GoogleAccount.objects.exists() and outcome()[0] == "denied"


def test_an_unticked_box_links_nothing_and_leaves_no_grant(town, shop):
    begun = town.begin(shop)
    with pytest.raises(ScopeUnticked, match="tick its box"):
        linking.finish(**answer(begun.url, untick=(FILE,)))
    assert not GoogleAccount.objects.exists() and outcome()[0] == "unticked" and not town.grants()


def test_an_unticked_box_does_not_end_the_grant_of_an_account_that_is_linked(town, shop):
    account = town.link(shop)
    begun = town.begin(shop, scope="spreadsheets")
    with pytest.raises(ScopeUnticked):
        linking.finish(**answer(begun.url, untick=(SPREADSHEETS,)))
    linking.check(account)


def test_an_unknown_state_is_refused(town, shop):
    town.begin(shop)
    with pytest.raises(StateUnknown):
        linking.finish("made-up", code="4/0abc")
    assert outcome() == ("pending", "")


def test_a_state_is_good_once(town, shop):
    said = answer(town.begin(shop).url)
    linking.finish(**said)
    with pytest.raises(StateReplayed):
        linking.finish(**said)
    assert outcome()[0] == "linked"


def test_a_state_that_is_too_old_is_refused_and_its_code_is_not_used(town, shop):
    said = answer(town.begin(shop).url)
    OAuthState.objects.update(expires_at=Now() - timedelta(seconds=1))
    with pytest.raises(StateExpired, match="10 minutes"):
        linking.finish(**said)
    assert not GoogleAccount.objects.exists() and not [each for each in town.emulator.calls if each.path == "/token"]


def test_a_refusal_uses_the_state_up(town, shop):
    begun = town.begin(shop)
    said = answer(begun.url, decision="cancel")
    with pytest.raises(ConsentDenied):
        linking.finish(**said)
    with pytest.raises(StateReplayed):
        linking.finish(**answer(begun.url))


def test_a_code_that_google_does_not_take_is_refused(town, shop):
    with pytest.raises(CodeRefused, match="invalid_grant"):
        linking.finish(town.begin(shop).state, code="4/0-of-somebody-else")
    assert outcome()[0] == "failed" and "invalid_grant" in outcome()[1]


def test_a_code_of_another_attempt_does_not_fit_the_verifier(town, shop):
    stolen = answer(town.begin(shop).url)["code"]
    with pytest.raises(CodeRefused, match="verifier"):
        linking.finish(town.begin(town.shop("thief")).state, code=stolen)


@pytest.mark.parametrize("said", [{}, {"error": "admin_policy_enforced"}, {"error": "<script>alert(1)</script>"}])
def test_an_answer_that_is_neither_yes_nor_no_is_refused_without_repeating_it(town, shop, said):
    with pytest.raises((CodeRefused, LinkInterrupted)) as caught:
        linking.finish(town.begin(shop).state, **said)
    assert "start again" in str(caught.value) and "<" not in str(caught.value)


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "lose_reply"}, {"kind": "status", "status": 503}])
def test_a_google_that_does_not_answer_links_nothing_and_one_starts_again(town, shop, fault):
    said = answer(town.begin(shop).url)
    town.emulator.faults.add(fault.pop("kind"), "/token", **fault)
    with pytest.raises(LinkInterrupted, match="start again"):
        linking.finish(**said)
    assert outcome()[0] == "failed" and not GoogleAccount.objects.exists()
    assert town.link(shop).email == ANN


def test_a_client_that_google_does_not_accept_is_the_operators_business(town, shop, settings):
    said = answer(town.begin(shop).url)
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": "GOCSPX-mistyped"}
    with pytest.raises(ClientRefused, match="invalid_client"):
        linking.finish(**said)
    assert outcome()[0] == "failed"


def test_a_site_without_a_client_says_what_to_set(town, shop, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"GOOGLE_CLIENT_SECRET": None}
    with pytest.raises(ClientRefused, match="GOOGLE_CLIENT_SECRET"):
        town.begin(shop)


@pytest.mark.parametrize("uri", ["http://shop.example/back", "https://shop.example/back?x=1", "javascript:alert(1)"])
def test_an_answer_is_only_sent_where_nobody_listens_in(town, shop, uri):
    with pytest.raises(ClientRefused, match="redirect_uri"):
        linking.begin(shop, redirect_uri=uri)


def test_another_tenants_account_and_a_service_account_are_not_connected_by_consent(town, shop):
    theirs, robot = town.link(town.shop("other")), GoogleAccount.link_service_account(shop, town.key)
    with pytest.raises(WrongAccount):
        town.begin(shop, account=theirs)
    with pytest.raises(NotForRobots, match="operator"):
        town.begin(shop, account=robot)


def test_access_for_an_hour_only_is_not_enough(town, shop):
    begun = town.begin(shop)
    first = answer(begun.url.replace("access_type=offline", "access_type=online"))
    with pytest.raises(NoLastingAccess, match=ANN):
        linking.finish(**first)


def test_of_twenty_who_bring_one_state_one_links_the_account(town, shop):
    said = answer(town.begin(shop).url)
    with elsewhere(20) as go:
        callers = [go(linking.finish, **said) for _ in range(20)]
        refusals = [each.exception() for each in callers]
    assert refusals.count(None) == 1
    assert {type(each) for each in refusals} == {type(None), StateReplayed}
    assert GoogleAccount.objects.count() == 1 and outcome()[0] == "linked"


def test_who_is_killed_between_the_steps_leaves_nothing_that_works(town, shop):
    begun = town.begin(shop)
    OAuthState.objects.consume(begun.state)  # and no further
    link = OAuthState.objects.get()
    assert link.standing() == ("pending", "")
    assert link.standing(link.consumed_at + timedelta(minutes=3)) == ("failed", "It was interrupted: start again.")
    assert link.redirect_uri == BACK and town.link(shop).email == ANN


@pytest.mark.parametrize("value", ["", " GOCSPX-x", "GOCSPX x", "GOCSPX-x\n", 7, ["GOCSPX-x"]])
def test_a_client_secret_that_was_pasted_with_something_around_it_is_refused(value):
    with pytest.raises(ValueError, match="without spaces"):
        one_word(value)
