"""The page for people who test their sites: its examples are run as they stand there."""

from __future__ import annotations

import re

import pytest

from sheetsync.emulator import pytest_plugin
from tests.support import strangers

PAGE = (strangers.ROOT / "docs" / "testing-your-site.md").read_text()
EXAMPLES = {name: text for text, name in re.findall(r"^```python\n(# (\S+)\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)}


def test_every_example_says_which_file_it_is():
    assert len(EXAMPLES) == PAGE.count("```python")


def test_the_examples_pass(tmp_path):
    strangers.write_files(tmp_path, strangers.SITE, EXAMPLES)
    ended = strangers.run_pytest(tmp_path)
    assert set(ended.results.values()) == {"passed"}, ended.output
    assert len(ended.results) == PAGE.count("\ndef test_")


def test_the_table_names_every_fixture():
    found = {name for name, value in vars(pytest_plugin).items() if type(value).__name__ == "FixtureFunctionDefinition"}
    assert found
    listed = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert listed == {name for name in found if not name.startswith("_")}


@pytest.mark.parametrize("link", re.findall(r"\]\((\S+\.md)\)", PAGE))
def test_its_links_lead_somewhere(link):
    assert (strangers.ROOT / "docs" / link).exists()
