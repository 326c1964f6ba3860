"""The bundled site as a small host runs it on SQLite, with a receiver of webhooks and schedules of every minute."""

from project.settings import *  # noqa: F403
from project.settings import LOGGING, SHEETSYNC

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.support.soak.urls"

# Quotas that are never used up: each call is still counted in the database, as on a site that writes to Google.
SHEETSYNC |= {
    "MINIMUM_INTERVAL_SECONDS": 60,
    "SPREAD_SECONDS": 30,
    "READS_PER_MINUTE": 100_000.0,
    "WRITES_PER_MINUTE": 100_000.0,
    "PROJECT_READS_PER_MINUTE": 100_000.0,
    "PROJECT_WRITES_PER_MINUTE": 100_000.0,
    "BURST": 1_000,
    "PROJECT_BURST": 1_000,
}
LOGGING["loggers"]["django.request"] = {"handlers": ["console"], "level": "ERROR"}  # the traceback of a 500
