"""Whether a worker may still write: asked before every send, and after every reply that leaves a doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Fence(Protocol):
    """Whether the work is still ours. `token` goes into every call's digest."""

    token: str

    def check(self) -> None:
        """Raises LeaseLost where another worker has taken over. Called before every send and after every doubt."""
        ...


@dataclass(slots=True)
class Unfenced:
    """For a tab that only one worker ever writes to."""

    token: str = "-"  # noqa: S105 - no secret: it names a lease

    def check(self) -> None:
        """Always ours."""
