"""What we remember: one file a noun, each QuerySet beside its model."""

from sheetsync.models.access import InstallCode
from sheetsync.models.account import GoogleAccount
from sheetsync.models.alert import Alert
from sheetsync.models.alert_endpoint import AlertEndpoint
from sheetsync.models.alert_message import AlertMessage
from sheetsync.models.attempt import Incident, SyncAttempt
from sheetsync.models.audit import AuditEntry
from sheetsync.models.automation import Automation, Column, DirtyOrder
from sheetsync.models.consent import OAuthState
from sheetsync.models.hours import Hour
from sheetsync.models.idempotency import IdempotencyKey
from sheetsync.models.install_state import InstallState
from sheetsync.models.privacy import PrivacyRequest
from sheetsync.models.pulse import Pulse
from sheetsync.models.quota import QuotaBucket
from sheetsync.models.run import SyncRun
from sheetsync.models.source import Source
from sheetsync.models.staff import StaffTenant
from sheetsync.models.tenant import Tenant
from sheetsync.models.token import ApiToken
from sheetsync.models.totals import Totals
from sheetsync.models.webhook import WebhookDelivery

__all__ = [
    "Alert",
    "AlertEndpoint",
    "AlertMessage",
    "ApiToken",
    "AuditEntry",
    "Automation",
    "Column",
    "DirtyOrder",
    "GoogleAccount",
    "Hour",
    "IdempotencyKey",
    "Incident",
    "InstallCode",
    "InstallState",
    "OAuthState",
    "PrivacyRequest",
    "Pulse",
    "QuotaBucket",
    "Source",
    "StaffTenant",
    "SyncAttempt",
    "SyncRun",
    "Tenant",
    "Totals",
    "WebhookDelivery",
]
