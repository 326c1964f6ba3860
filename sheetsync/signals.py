"""Signals for the host's own code, and for nothing else: inside, functions are called.

    from sheetsync.signals import alert_opened

    @receiver(alert_opened)
    def page_whoever_is_on_call(sender, alert, **kwargs): ...

Sent after the commit, by the process that noticed: a worker, the scheduler, or a web process. What a receiver raises is
logged and hurts nobody; while it takes its time, that process waits for it. Who is killed between the commit and the
signal does not send it: what must not be lost goes by mail or by webhook.
"""

from __future__ import annotations

from django.dispatch import Signal

alert_opened = Signal()
"""Something needs a person. `sender`: the class Alert. `alert`: what and why, as it was stored."""

alert_recovered = Signal()
"""It is well again. `sender`: the class Alert. `alert`: the one that was opened then, closed now."""
