"""The bundled site's settings, with any of sheetsync's as JSON from the environment: for child processes of tests."""

from __future__ import annotations

import json
import os

from project.settings import *  # noqa: F403
from project.settings import SHEETSYNC as SITE

EXTRA = "TESTS_SHEETSYNC"

SHEETSYNC = SITE | json.loads(os.environ.get(EXTRA, "{}"))
