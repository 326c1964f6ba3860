"""`{% load sheetsync_teaching %}{% taught cl as words %}`: what an empty list of the admin says."""

from __future__ import annotations

from typing import Any

from django import template

from sheetsync.admin import teaching

register = template.Library()


@register.simple_tag
def taught(changes: Any) -> teaching.Words | None:
    """None where there is something, or filters hide it."""
    return teaching.taught(changes)
