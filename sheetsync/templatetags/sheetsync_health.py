"""`{% load sheetsync_health %}{% health %}`: whether everything is alive, as a line for the top of a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from sheetsync.health import Finding, look, ready

register = template.Library()

SIGNS = {"ok": "✔", "warning": "▲", "error": "✖"}


@register.inclusion_tag("sheetsync/health.html")
def health() -> dict[str, Any]:
    """The verdict in words, and the findings, the bad ones first. Costs what `/readyz` costs."""
    findings = look()
    bad = [finding for finding in findings if not finding.ok]
    level = "ok" if not bad else "warning" if ready(findings) else "error"
    shown = sorted(findings, key=lambda finding: (finding.ok, not finding.vital))
    signed = [(SIGNS[finding.level], finding) for finding in shown]
    return {"level": level, "sign": SIGNS[level], "verdict": _verdict(level, bad), "findings": signed}


def _verdict(level: str, bad: list[Finding]) -> str:
    if level == "ok":
        return _("Everything works")
    names = {"names": ", ".join(finding.name for finding in bad)}
    if level == "warning":
        return _("Runs are executed, but look at this: %(names)s") % names
    return _("Runs are not executed as they should be: %(names)s") % names
