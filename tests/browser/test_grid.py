"""The page of a spreadsheet in a browser: what it shows."""

from __future__ import annotations

import pytest

from tests.emulator.support import Client, line, write
from tests.support.browsers import expect

pytestmark = pytest.mark.slow

BOLD = {"textFormat": {"bold": True}}
MONEY = {"numberFormat": {"type": "CURRENCY", "pattern": '#,##0.00 "EUR"'}}
YELLOW = {"backgroundColor": {"red": 1, "green": 1}}
HOSTILE = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"


@pytest.fixture
def client(emulator, book):
    """Speaks to the API of the spreadsheet that the page shows."""
    return Client(emulator, book)


def styled(row, column, style):
    area = {"sheetId": 0, "startRowIndex": row, "endRowIndex": row + 1}
    area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
    return {"repeatCell": {"range": area, "cell": {"userEnteredFormat": style}, "fields": "userEnteredFormat"}}


def frozen(rows):
    props = {"sheetId": 0, "gridProperties": {"frozenRowCount": rows}}
    return {"updateSheetProperties": {"properties": props, "fields": "gridProperties.frozenRowCount"}}


def hidden(dimension, start, end):
    props = {"hiddenByUser": True}
    return {
        "updateDimensionProperties": {
            "range": line(dimension, start, end), "properties": props, "fields": "hiddenByUser"
        }
    }  # fmt: skip


def css(element, name):
    return element.evaluate(f"element => getComputedStyle(element).{name}")


def test_the_header_stays_in_place_while_rows_scroll(client, server, grid):
    client.ok(write(0, 0, ["Order"]), write(999, 0, ["the last"]), frozen(1))
    grid.open(server.url, client.id)
    expect(grid.cell("A1")).to_be_in_viewport()
    grid.page.locator("#grid").evaluate("element => element.scrollTo(0, 1e6)")
    grid.shows(A1000="the last")
    expect(grid.cell("A1")).to_be_in_viewport()
    expect(grid.cell("A2")).to_have_count(0)


def test_values_stand_as_their_formats_say(client, server, grid):
    client.ok(write(0, 0, ["a", 1234.5, True]), styled(0, 0, BOLD), styled(0, 1, MONEY), styled(0, 2, YELLOW))
    grid.open(server.url, client.id).shows(B1="1,234.50 EUR", C1="TRUE")
    assert css(grid.cell("A1"), "fontWeight") == "700"
    assert css(grid.cell("B1"), "textAlign") == "right"
    assert css(grid.cell("C1"), "backgroundColor") == "rgb(255, 255, 0)"


def test_hidden_columns_and_rows_are_thin_and_say_what_they_are(client, server, grid):
    client.ok(write(0, 0, ["key", "Order"], ["1"], ["2"]), frozen(1), hidden("COLUMNS", 0, 1), hidden("ROWS", 1, 3))
    grid.open(server.url, client.id)
    assert grid.cell("A1").bounding_box()["width"] < 6
    assert grid.cell("A1").get_attribute("title") == "Column A (key) is hidden"
    assert grid.page.get_by_title("Rows 2 to 3 are hidden").bounding_box()["height"] < 6


def test_a_hostile_text_is_shown_as_the_text_it_is(client, server, grid):
    client.ok(write(0, 0, [HOSTILE, None, "\u202eright to left"]))
    grid.open(server.url, client.id).shows(A1=HOSTILE)
    grid.cell("A1").click()
    expect(grid.page.locator("#value")).to_have_text(HOSTILE)
    assert grid.page.evaluate("window.hit") is None and grid.page.locator("main img, main script").count() == 0


def test_a_row_written_over_the_api_appears_by_itself_and_is_marked(client, server, grid):
    client.ok(write(0, 0, ["old"]))
    grid.open(server.url, client.id).shows(A1="old")
    client.ok(write(0, 0, ["old", "new"]))
    grid.shows(B1="new")
    assert "fresh" in grid.cell("B1").get_attribute("class")
    assert "fresh" not in grid.cell("A1").get_attribute("class")
    expect(grid.page.locator("#live")).to_contain_text("1 write seen")


def test_place_and_selection_stay_while_rows_arrive(client, server, grid):
    grid.open(server.url, client.id)
    grid.page.locator("#grid").evaluate("element => { element.scrollTop = 4200 }")
    grid.cell("B205").click()
    client.ok(write(206, 1, ["new"]))
    grid.shows(B207="new")
    expect(grid.page.locator("#name")).to_have_text("B205")
    assert grid.page.locator("#grid").evaluate("element => element.scrollTop") == 4200
    expect(grid.page.locator(".selected")).to_have_id("c204-1")


def test_of_half_a_million_rows_only_those_in_sight_are_drawn_and_the_last_can_be_reached(emulator, server, grid):
    client = Client(emulator, emulator.create_spreadsheet("Large", rows=500_000, columns=10))
    client.ok(write(499_999, 0, ["the last"]))
    grid.open(server.url, client.id)
    assert grid.page.locator("#body .row").count() < 100
    grid.page.keyboard.press("Control+End")
    grid.shows(A500000="the last")


def test_of_more_rows_than_a_page_can_be_high_the_last_can_be_reached(emulator, server, grid):
    client = Client(emulator, emulator.create_spreadsheet("Larger", rows=2_000_000, columns=1))
    client.ok(write(1_999_999, 0, ["the last"]))
    grid.open(server.url, client.id)
    grid.page.keyboard.press("Control+End")
    grid.shows(A2000000="the last")
    expect(grid.cell("A2000000")).to_be_in_viewport()


def test_of_many_columns_only_those_in_sight_are_drawn_and_the_last_can_be_reached(emulator, server, grid):
    client = Client(emulator, emulator.create_spreadsheet("Wide", rows=10, columns=5_000))
    client.ok(write(0, 4_999, ["the last"]))
    grid.open(server.url, client.id)
    assert grid.page.locator(".cell").count() < 400
    grid.page.keyboard.press("End")
    expect(grid.page.locator("#c0-4999")).to_have_text("the last")


def test_wrapped_texts_make_their_row_higher_and_push_the_next_down(client, server, grid):
    client.ok(write(0, 0, ["so many words that one line does not hold them"]), styled(0, 0, {"wrapStrategy": "WRAP"}))
    grid.open(server.url, client.id).shows(A2="")
    first, second = grid.cell("A1").bounding_box(), grid.cell("A2").bounding_box()
    assert first["height"] > 40 and second["y"] == first["y"] + first["height"]


def test_merged_cells_are_one(client, server, grid):
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 3}
    client.ok(write(1, 1, ["both"]), {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}})
    grid.open(server.url, client.id)
    box = grid.cell("B2").bounding_box()
    assert (box["width"], box["height"]) == (200, 42)


def test_frozen_columns_stay_in_place_while_columns_scroll(client, server, grid):
    client.ok(write(0, 0, ["Order"]))
    props = {"sheetId": 0, "gridProperties": {"frozenColumnCount": 1}}
    client.ok({"updateSheetProperties": {"properties": props, "fields": "gridProperties.frozenColumnCount"}})
    grid.open(server.url, client.id)
    grid.page.keyboard.press("End")
    expect(grid.cell("Z1")).to_be_in_viewport()
    expect(grid.cell("A1")).to_be_in_viewport()
    expect(grid.cell("B1")).not_to_be_in_viewport()


def test_on_paper_are_all_rows_at_hand_and_afterwards_those_in_sight(client, server, grid):
    grid.open(server.url, client.id)
    in_sight = grid.page.locator("#body .row").count()
    grid.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(grid.page.locator("#body .row")).to_have_count(120)
    grid.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(grid.page.locator("#body .row")).to_have_count(in_sight)


def test_tabs_are_changed_without_leaving_the_page(client, server, grid):
    client.ok({"addSheet": {"properties": {"sheetId": 7, "title": "Lines"}}}, write(0, 0, ["a line"], sheet_id=7))
    grid.open(server.url, client.id)
    grid.page.get_by_role("link", name="Lines").click()
    grid.shows(A1="a line")
    grid.page.go_back()
    grid.shows(A1="")


def test_a_server_that_does_not_answer_is_told_and_so_is_its_return(client, server, grid, complaints):
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    grid.open(server.url, client.id)
    grid.page.context.set_offline(True)
    expect(grid.page.locator("#live")).to_contain_text("Lost")
    client.ok(write(0, 0, ["meanwhile"]))
    grid.page.context.set_offline(False)
    grid.shows(A1="meanwhile")
    expect(grid.page.locator("#live")).to_contain_text("Live")


def test_a_dark_desk_gets_a_dark_page_and_dark_ink_is_made_readable(client, server, grid):
    client.ok(write(0, 0, ["blue"]), styled(0, 0, {"textFormat": {"foregroundColor": {"blue": 0.4}}}))
    grid.page.emulate_media(color_scheme="dark")
    grid.open(server.url, client.id).shows(A1="blue")
    assert css(grid.page.locator("body"), "backgroundColor") == "rgb(22, 25, 29)"
    assert css(grid.cell("A1"), "color") != "rgb(0, 0, 102)"


def test_the_list_makes_a_new_spreadsheet_and_opens_it(emulator, server, page):
    page.goto(server.url)
    expect(page.get_by_role("heading", name="No spreadsheets yet")).to_be_visible()
    page.get_by_role("button", name="New spreadsheet").click()
    expect(page.locator("#c0-0")).to_be_visible()
    assert [book.title for book in emulator.store.books.values()] == ["Untitled spreadsheet"]
