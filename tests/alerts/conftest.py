"""Operators with mail, a tenant's endpoint behind real HTTP, and runs that end as a test wants."""

from __future__ import annotations

import time

import pytest

from sheetsync.alerts import go_round
from sheetsync.models import AlertEndpoint, SyncRun, ending
from sheetsync.models.ending import Snapshot
from sheetsync.outcome import Completed, Dead, Failed
from sheetsync.trigger import request_run
from tests.support.making import Maker
from tests.support.runs import LEASE
from tests.support.shops.server import Answer, ShopServer

OUTBOUND = {"OUTBOUND_ALLOW": ["127.0.0.1"], "OUTBOUND_HTTP": True}
SPOKEN = {"completed": Completed(), "failed": Failed(), "dead": Dead()}


@pytest.fixture
def make(transactional_db, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"DISPATCH": "polling", "WEBHOOK_DEBOUNCE_SECONDS": 0} | OUTBOUND
    return Maker()


@pytest.fixture
def operators(settings):
    """Two people get mail, and know where the admin is."""
    settings.SHEETSYNC = settings.SHEETSYNC | {
        "ALERT_EMAILS": ["anna@ops.example", "bo@ops.example"],
        "SITE_URL": "https://sync.example",
    }


class Receiver(ShopServer):
    """A tenant's endpoint: takes everything, unless told otherwise; slowly, where a test wants to be in time."""

    answer_slowly = False

    def answer(self, asked):
        if self.answer_slowly:
            time.sleep(0.05)
        return Answer(b"", 204)

    def ids(self):
        return [each.headers["webhook-id"] for each in self.asked]

    def types(self):
        return [each.json()["type"] for each in self.asked]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def automation(make):
    return make.automation()


@pytest.fixture
def endpoint(automation, receiver):
    return endpoint_of(automation.tenant, receiver.url + "/hook")


def endpoint_of(tenant, url):
    made = AlertEndpoint(tenant=tenant, url=url)
    made.rotate()
    made.save()
    return made


def send():
    """What is due. -> how many messages were tried"""
    return go_round(look=False)


def ends(automation, how, error=None):
    """A run of it, claimed and ended so, as a worker would. -> the run"""
    asked = request_run(automation, trigger=SyncRun.Trigger.MANUAL).run
    run = SyncRun.objects.claim("w", LEASE, only=asked.pk)
    ending.settle(run, SPOKEN.get(how, how), Snapshot(), error)
    return run
