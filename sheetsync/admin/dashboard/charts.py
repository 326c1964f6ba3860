"""Charts as inline SVG: shapes only, with titles. Labels are HTML beside them, or a narrow screen would shrink them.

No style and no script: colours come from classes, see dashboard.css. What a chart shows is in a table too, so nobody
has to see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join

HEIGHT = 100
WIDTH = 10
"""Of one bar with the room around it: the picture is stretched to the place that it gets."""
GAP = 1.5
LEAST = 1.5
"""What is not nothing is drawn this high: three failures among ten thousand runs must be seen."""


class Part(NamedTuple):
    """Of a bar. `kind` is its class."""

    kind: str
    value: float


class Bar(NamedTuple):
    """One stack, from below. `title`: what it says in words, shown to whoever points at it."""

    title: str
    parts: Sequence[Part]

    @property
    def height(self) -> float:
        """Of all its parts."""
        return sum(part.value for part in self.parts)


def top_of(bars: Iterable[Bar]) -> float:
    """The highest bar, which fills the picture."""
    return max((bar.height for bar in bars), default=0)


def stacked(name: str, title: object, text: object, bars: Sequence[Bar]) -> str:
    """A picture of stacked bars. `name` is for its ids, so it differs from those of other charts of the page."""
    return format_html(
        '<svg class="sheetsync-chart" role="img" aria-labelledby="{0}-title {0}-text" viewBox="0 0 {1} {2}"'
        ' preserveAspectRatio="none"><title id="{0}-title">{3}</title><desc id="{0}-text">{4}</desc>{5}</svg>',
        name,
        max(1, len(bars)) * WIDTH,
        HEIGHT,
        title,
        text,
        format_html_join("", "{}", ((_bar(place, bar, top_of(bars)),) for place, bar in enumerate(bars))),
    )


def level(share: float, kind: str) -> str:
    """One lying bar, filled to this part. It decorates a number that stands beside it."""
    return format_html(
        '<svg class="sheetsync-level" aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">'
        '<rect class="ground" width="100" height="10"></rect><rect class="{}" width="{}" height="10"></rect></svg>',
        kind,
        _number(100 * min(1.0, max(0.0, share))),
    )


def _bar(place: int, bar: Bar, top: float) -> str:
    left, width = _number(place * WIDTH + GAP / 2), _number(WIDTH - GAP)
    shapes = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        ((kind, left, _number(y), width, _number(height)) for kind, y, height in _heights(bar, top)),
    )
    ground = format_html('<rect class="ground" x="{}" y="0" width="{}" height="{}"></rect>', left, width, HEIGHT)
    return format_html("<g><title>{}</title>{}{}</g>", bar.title, ground, shapes)


def _heights(bar: Bar, top: float) -> Iterable[tuple[str, float, float]]:
    """Where each part is drawn. What small parts get more is taken from the largest."""
    parts = [part for part in bar.parts if part.value > 0]
    heights = [max(LEAST, HEIGHT * part.value / top) for part in parts]
    if (over := sum(heights) - HEIGHT) > 0:
        largest = heights.index(max(heights))
        heights[largest] -= over
    below = 0.0
    for part, height in zip(parts, heights, strict=True):
        below += height
        yield part.kind, HEIGHT - below, height


def _number(value: float) -> str:
    """As SVG writes numbers, whatever the reader's language."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
