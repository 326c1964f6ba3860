"""Colours as Google gives them back: channels have 256 steps and print as 32-bit floats (recorded)."""

from __future__ import annotations

import struct
from typing import Any

from sheetsync.emulator.api.masks import Mask

Json = dict[str, Any]
CHANNELS = ("red", "green", "blue")


def float32(value: float) -> float | int:
    """The shortest decimal that reads back as the same 32-bit float, of those the nearest to it (recorded)."""
    packed = struct.pack("f", value)
    (exact,) = struct.unpack("f", packed)
    short = next(text for digits in range(1, 10) if struct.pack("f", float(text := f"{exact:.{digits}g}")) == packed)
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


def with_styles(message: Json, names: tuple[str, ...]) -> Json:
    """The message with each named colour in both of its forms, as replies print colours."""
    result = {key: item for key, item in message.items() if item is not None}
    for name in names:
        style = both_colors(message, name)
        if style is not None:
            result[f"{name}Style"] = style
            result.pop(name, None)
            if "rgbColor" in style:
                result[name] = style["rgbColor"]
    return result


def widened(mask: Mask, names: tuple[str, ...] = ("backgroundColor",)) -> Mask:
    """A format's mask that, where it names one form of a colour, names the other as well (recorded)."""
    wide = dict(mask)
    for name in names:
        style = f"{name}Style"
        if name in mask:
            wide.setdefault(style, {"rgbColor": mask[name]} if mask[name] else {})
        elif style in mask:
            wide[name] = {}
    if mask.get("textFormat"):
        wide["textFormat"] = widened(mask["textFormat"], ("foregroundColor",))
    return wide


COLOURED = frozenset(("backgroundColor", "backgroundColorStyle", "borders", "textFormat"))


def dressed(style: Json) -> Json:
    """A cell format with every colour in both of its forms, as replies print them (recorded)."""
    if COLOURED.isdisjoint(style):
        return style
    style = with_styles(style, ("backgroundColor",))
    if style.get("textFormat"):
        style["textFormat"] = with_styles(style["textFormat"], ("foregroundColor",))
    if style.get("borders"):
        sides = style["borders"].items()
        style["borders"] = {side: with_styles(border, ("color",)) for side, border in sides if border}
    return style
