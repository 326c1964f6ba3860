"""Where a foreground export resumes after it was killed: a small file, replaced whole, never half-written."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from sheetsync.errors import BadSource
from sheetsync.pipeline.records import Cursor


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint file. `job` says what is being exported to where; a cursor of another job is not ours to use."""

    path: Path | None
    job: str

    def load(self) -> Cursor | None:
        """The cursor to resume from; None where there is no checkpoint, or only that of another job.

        Raises BadSource where the file is something else.
        """
        if self.path is None or not self.path.exists():
            return None
        try:
            saved = json.loads(self.path.read_text())
        except ValueError as error:
            raise BadSource(
                f"{self.path} is not a checkpoint ({error}): delete it to start from the beginning"
            ) from error
        return saved.get("cursor") if isinstance(saved, dict) and saved.get("job") == self.job else None

    def save(self, cursor: Cursor | None) -> None:
        """Remember the cursor. A process killed inside this call leaves the older file."""
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w") as file:
            json.dump({"job": self.job, "cursor": cursor}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def clear(self) -> None:
        """The export is complete: the next one begins at the beginning."""
        if self.path is not None:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
