"""Range texts: what each means, how replies print it, and how Google refuses one that is none.

REC: recorded at Google. DOC: Google's guide. LIVE: somebody's dated measurements of the live API.
"""

from __future__ import annotations

import pytest

from tests.emulator.support import Client


@pytest.mark.parametrize(
    ("range_", "shown"),
    [
        ("Orders", "Orders!A1:E10"),  # REC
        ("A1:C", "Orders!A1:C10"),  # REC
        ("Orders!2:2", "Orders!A2:E2"),  # REC
        ("Orders!D4:A1", "Orders!A1:D4"),  # REC
        ("Orders!A1:C1000", "Orders!A1:C10"),  # REC: clipped
        ("Orders!A5:A", "Orders!A5:A10"),  # DOC
        ("'Orders'!B:B", "Orders!B1:B10"),  # DOC
        ("orders!A1", "Orders!A1"),  # LIVE: without case
        ("Orders!A1:A1", "Orders!A1"),  # LIVE: one cell
        ("!B2", "Orders!B2"),  # LIVE: an empty title
        ("''!B2", "Orders!B2"),  # LIVE
        ("R1C1:R2C2", "Orders!A1:B2"),  # LIVE
        ("R1C1:R2000C50", "Orders!A1:E10"),  # LIVE: clipped
        ("r[1]c[1]", "Orders!B2"),  # LIVE: an offset from A1
        ("R[0]C[0]", "Orders!A1"),  # LIVE
        ("R01C01", "Orders!A1"),  # LIVE
        ("RC", "Orders!A1"),  # LIVE
        ("R1C", "Orders!A1"),  # LIVE
        ("C[1]", "Orders!B1:B10"),  # LIVE: the whole column
        ("R1C1:R2", "Orders!A1:E2"),  # LIVE: open columns
        ("R3C3:R1C1", "Orders!A1:C3"),  # LIVE: swapped
        ("R[1]C[1]:R1C1", "Orders!A1:B2"),  # LIVE: two kinds of number are swapped too
    ],
)
def test_a_range_comes_back_normalised(client: Client, range_: str, shown: str) -> None:
    assert client.read(range_)["range"] == shown


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Orders", "Orders!A1"),  # REC
        ("a_b", "a_b!A1"),  # REC
        ("D3", "'D3'!A1"),  # REC
        ("Test ClientTest", "'Test ClientTest'!A1"),  # REC
        ("🌵 test", "'🌵 test'!A1"),  # REC
        ("It's", "'It''s'!A1"),  # LIVE
        ("2024", "'2024'!A1"),  # LIVE
        ("a:b", "'a:b'!A1"),  # LIVE
        ("has!bang", "'has!bang'!A1"),  # LIVE
        ("RC", "'RC'!A1"),  # LIVE
        ("A", "A!A1"),  # LIVE: no reference on its own
        ("シート1", "'シート1'!A1"),  # captured replies of others: letters that are not ASCII
    ],
)
def test_titles_are_quoted_only_when_needed(client: Client, title: str, shown: str) -> None:
    client.ok({"updateSheetProperties": {"properties": {"title": title}, "fields": "title"}})
    assert client.read("'" + title.replace("'", "''") + "'!A1")["range"] == shown


@pytest.mark.parametrize("text", ["has!bang!A1", "'has!bang'!A1", "has!bang"])
def test_a_title_need_not_be_quoted_and_the_last_bang_ends_it(client: Client, text: str) -> None:
    client.ok({"updateSheetProperties": {"properties": {"title": "has!bang"}, "fields": "title"}})
    assert client.read(text)["range"].startswith("'has!bang'!A1")  # LIVE


@pytest.mark.parametrize(
    "range_",
    [
        "Nowhere!A1",  # LIVE
        "'NoSuchSheetHere'!A1:B2",  # LIVE
        "Orders!AAAA1",  # LIVE: four letters are no column
        "Orders!A0",  # LIVE
        "Orders!B",  # LIVE: a column is one only in a range
        "Orders!2",  # LIVE
        "Orders!",  # LIVE
        "!Orders",  # LIVE
        " A1",  # LIVE: blanks are part of a title
        "'Orders '!A1",  # LIVE
        "A1:R2C2",  # LIVE: two notations
        "R0C1",  # LIVE
        "R2C2:R1C1",  # LIVE
        "R2:R1C1",  # LIVE
        "R[1]C[1]:R[0]C[0]",  # LIVE
        "R[-1]C[0]",  # LIVE
    ],
)
def test_a_text_that_is_no_range_is_refused_as_it_was_sent(client: Client, range_: str) -> None:
    response = client.send("GET", f"/values/{range_}")
    message = response.json()["error"]["message"]
    assert (response.status, message) == (400, f"Unable to parse range: {range_}")


@pytest.mark.parametrize(
    ("range_", "named"),
    [
        ("Orders!A50:B51", "Orders!A50:B51"),  # LIVE
        ("Orders!ZZZ1", "Orders!ZZZ1"),  # LIVE
        ("Orders!ZZ:ZZ", "Orders!ZZ"),  # LIVE: whole columns by their letters
        ("Orders!AA:AB", "Orders!AA:AB"),  # LIVE
        ("Orders!11:12", "Orders!11:12"),  # LIVE
        ("R[1000]C[0]", "Orders!A1001"),  # LIVE
        ("C[26]", "Orders!AA"),  # LIVE
    ],
)
def test_a_range_that_starts_outside_the_grid_is_refused(client: Client, range_: str, named: str) -> None:
    message = client.send("GET", f"/values/{range_}").json()["error"]["message"]
    assert message == f"Range ({named}) exceeds grid limits. Max rows: 10, max columns: 5"
