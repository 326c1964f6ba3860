"""The bundled site as a host runs it where thousands of webhooks come: connections to the database are kept."""

from project.settings import DATABASES
from tests.support.paced_settings import *  # noqa: F403

DATABASES["default"]["CONN_MAX_AGE"] = 60
