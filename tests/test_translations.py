"""Every word that a page of ours shows can be translated: nothing is written into a template past gettext."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted([*ROOT.glob("sheetsync/templates/**/*.*"), *ROOT.glob("templates/**/*.html")])
SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title", "label"}
SAME_EVERYWHERE = {"sheetsync", "Google", "API", "TRUE", "FALSE"}
"""What is the same in every language."""

BLOCK = re.compile(r"{%\s*block(?:trans|translate)\b.*?{%\s*endblock(?:trans|translate)\s*%}", re.DOTALL)
CLASSES = re.compile(r"{%\s*block (?:bodyclass|coltype|extrastyle|extrahead)\s*%}.*?{%\s*endblock\b.*?%}", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)


class Words(HTMLParser):
    """What people read of a template: texts, and attributes that are shown or read out."""

    def __init__(self):
        super().__init__()
        self.found, self._hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in ("script", "style")
        self.found += [value for name, value in attrs if name in SHOWN_ATTRIBUTES and value]

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.found.append(data)


def untranslated(text):
    words = Words()
    for made_of_code in (COMMENT, BLOCK, CLASSES, TAG):
        text = made_of_code.sub(" ", text)
    words.feed(text)
    words_of_people = (word for each in words.found for word in each.split() if word not in SAME_EVERYWHERE)
    return [word for word in words_of_people if re.search(r"[^\W\d_]{2}", word) and not word.endswith((".md", ".json"))]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_words_of_its_own(path):
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize(
    "text", ["<p>Hello {{ name }}</p>", '<svg aria-label="Runs by hour">', "{% if x %}Yes{% endif %}"]
)
def test_words_past_gettext_are_found(text):
    assert untranslated(text)
