"""The operator's pages: what ran, what failed and why, and the buttons that mend it. One file a noun."""

from sheetsync.admin import (
    access,
    account,
    attempt,
    audit,
    automation,
    column,
    consent,
    delivery,
    idempotency,
    privacy,
    quota,
    run,
    source,
    tenant,
)

__all__ = [
    "access",
    "account",
    "attempt",
    "audit",
    "automation",
    "column",
    "consent",
    "delivery",
    "idempotency",
    "privacy",
    "quota",
    "run",
    "source",
    "tenant",
]
