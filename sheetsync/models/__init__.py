"""What we remember: one file a noun, each QuerySet beside its model."""

from sheetsync.models.account import GoogleAccount
from sheetsync.models.attempt import Incident, SyncAttempt
from sheetsync.models.automation import Automation, Column, DirtyOrder
from sheetsync.models.pulse import Pulse
from sheetsync.models.quota import QuotaBucket
from sheetsync.models.run import SyncRun
from sheetsync.models.source import Source
from sheetsync.models.tenant import Tenant

__all__ = [
    "Automation",
    "Column",
    "DirtyOrder",
    "GoogleAccount",
    "Incident",
    "Pulse",
    "QuotaBucket",
    "Source",
    "SyncAttempt",
    "SyncRun",
    "Tenant",
]
