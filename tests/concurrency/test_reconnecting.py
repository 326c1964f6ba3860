"""The owner connects the account again while a run is about to find out that the old grant is gone."""

from __future__ import annotations

import pytest

from sheetsync.execute import execute_next
from sheetsync.models import GoogleAccount
from tests.support.meeting import elsewhere
from tests.support.runs import orders_of, run_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("own", [True, False], ids=["its own", "the default"])
def test_an_account_that_was_connected_again_meanwhile_is_not_flagged(world, own):
    automation = world.automation(orders=orders_of(1))
    account = GoogleAccount.objects.get()
    if own:
        type(automation).objects.update(account=account)
    run = run_of(automation)
    world.emulator.accounts.revoked = True
    held = world.emulator.faults.add("hold", "/token")
    with elsewhere() as other:
        executing = other(execute_next)
        assert world.emulator.faults.wait_reached(held)
        account.reconnect(world.key)
        world.emulator.faults.release()
        executing.result()
    account.refresh_from_db()
    run.refresh_from_db()
    assert (run.error_type, account.status, account.problem) == ("GrantRevoked", "active", "")
