"""What a walk has met of late, so that an order that comes again unchanged is not given again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

MOST = 5_000
"""A few pages. Whoever walks remembers no more, however long the list is."""

KEPT = 3
"""How many of the last ones a cursor keeps."""


class Recent:
    """The last items by their ids, and what they held; of those that a cursor kept only the ids are known."""

    def __init__(self, kept: Sequence[str] = ()) -> None:
        self._held: dict[str, int | None] = dict.fromkeys(kept)

    def __contains__(self, found: object) -> bool:
        return found in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def add(self, identity: str, item: Any) -> bool:
        """Note the item as the last one. Whether it is new, or not as it was."""
        content = hash(repr(item))
        before = self._held.pop(identity, ABSENT)
        self._held[identity] = content
        if len(self._held) > MOST:
            del self._held[next(iter(self._held))]
        return before not in (None, content)

    def last(self) -> tuple[str, ...]:
        """The last few, the latest first."""
        return tuple(islice(reversed(self._held), KEPT))


ABSENT = object()
