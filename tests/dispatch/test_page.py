"""The page about dispatchers says what is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from django.conf import settings

from sheetsync.conf import DISPATCHERS

PAGE = (Path(__file__).parents[2] / "docs" / "dispatch.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_its_settings_for_django_q2_are_those_of_the_bundled_site():
    (block,) = (each for each in BLOCKS if each.startswith("Q_CLUSTER"))
    told = ast.literal_eval(block.partition(" = ")[2])
    assert told["ALT_CLUSTERS"] == settings.Q_CLUSTER["ALT_CLUSTERS"]


def test_every_dispatcher_is_on_it():
    assert all(f'`"{name}"`' in PAGE for name in DISPATCHERS)


def test_its_examples_are_python():
    for block in BLOCKS:
        source = f"{{{block}}}" if block.lstrip().startswith('"redis"') else block
        compile(source, "dispatch.md", "exec")
