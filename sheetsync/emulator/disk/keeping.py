"""What outlives the process: every change of the files goes through here, and is recorded before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from sheetsync.emulator.disk.codec import Unknown
from sheetsync.emulator.disk.directory import Disk
from sheetsync.emulator.disk.snapshot import Saved
from sheetsync.emulator.errors import ApiError

if TYPE_CHECKING:
    from sheetsync.emulator.store import Store

Json = dict[str, Any]
Made = TypeVar("Made")
logger = logging.getLogger(__name__)


class Keeping:
    """The state of one emulator and its data directory; `disk` None keeps everything in memory.

    `sections` is for state beside the files that is to outlive a restart: by name, what gives it as plain data and what
    takes it back. Fill it before `load`. Nothing here locks: the emulator does.
    """

    def __init__(self, disk: Disk | None) -> None:
        self.disk = disk
        self.sections: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {}

    def load(self, take: Callable[[Store], None], replay: Callable[[Json], None]) -> None:
        """Bring back the newest snapshot, then what was recorded since. Raises Damaged or Unknown."""
        if self.disk is None:
            return
        try:
            saved = self.disk.saved()
            take(saved.store)
            self._take_sections(saved.sections)
            for record in self.disk.records():
                replay(record)
        except BaseException:
            self.disk.close()
            raise

    def _take_sections(self, states: Mapping[str, Any]) -> None:
        for name, state in states.items():
            if name not in self.sections:
                raise Unknown(f"The snapshot has {name}, which this version of the emulator does not know.")
            self.sections[name][1](state)

    def do(self, store: Store, act: Callable[[], Made], record: Callable[[], Json]) -> Made:
        """Change the state and record how.

        A refusal changes nothing. Anything else that goes wrong may leave an effect that is not recorded; then the next
        call is preceded by a snapshot, so that a replay never meets calls whose ground is missing.
        """
        if self.disk is None:
            return act()
        if self.disk.behind:
            self.compact(store)
        try:
            made = act()
        except ApiError:
            raise
        except BaseException:
            self.disk.behind = True
            raise
        self.disk.append(record())
        if self.disk.due:
            self._compact_quietly(store)
        return made

    def compact(self, store: Store) -> None:
        """Write the whole state as a snapshot and begin an empty journal. Raises OSError with the old ones kept."""
        if self.disk is not None:
            self.disk.compact(Saved(store, {name: give() for name, (give, _) in self.sections.items()}))

    def _compact_quietly(self, store: Store) -> None:
        """What is recorded is answered, whether or not there is room for a snapshot."""
        try:
            self.compact(store)
        except OSError:
            logger.exception("no snapshot could be made; the journal goes on")

    def close(self, store: Store) -> None:
        """Let the data directory go, with a snapshot when the journal is long. The next change takes it again."""
        if self.disk is not None:
            if self.disk.due_at_close:
                self._compact_quietly(store)
            self.disk.close()
