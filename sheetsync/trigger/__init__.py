"""How runs are born, and asked to stop: for clock, webhook, API, admin and commands alike."""

from sheetsync.trigger.birth import MAX_ID, MAX_ORDER_IDS, checked_ids, locked
from sheetsync.trigger.mending import MOST_PRIORITY, prioritize, put_back, replay, retry
from sheetsync.trigger.requesting import Requested, arequest_run, request_changed, request_locked, request_run
from sheetsync.trigger.scheduled import Scheduled, follow_up, request_scheduled
from sheetsync.trigger.stopping import activate, cancel, pause, pause_tenant, release_tab

__all__ = [
    "MAX_ID",
    "MAX_ORDER_IDS",
    "MOST_PRIORITY",
    "Requested",
    "Scheduled",
    "activate",
    "arequest_run",
    "cancel",
    "checked_ids",
    "follow_up",
    "locked",
    "pause",
    "pause_tenant",
    "prioritize",
    "put_back",
    "release_tab",
    "replay",
    "request_changed",
    "request_locked",
    "request_run",
    "request_scheduled",
    "retry",
]
