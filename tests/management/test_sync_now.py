"""`manage.py sync_now` as its users call it: over HTTP, with a key file."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from sheetsync.sheets.client import SheetsClient

ORDERS = [
    {
        "id": "1",
        "customer": {"name": "Ada"},
        "total": "12.50",
        "lines": [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 2}],
    },
    {"id": "2", "customer": {"name": "=1+1"}, "total": "3.00", "lines": [{"sku": "a", "qty": 3}]},
]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "orders.jsonl"
    write(path, ORDERS)
    return path


@pytest.fixture
def sync(emulator, book, source, tmp_path, settings):
    """Run the command; what it printed."""
    with emulator.serve() as server:
        key_file = emulator.accounts.write_account(tmp_path / "key.json", server.url)
        settings.SHEETSYNC = {
            "SHEETS_URL": server.url,
            "CREDENTIALS_FILE": str(key_file),
            "READS_PER_MINUTE": None,
            "WRITES_PER_MINUTE": None,
        }

        def run(*arguments):
            out = io.StringIO()
            shared = ["--source", f"file:{source}", "--spreadsheet", book, "--tab", "Orders"]
            call_command("sync_now", *shared, *arguments, stdout=out, stderr=out)
            return out.getvalue()

        yield run


def write(path, orders):
    path.write_text("".join(json.dumps(order) + "\n" for order in orders))


def tab(emulator, book, title="Orders"):
    return [row[2:] for row in emulator.spreadsheet(book).sheet(title=title).values() if row[2:]]


def figure(output, name):
    return int(next(line.split()[-1] for line in output.splitlines() if line.strip().startswith(name)).replace(",", ""))


def test_columns_are_guessed_from_the_first_order(sync, emulator, book):
    sync()
    assert tab(emulator, book) == [["Order", "Customer name", "Total"], ["1", "Ada", 12.5], ["2", "=1+1", 3]]


def test_a_row_per_line_carries_the_orders_columns_too(sync, emulator, book):
    sync("--rows", "line")
    assert [row[0] for row in tab(emulator, book)[1:]] == ["1", "1", "2"]


def test_columns_come_from_a_file(sync, emulator, book, tmp_path):
    columns = tmp_path / "columns.json"
    columns.write_text(
        json.dumps([{"header": "Nr", "path": "id"}, {"header": "Wer", "template": "Frau {customer.name}"}])
    )
    sync("--columns", str(columns))
    assert tab(emulator, book) == [["Nr", "Wer"], ["1", "Frau Ada"], ["2", "Frau =1+1"]]


def test_a_path_that_finds_nothing_is_told_with_its_nearest_name(sync, tmp_path):
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps([{"header": "Who", "path": "customer.nmae"}]))
    assert "column 'Who': the first order has no customer.nmae; did you mean customer.name?" in sync(
        "--columns", str(columns)
    )


def test_filters_leave_orders_out_and_let_go_what_no_longer_matches(sync, emulator, book, tmp_path):
    filters = tmp_path / "filters.json"
    filters.write_text(json.dumps([{"path": "total", "operator": "gt", "value": 10}]))
    sync()
    assert figure(sync("--filters", str(filters)), "rows removed") == 1
    assert tab(emulator, book)[1:] == [["1", "Ada", 12.5]]


def test_the_table_tells_what_was_done(sync):
    output = sync()
    assert (figure(output, "orders"), figure(output, "rows inserted"), figure(output, "write calls")) == (2, 2, 2)


def test_a_second_run_writes_nothing(sync):
    sync()
    output = sync()
    assert (figure(output, "rows unchanged"), figure(output, "write calls")) == (2, 0)


def test_an_order_that_left_the_file_is_emptied(sync, source, emulator, book):
    sync()
    write(source, ORDERS[:1])
    assert figure(sync(), "rows removed") == 1
    assert tab(emulator, book)[1:] == [["1", "Ada", 12.5]]


def test_an_empty_file_removes_nothing_and_says_so(sync, source, emulator, book):
    sync()
    source.write_text("")
    columns = source.with_name("columns.json")
    columns.write_text(json.dumps([{"header": "Order", "path": "@order_id"}]))
    assert "source_empty" in sync("--columns", str(columns))
    assert [row[0] for row in tab(emulator, book)[1:]] == ["1", "2"]


def test_a_strange_value_is_a_warning_with_its_place(sync, source):
    write(source, [*ORDERS, {"id": "3", "customer": {"name": "Eve"}, "total": "a lot", "lines": []}])
    assert "warning not_a_number: 1, for example: column 'Total', row 3: 'a lot'" in sync()


def test_a_preview_prints_rows_and_writes_nothing(sync, emulator):
    assert "1 | Ada | 12.5" in sync("--preview", "1")
    assert emulator.count("write") == 0


def test_a_preview_of_no_rows_writes_nothing_either(sync, emulator):
    sync("--preview", "0")
    assert emulator.count("write") == 0


def test_a_bad_first_record_that_is_skipped_is_counted_once(sync, source):
    source.write_text('{"id": \n{"id": "1"}\n')
    assert "warning bad_record: 1," in sync("--on-bad", "skip")


def test_a_second_walk_begins_at_the_beginning_even_if_its_first_look_fails(sync, source, emulator, book, monkeypatch):
    sync()
    sheet = emulator.spreadsheet(book).sheet(title="Orders")
    monkeypatch.setattr(SheetsClient, "_pause", lambda *_: 0.0)
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def sort(_):
        emulator.person.sort(sheet, 2, descending=True)
        # Two looks follow the deletions; then the second walk's first one finds no server, however often it asks.
        emulator.faults.add("status", lambda request: request.path.endswith(book), after=2, times=4, status=503)

    write(source, ORDERS[1:])
    emulator.faults.add("before", ":batchUpdate", after=1, call=sort)
    output = sync("--removed", "delete")
    assert "walking once more" in output and "trying again" in output
    assert [row[0] for row in tab(emulator, book)[1:]] == ["2"]


def test_a_bad_record_stops_with_its_place(sync, source):
    source.write_text('{"id": "1"}\n{"id": \n')
    with pytest.raises(CommandError, match=r"orders\.jsonl, line 2"):
        sync()


def test_a_bad_record_is_skipped_and_counted_on_request(sync, source):
    source.write_text('{"id": "1"}\n{"id": \n{"id": "2"}\n')
    output = sync("--on-bad", "skip")
    assert figure(output, "orders") == 2 and "warning bad_record: 1" in output


def test_a_skipped_record_never_lets_an_order_go(sync, source, emulator, book):
    sync()
    source.write_text(json.dumps(ORDERS[0]) + '\n{"id": "2", "tot\n')
    output = sync("--on-bad", "skip")
    assert "warning removal_skipped" in output and len(tab(emulator, book)) == 3


def test_a_checkpoint_of_another_job_is_not_used(sync, tmp_path):
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text(json.dumps({"job": "another", "cursor": "x"}))
    assert figure(sync("--checkpoint", str(checkpoint)), "rows inserted") == 2


def test_a_file_that_is_no_checkpoint_is_refused(sync, tmp_path):
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_text("notes of mine")
    with pytest.raises(CommandError, match="is not a checkpoint"):
        sync("--checkpoint", str(checkpoint))


@pytest.mark.parametrize("fault", ["lose_reply", "drop"])
def test_a_network_that_fails_now_and_then_costs_nothing(sync, emulator, book, fault):
    emulator.faults.add(fault, ":batchUpdate", after=1)
    sync()
    assert len(tab(emulator, book)) == 3


def test_a_tab_with_foreign_data_is_refused_with_a_remedy(sync, emulator, book):
    emulator.person.type_text(emulator.spreadsheet(book).sheet(title="Sheet1"), 0, 0, "mine")
    with pytest.raises(CommandError, match="TabRefused: tab 'Sheet1' already holds data"):
        sync("--tab", "Sheet1")


def test_a_foreign_tab_is_adopted_on_request(sync, emulator, book):
    sheet = emulator.spreadsheet(book).sheet(title="Sheet1")
    for row, cells in enumerate([["Order", "Notes"], ["2", "call back"]]):
        for column, text in enumerate(cells):
            emulator.person.type_text(sheet, row, column, text)
    sync("--tab", "Sheet1", "--adopt", "Order")
    rows = tab(emulator, book, "Sheet1")
    notes = rows[0].index("Notes")
    assert rows[1][rows[0].index("Order")] == "2" and rows[1][notes] == "call back"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "orders.jsonl"], "give file:PATH"),
        (["--source", "file:missing.jsonl"], "missing.jsonl does not exist"),
        (["--columns", "missing.json"], "cannot read missing.json"),
        (["--credentials", "missing.json"], "missing.json is not a service account key file"),
        (["--adopt", "A", "--adopt", "B"], "--adopt: give the header"),
    ],
)
def test_a_wrong_argument_is_told_with_its_remedy(sync, arguments, message):
    with pytest.raises(CommandError, match=message):
        sync(*arguments)


def test_missing_credentials_are_told_with_the_setting(sync, settings):
    settings.SHEETSYNC = settings.SHEETSYNC | {"CREDENTIALS_FILE": None}
    with pytest.raises(CommandError, match="SHEETSYNC\\['CREDENTIALS_FILE'\\]"):
        sync()
