"""Colours as Google gives them back: channels have 256 steps and print as 32-bit floats (recorded)."""

from __future__ import annotations

import struct
from typing import Any

Json = dict[str, Any]
CHANNELS = ("red", "green", "blue")


def float32(value: float) -> float | int:
    """The shortest decimal that reads back as the same 32-bit float."""
    packed = struct.pack("f", value)
    short = next(text for digits in range(1, 10) if struct.pack("f", float(text := f"{value:.{digits}g}")) == packed)
    return int(float(short)) if float(short).is_integer() else float(short)


def rounded(color: Json) -> Json:
    """0.5 comes back as 0.49803922, and a zero channel is left out (recorded)."""
    steps = {name: int(float(color.get(name) or 0) * 255) for name in CHANNELS}
    return {name: float32(step / 255) for name, step in steps.items() if step}


def both_colors(message: Json, name: str) -> Json | None:
    """The colour that either of `tabColor` and `tabColorStyle` carries, None for none; the style wins."""
    style = message.get(f"{name}Style") or {}
    if style.get("themeColor"):
        return {"themeColor": style["themeColor"]}
    color = style.get("rgbColor", message.get(name))
    return None if color is None else {"rgbColor": rounded(color)}
