"""A host's own code that takes its whole process with it."""

from __future__ import annotations

import os
import signal


def orders():
    os.kill(os.getpid(), signal.SIGKILL)
