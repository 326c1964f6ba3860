"""What a linked account is good for: spreadsheets that we make, others that it may write, the whole road of a run."""

from __future__ import annotations

import pytest

from sheetsync import linking
from sheetsync.errors import AmbiguousOutcome, GrantRevoked, NotForRobots, RateLimited
from sheetsync.execute import execute_next
from sheetsync.models import GoogleAccount, QuotaBucket
from sheetsync.sheets import books
from tests.support.consenting import ANN, BOB, FILE
from tests.support.runs import expected, orders_of, run_of, set_orders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr(books, "LOOKS", (0.0, 0.1))


def anns_own(town, title="Her own"):
    """A spreadsheet that Ann made herself."""
    book = town.emulator.create_spreadsheet(title)
    town.emulator.share(book, ANN)
    return book


def exported(automation, orders):
    set_orders(automation, orders)
    run = run_of(automation)
    execute_next()
    run.refresh_from_db()
    return run.status, run.error


def test_a_spreadsheet_of_our_making_takes_exports_with_access_to_files_of_ours_only(town, account):
    automation = town.automation_of(account)
    assert exported(automation, orders_of(5)) == ("completed", "")
    assert exported(automation, orders_of(3)) == ("completed", "")
    assert expected(orders_of(3)).items() <= town.rows(automation).items()


def test_an_existing_spreadsheet_takes_exports_with_access_to_all(town, shop):
    account = town.link(shop, scope="spreadsheets")
    automation = town.automation_of(account, spreadsheet_id=anns_own(town))
    assert exported(automation, orders_of(5)) == ("completed", "")
    assert town.rows(automation) == expected(orders_of(5))


def test_an_existing_spreadsheet_is_out_of_reach_for_files_of_ours_only(town, account):
    status, error = exported(town.automation_of(account, spreadsheet_id=anns_own(town)), orders_of(1))
    assert status == "failed" and "Requested entity was not found" in error


def test_access_tokens_can_do_what_the_calls_need_and_no_more(town, account):
    linking.check(account)
    renewed = list(town.emulator.oauth.ledger.access.values())[-1]
    assert renewed.scopes == [FILE] and set(account.scopes.split()) > {FILE}


def test_a_new_spreadsheet_has_one_empty_tab_and_the_tenants_time_zone(town, shop):
    shop.time_zone = "Europe/Berlin"
    shop.save()
    made = linking.create_spreadsheet(town.link(shop), "Kaktus & Söhne", tab="Bestellungen")
    book = town.emulator.spreadsheet(made.id)
    assert (book.title, book.time_zone, [sheet.title for sheet in book.sheets]) == (
        "Kaktus & Söhne", "Europe/Berlin", ["Bestellungen"],
    )  # fmt: skip
    assert book.owner == ANN and made.id in made.url


@pytest.mark.parametrize("title", ["Orders", 'Ann\'s \\ "best"', "注文 🌵"])
def test_a_spreadsheet_whose_reply_was_lost_is_found_again(town, account, patient, title):
    town.emulator.faults.add("lose_reply", "/v4/spreadsheets")
    made = linking.create_spreadsheet(account, title)
    assert [book.title for book in town.emulator.store.books.values() if book.owner == ANN] == [title]
    assert town.emulator.spreadsheet(made.id).title == title


def test_one_of_the_same_name_is_not_taken_for_it(town, account, patient):
    earlier = linking.create_spreadsheet(account, "Orders")
    town.emulator.faults.add("lose_reply", "/v4/spreadsheets")
    assert linking.create_spreadsheet(account, "Orders").id != earlier.id


def test_a_spreadsheet_that_was_not_made_is_not_made_up(town, account, patient):
    town.emulator.faults.add("drop", "/v4/spreadsheets")
    with pytest.raises(AmbiguousOutcome, match="'Orders' was made: look for it"):
        linking.create_spreadsheet(account, "Orders")


def test_without_access_to_drive_nobody_can_tell(town, shop, patient):
    account = town.link(shop, scope="spreadsheets")
    town.emulator.faults.add("lose_reply", "/v4/spreadsheets")
    with pytest.raises(AmbiguousOutcome):
        linking.create_spreadsheet(account, "Orders")


def test_a_service_account_makes_no_spreadsheets_that_nobody_would_see(town, shop):
    robot = GoogleAccount.link_service_account(shop, town.key)
    with pytest.raises(NotForRobots, match="Share one of yours"):
        linking.create_spreadsheet(robot, "Orders")


def test_what_was_made_can_be_written(town, account):
    found = linking.reachable(account, linking.create_spreadsheet(account, "Orders").id)
    assert found.writable and found.reach.title == "Orders" and not found.message


def test_with_files_of_ours_only_others_are_explained(town, account):
    found = linking.reachable(account, anns_own(town))
    assert not found.writable and "spreadsheets that sheetsync makes" in found.message


def test_with_access_to_all_her_own_can_be_written(town, shop):
    assert linking.reachable(town.link(shop, scope="spreadsheets"), anns_own(town)).writable


def test_one_that_is_not_shared_says_so(town, shop):
    account = town.link(shop, scope="spreadsheets")
    found = linking.reachable(account, town.emulator.create_spreadsheet("Not hers"))
    assert found.reach.state == "not_shared" and "share it with that account" in found.message


def test_one_that_may_only_be_looked_at_says_so(town, shop):
    account = town.link(shop, scope="spreadsheets")
    book = town.emulator.create_spreadsheet("To look at")
    town.emulator.share(book, ANN, "reader")
    found = linking.reachable(account, book)
    assert found.reach.state == "read_only" and "as an editor" in found.message


def test_one_that_does_not_exist_says_so(town, shop):
    assert linking.reachable(town.link(shop, scope="spreadsheets"), "1AbC").reach.state == "gone"


@pytest.mark.parametrize("hostile", ["", "../../drive/v3/files", "a/b", "a?x=1", "a#b", "x" * 300, "é"])
def test_what_is_no_id_is_asked_of_nobody(town, account, hostile):
    before = len(town.emulator.calls)
    assert linking.reachable(account, hostile).reach.state == "unusable"
    assert len(town.emulator.calls) == before


def test_a_look_leaves_nothing_behind(town, account):
    book = linking.create_spreadsheet(account, "Orders").id
    linking.reachable(account, book)
    assert not town.emulator.spreadsheet(book).metadata


def test_a_grant_that_is_gone_is_noticed_here_too(town, account):
    book = linking.create_spreadsheet(account, "Orders").id
    town.revoke()
    with pytest.raises(GrantRevoked):
        linking.reachable(account, book)
    account.refresh_from_db()
    assert account.status == "needs_owner"


def test_who_waits_for_an_answer_shares_the_quota_with_the_runs_and_is_told_when_it_is_used_up(town, account, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"READS_PER_MINUTE": 1.0, "BURST": 1, "LONGEST_WAIT_SECONDS": 1.0}
    linking.reachable(account, "1AbC")
    with pytest.raises(RateLimited, match="used up") as caught:
        linking.reachable(account, "1AbC")
    assert caught.value.retry_after > 30 and QuotaBucket.objects.filter(subject=account.subject).exists()


def test_two_people_of_one_tenant_write_each_with_their_own_account(town, account):
    bob = town.link(account.tenant, BOB)
    for each in (account, bob):
        automation = town.automation_of(each, name=each.email)
        assert exported(automation, orders_of(2)) == ("completed", "")
        assert town.emulator.spreadsheet(automation.spreadsheet_id).owner == each.email
