"""Alerts: people are told what needs them, once for each incident, and when it is over.

`sheetsync.models.alert` opens and closes them, in the transactions of runs and accounts; what is to be sent stands in
the outbox, `sheetsync.models.alert_message`. Here it is sent: by a thread beside the scheduler, the `Courier`. The
scheduler is there whatever DISPATCH says, and also when no worker is, which is what has to be told most urgently; the
clock itself never waits for a mail server or for a tenant's endpoint.
"""

from __future__ import annotations

from sheetsync.alerts.courier import Courier, go_round
from sheetsync.alerts.webhooks import try_out

__all__ = ["Courier", "go_round", "try_out"]
