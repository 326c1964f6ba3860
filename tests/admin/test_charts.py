"""Charts are pictures that any reader of XML can read, with their words in them."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest
from django.utils import translation

from sheetsync.admin.dashboard.charts import HEIGHT, LEAST, WIDTH, Bar, Part, level, stacked, top_of

BARS = [Bar("09:00: 3 completed", [Part("good", 3), Part("bad", 1)]), Bar("10:00: 0 completed", [Part("good", 0)])]
SVG = "{http://www.w3.org/2000/svg}"


def read(picture):
    """As XML: HTML needs no name of the space, XML does."""
    return ElementTree.fromstring(picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


def drawn(picture):
    """-> for each bar, its parts as (class, y, height), from below"""
    return [
        [(rect.get("class"), float(rect.get("y")), float(rect.get("height"))) for rect in bar.findall(f"{SVG}rect")[1:]]
        for bar in read(picture).findall(f"{SVG}g")
    ]


def test_a_chart_is_one_picture_with_a_title_and_a_text_for_who_does_not_see_it():
    root = read(stacked("ends", "How runs ended", "3 completed", BARS))
    title, text = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert root.get("role") == "img" and root.get("aria-labelledby") == f"{title.get('id')} {text.get('id')}"
    assert (title.text, text.text) == ("How runs ended", "3 completed")


def test_each_bar_says_what_it_is_to_whoever_points_at_it():
    root = read(stacked("ends", "t", "d", BARS))
    assert [bar.find(f"{SVG}title").text for bar in root.findall(f"{SVG}g")] == [bar.title for bar in BARS]


def test_the_highest_bar_fills_the_picture_and_parts_stand_on_one_another():
    assert drawn(stacked("ends", "t", "d", BARS)) == [[("good", 25, 75), ("bad", 0, 25)], []]


def test_three_failures_among_ten_thousand_runs_are_seen():
    ((good, bad),) = drawn(stacked("ends", "t", "d", [Bar("", [Part("good", 10_000), Part("bad", 3)])]))
    assert bad == ("bad", 0, LEAST) and good[2] == HEIGHT - LEAST


def test_whatever_the_numbers_all_is_drawn_inside_the_picture():
    lots = random.Random(7)
    for _ in range(200):
        bars = [Bar("", [Part("good", lots.choice([0, 1, 5, 10**6])) for _ in range(4)]) for _ in range(24)]
        for bar in drawn(stacked("ends", "t", "d", bars)):
            assert all(height > 0 and -0.01 <= y <= HEIGHT - height + 0.01 for _kind, y, height in bar)


def test_nothing_to_draw_is_a_picture_all_the_same():
    root = read(stacked("ends", "t", "d", []))
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}" and top_of([]) == 0


def test_what_tenants_wrote_is_text_in_it():
    hostile = '"><script>alert(1)</script>'
    picture = stacked("ends", hostile, hostile, [Bar(hostile, [Part("good", 1)])])
    assert "<script" not in picture and read(picture).find(f"{SVG}title").text == hostile


@pytest.mark.parametrize(("share", "width"), [(-1, "0"), (0, "0"), (1 / 3, "33.33"), (1, "100"), (7, "100")])
def test_a_level_is_filled_to_its_part_and_no_further(share, width):
    assert read(level(share, "busy")).findall(f"{SVG}rect")[1].get("width") == width


def test_numbers_are_written_for_machines_whatever_people_read():
    with translation.override("de"):
        assert 'height="33.33"' in stacked("e", "t", "d", [Bar("", [Part("a", 3)]), Bar("", [Part("a", 1)])])


@pytest.mark.parametrize("picture", [stacked("ends", "t", "d", BARS), level(0.5, "bad")])
def test_a_strict_policy_lets_it_pass(picture):
    assert "style" not in picture and " on" not in picture and "http" not in picture
