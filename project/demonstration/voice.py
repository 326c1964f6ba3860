"""How the demo speaks: short lines, and commands as somebody would type them."""

from __future__ import annotations

from django.core.management.base import BaseCommand


class Voice:
    """Every line is seen at once, on a terminal or in a file."""

    def __init__(self, command: BaseCommand) -> None:
        self.out, self._style = command.stdout, command.style

    def say(self, text: str) -> None:
        """What happens, or has happened."""
        self._write(f"* {text}")

    def detail(self, text: str) -> None:
        """More about what was said last."""
        self._write(f"    {text}")

    def title(self, text: str) -> None:
        """A new chapter."""
        self._write("\n" + self._style.MIGRATE_HEADING(text))

    def typed(self, command: str) -> None:
        """What somebody would type to have the same done."""
        self._write(self._style.MIGRATE_LABEL(f"$ {command}"))

    def show(self, text: str) -> None:
        """A table, or the like."""
        self._write(f"\n{text}\n")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
