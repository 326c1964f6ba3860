"""Lots that fall alike whenever they are drawn again: by a seed and the number of the draw."""

from __future__ import annotations

from random import Random


def chance(seed: int | str, number: int) -> Random:
    """The lots of one draw. They do not depend on any draw before, so threads cannot disturb one another's."""
    return Random(f"{seed} {number}")  # noqa: S311 - misbehaviour is no secret
