"""Commits of a tab are numbered, each number claimed once."""

import json

from sheetsync.sheets.layout import MARKERS_KEPT, Marker, marker_id
from sheetsync.sheets.ledger import Ledger


def a_call(ledger, *requests, token="t"):
    return ledger.call(requests or ('{"x":{}}',), ["'T'!1:1"], run="r", token=token, layout="l")


def kinds(call):
    return [next(iter(request)) for request in json.loads(call.body)["requests"]]


def markers(count):
    return [Marker(n, "r", "c", "l", marker_id(7, n)) for n in range(count)]


def test_a_tabs_first_commit_is_number_nought():
    assert a_call(Ledger(7)).marker.n == 0


def test_the_next_commit_follows_the_newest():
    assert a_call(Ledger(7, markers(5))).marker.n == 5


def test_a_number_whose_id_belongs_to_something_else_is_passed_over():
    assert a_call(Ledger(7, markers(5), {marker_id(7, 5)})).marker.n == 6


def test_the_marker_is_created_before_anything_else_is_done():
    assert kinds(a_call(Ledger(7)))[0] == "createDeveloperMetadata"


def test_a_new_tab_is_added_before_its_marker():
    assert kinds(a_call(Ledger(7), '{"addSheet":{}}', '{"y":{}}')) == ["addSheet", "createDeveloperMetadata", "y"]


def test_markers_beyond_the_last_two_hundred_are_dropped():
    call = a_call(Ledger(7, markers(MARKERS_KEPT)))
    assert kinds(call)[:2] == ["createDeveloperMetadata", "deleteDeveloperMetadata"]
    assert json.loads(call.body)["requests"][1]["deleteDeveloperMetadata"]["dataFilter"] == {
        "developerMetadataLookup": {"metadataId": marker_id(7, 0)}
    }


def test_the_same_requests_under_another_lease_are_another_call():
    assert a_call(Ledger(7), token="a").marker.call != a_call(Ledger(7), token="b").marker.call


def test_a_call_has_landed_only_if_its_own_digest_is_in_the_marker():
    ledger = Ledger(7)
    ours, theirs = a_call(ledger, token="a"), a_call(ledger, token="b")
    ledger.record(theirs)
    assert ledger.claimed(ours) and not ledger.landed(ours) and ledger.landed(theirs)


def test_marker_ids_are_positive_31_bit_numbers():
    assert all(0 < marker_id(sheet, n) < 2**31 for sheet in (0, 1, 2**31 - 1) for n in range(200))


def test_a_marker_is_read_back_from_its_metadata():
    marker = Marker(12, "run-1", "abc", "def", 99)
    raw = {"metadataKey": "sheetsync.commit", "metadataValue": marker.text(), "metadataId": 99}
    assert Marker.parse(raw) == marker


def test_foreign_metadata_is_no_marker():
    assert Marker.parse({"metadataKey": "sheetsync.commit", "metadataValue": "hello", "metadataId": 1}) is None
