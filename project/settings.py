"""The bundled site. What differs between machines comes from the environment:

- DJANGO_DEBUG: 1 (the default) on a desk, 0 anywhere else.
- DJANGO_SECRET_KEY: required when DJANGO_DEBUG is 0.
- DJANGO_ALLOWED_HOSTS: host names, separated by commas.
- DJANGO_DATABASE: sqlite (the default), or postgresql; then PGDATABASE, PGHOST, PGUSER… say where.
- DJANGO_SQLITE_PATH: the file of the SQLite database, var/db.sqlite3 unless this says otherwise.
- DJANGO_REDIS_URL: the Redis server that carries django-q2's messages; left out, the database does.
- SHEETSYNC_ENCRYPTION_KEYS: keys from `python -m sheetsync genkey`, newest first, separated by commas. Required when
  DJANGO_DEBUG is 0.
- SHEETSYNC_SHEETS_URL: an emulator's address instead of Google's.
- SHEETSYNC_CREDENTIALS_FILE: a service account's key.
- SHEETSYNC_GOOGLE_CLIENT_ID, SHEETSYNC_GOOGLE_CLIENT_SECRET: the OAuth client by which people link their accounts.
- SHEETSYNC_METRICS_TOKEN: what Prometheus shows to read /metrics.
- DJANGO_SMTP_HOST: the server that takes mail of alerts, localhost unless this says otherwise.
- SHEETSYNC_ALERT_EMAILS: who gets mail of alerts, separated by commas. SHEETSYNC_SITE_URL: this site, for links in it.
- SHEETSYNC_OUTBOUND_ALLOW, SHEETSYNC_TENANT_KINDS: lists, separated by commas. SHEETSYNC_OUTBOUND_HTTP: "on".
- SHEETSYNC_DISPATCH, and SHEETSYNC_LEASE_SECONDS and the like: as in sheetsync/conf.py.
- SHEETSYNC_PACING: "off" sends calls as fast as they come, for an emulator, which has no quota.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

DEBUG = os.environ.get("DJANGO_DEBUG", "1") == "1"
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or ("only-for-development" * 3 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("DJANGO_DEBUG is 0: set DJANGO_SECRET_KEY to a long random text.")
ALLOWED_HOSTS = [host for host in os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",") if host]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_q",
    "sheetsync",
    "project.shop",
    # The API's description as pages; the extra [openapi] brings it.
    *(["drf_spectacular_sidecar"] if find_spec("drf_spectacular_sidecar") else []),
]

MIDDLEWARE = [
    "project.policy.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
ASGI_APPLICATION = "project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.environ.get("DJANGO_SQLITE_PATH") or VAR_DIR / "db.sqlite3",
    "OPTIONS": {
        # Readers do not wait for the one writer. A transaction takes the write lock when it begins: one that
        # asks for it later fails at once instead of waiting.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
    },
}
POSTGRESQL: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": os.environ.get("PGDATABASE", "sheetsync"),  # libpq reads its other variables itself
}
DATABASES = {"default": POSTGRESQL if os.environ.get("DJANGO_DATABASE") == "postgresql" else SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Each line names the run that it is about: its correlation id is on the run's page, and in the calls to Google.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"correlation": {"()": "sheetsync.logs.Correlation"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(correlation_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["correlation"], "formatter": "line"}},
    "loggers": {"sheetsync": {"handlers": ["console"], "level": "INFO"}},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "project" / "static"]

# The site's own tasks run in the cluster "project". sheetsync's run in one of their own, started by
# `Q_CLUSTER_NAME=sheetsync python manage.py qcluster` (on Linux `qcluster -n sheetsync` comes too late: the settings
# are read before the option). In that process every key of its entry replaces the site's, except "name" and
# "cluster_name", which are ignored. A process that only enqueues reads the site's: there "orm" (or "redis") and "sync"
# have to be the same, and "ack_failures" is decided, so who enqueues says ack_failure=True himself.
REDIS_URL = os.environ.get("DJANGO_REDIS_URL")
Q_CLUSTER: dict[str, Any] = {
    "name": "project",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
    "workers": 2,
    # A task is handed out again after `retry` seconds, finished or not: timeout has to be well below it.
    "timeout": 960,
    "retry": 1200,
    "ALT_CLUSTERS": {
        "sheetsync": {
            "workers": 2,
            "queue_limit": 2,  # as many as workers: what waits in a worker's memory is lost with it, or runs twice
            "bulk": 1,
            "max_attempts": 1,  # a run counts its own attempts
            "ack_failures": True,
            "save_limit": -1,  # and keeps its own history
            "poll": 0.2,
            "recycle": 100,
            "timeout": 960,
            "retry": 1200,
            "scheduler": False,
            "catch_up": False,
        },
    },
}

# Mail of alerts: shown on the console of a desk, given to a server anywhere else.
SMTP = {"host": os.environ.get("DJANGO_SMTP_HOST", "localhost"), "timeout": 20}
MAIL_BACKEND = f"django.core.mail.backends.{'console' if DEBUG else 'smtp'}.EmailBackend"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": MAIL_BACKEND, "OPTIONS": {} if DEBUG else SMTP}}
else:
    EMAIL_BACKEND, EMAIL_HOST, EMAIL_TIMEOUT = MAIL_BACKEND, SMTP["host"], SMTP["timeout"]

SHEETSYNC: dict[str, Any] = {
    key: os.environ[f"SHEETSYNC_{key}"]
    for key in (
        "SHEETS_URL", "CREDENTIALS_FILE", "ENCRYPTION_KEYS", "DISPATCH", "METRICS_TOKEN", "DRIVE_URL",
        "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_AUTH_URL", "GOOGLE_TOKEN_URL", "GOOGLE_REVOKE_URL",
        "SITE_URL", "ALERT_EMAILS",
    )
    if os.environ.get(f"SHEETSYNC_{key}")
}  # fmt: skip
for listed in ("OUTBOUND_ALLOW", "TENANT_KINDS"):
    if os.environ.get(f"SHEETSYNC_{listed}"):
        SHEETSYNC[listed] = os.environ[f"SHEETSYNC_{listed}"].split(",")
if os.environ.get("SHEETSYNC_OUTBOUND_HTTP") == "on":
    SHEETSYNC["OUTBOUND_HTTP"] = True
if DEBUG:
    SHEETSYNC.setdefault("ENCRYPTION_KEYS", [urlsafe_b64encode(b"only-for-development-no-secret--").decode()])
SHEETSYNC |= {
    key: float(value) if "." in value else int(value)
    for key in (
        "LEASE_SECONDS", "SLICE_SECONDS", "LONGEST_WAIT_SECONDS", "SCHEDULER_SECONDS", "POLL_SECONDS",
        "RING_AGAIN_SECONDS", "MAX_ATTEMPTS", "RETRY_BASE_SECONDS", "RETRY_CAP_SECONDS", "MAX_GROUPS_PER_BATCH",
    )
    if (value := os.environ.get(f"SHEETSYNC_{key}"))
}  # fmt: skip
if os.environ.get("SHEETSYNC_PACING") == "off":
    SHEETSYNC |= dict.fromkeys(
        ("READS_PER_MINUTE", "WRITES_PER_MINUTE", "PROJECT_READS_PER_MINUTE", "PROJECT_WRITES_PER_MINUTE")
    )
