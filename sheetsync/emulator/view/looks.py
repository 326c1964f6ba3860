"""Cell formats as the page draws them: a few safe words and #rrggbb, whatever was sent."""

from __future__ import annotations

import re
from typing import Any

from sheetsync.emulator.api.properties import THEME
from sheetsync.emulator.grid.cells import Format

Json = dict[str, Any]
SWITCHES = ("bold", "italic", "underline", "strikethrough")
ALIGNED = {"LEFT": "left", "CENTER": "center", "RIGHT": "right"}
UPRIGHT = {"TOP": "flex-start", "MIDDLE": "center", "BOTTOM": "flex-end"}
WRAPS = {"WRAP": "wrap", "LEGACY_WRAP": "wrap", "CLIP": "clip"}
LINES = {
    "DOTTED": "1px dotted",
    "DASHED": "1px dashed",
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DOUBLE": "3px double",
}
FONT = re.compile(r"[\w ,-]{1,80}\Z")


def look(style: Format | None) -> Json:
    """What is not as in an untouched cell. The page knows these names; see `paint` in grid.js."""
    if not style:
        return {}
    text: Json = style.get("textFormat") or {}
    found: Json = {name: True for name in SWITCHES if text.get(name)}
    found |= {
        "color": color_of(text, "foregroundColor"),
        "background": color_of(style, "backgroundColor"),
        "align": ALIGNED.get(style.get("horizontalAlignment", "")),
        "upright": UPRIGHT.get(style.get("verticalAlignment", "")),
        "wrap": WRAPS.get(style.get("wrapStrategy", "")),
        "size": text.get("fontSize"),
        "font": _font(text.get("fontFamily")),
        "borders": _borders(style.get("borders") or {}),
    }
    return {name: value for name, value in found.items() if value}


def color_of(message: Json, name: str) -> str | None:
    """The colour as #rrggbb; the style wins over the plain one, as in Google's messages."""
    style = message.get(f"{name}Style") or {}
    if style.get("themeColor") in THEME:
        return f"#{THEME[style['themeColor']]:06x}"
    color = style.get("rgbColor", message.get(name))
    return None if color is None else hexadecimal(color)


def hexadecimal(color: Json) -> str:
    channels = (float(color.get(name) or 0) for name in ("red", "green", "blue"))
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, channel))):02x}" for channel in channels)


def _font(name: Any) -> str | None:
    return name if isinstance(name, str) and FONT.match(name) else None


def _borders(borders: Json) -> Json:
    sides = ((side, borders.get(side) or {}) for side in ("top", "right", "bottom", "left"))
    drawn = ((side, LINES.get(border.get("style", "")), color_of(border, "color")) for side, border in sides)
    return {side: f"{line} {color or '#000000'}" for side, line, color in drawn if line}


class Looks:
    """The looks of one window, each once: cells name theirs by its place in the list."""

    def __init__(self) -> None:
        self.found: list[Json] = []
        self._places: dict[int, int] = {}
        # Formats are shared between cells and never changed in place; holding them keeps their ids theirs.
        self._held: list[Format] = []

    def place(self, style: Format | None) -> int | None:
        """Where the look of this format is in the list, None for one like an untouched cell's."""
        if not style:
            return None
        if id(style) not in self._places:
            self._held.append(style)
            self._places[id(style)] = self._add(look(style))
        return self._places[id(style)]

    def _add(self, found: Json) -> int:
        if found not in self.found:
            self.found.append(found)
        return self.found.index(found)
