"""updateBorders."""

from __future__ import annotations

from tests.emulator.support import Client, Json, area, style

RED: Json = {"style": "SOLID", "color": {"red": 1}}
KEPT: Json = {"style": "SOLID", "color": {"red": 1}, "colorStyle": {"rgbColor": {"red": 1}}}


def borders(client: Client, row: int, column: int) -> Json | None:
    return (client.sheet.format_of(row, column) or {}).get("borders")


def test_outer_borders_are_drawn_at_the_edge_of_the_range(client: Client) -> None:
    client.ok({"updateBorders": {"range": area(1, 1, 4, 4), **dict.fromkeys(("top", "bottom", "left", "right"), RED)}})
    assert borders(client, 1, 1) == {"top": KEPT, "left": KEPT}
    assert borders(client, 3, 3) == {"bottom": KEPT, "right": KEPT}
    assert borders(client, 2, 2) is None


def test_inner_borders_are_drawn_between_the_cells(client: Client) -> None:
    client.ok({"updateBorders": {"range": area(1, 1, 3, 3), "innerHorizontal": RED}})
    assert borders(client, 1, 1) == {"bottom": KEPT}
    assert borders(client, 2, 1) == {"top": KEPT}


def test_a_border_that_is_not_named_stays_and_none_clears(client: Client) -> None:
    cell = area(1, 1, 2, 2)
    client.ok({"updateBorders": {"range": cell, "top": RED, "bottom": RED}})
    client.ok({"updateBorders": {"range": cell, "left": RED, "bottom": {"style": "NONE"}}})
    assert borders(client, 1, 1) == {"top": KEPT, "left": KEPT}


def test_borders_leave_the_rest_of_the_format(client: Client) -> None:
    client.ok(style(1, 1, 2, 2, textFormat={"bold": True}))
    client.ok({"updateBorders": {"range": area(1, 1, 2, 2), "top": RED}})
    assert client.sheet.format_of(1, 1) == {"textFormat": {"bold": True}, "borders": {"top": KEPT}}


def test_a_request_without_a_border_is_refused(client: Client) -> None:
    assert "At least one border" in client.refusal({"updateBorders": {"range": area(0, 0, 1, 1)}})
