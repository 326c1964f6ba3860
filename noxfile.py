"""The fast tests on other Pythons and Djangos than the one of `make test`, on the newest some in a browser too: `nox`,
or `nox -s "tests(…)"`.
"""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # a missing interpreter is skipped, not fetched
nox.options.error_on_missing_interpreters = False

# Python, and the series of Django; None stands for the one that requirements/dev.txt locks for this Python.
MATRIX = [
    nox.param("3.11", None, id="py311-locked"),
    nox.param("3.12", "6.0", id="py312-django60"),
    nox.param("3.13", None, id="py313-locked"),
]

NEWEST = "3.13"
WITHOUT_DJANGO = ("cron", "emulator", "outbound", "pipeline", "sheets")
LOOKED_AT = [f"tests/browser/test_{name}.py" for name in ("run_pages", "console_setting_up", "console_guarding")]


@nox.session
@nox.parametrize(["python", "django"], MATRIX)
def tests(session: nox.Session, django: str | None) -> None:
    session.install("--require-hashes", "-r", "requirements/dev.txt")
    if django:
        session.install(f"django=={django}.*")
    session.run("python", "-m", "django", "--version")
    on_sqlite = {"DJANGO_DATABASE": "sqlite"}
    # Another Django is nothing to the parts that know none; another Python is.
    apart = [f"--ignore=tests/{name}" for name in WITHOUT_DJANGO] if django else []
    session.run("pytest", "-m", "not slow", "-n", "auto", "--dist", "loadfile", *apart, *session.posargs, env=on_sqlite)
    # The newest Django comes with it, whose admin has another layout.
    if session.python == NEWEST and not session.posargs:
        session.run("pytest", "-m", "slow", "-n", "2", *LOOKED_AT, env=on_sqlite)


@nox.session(python="3.11")
def oscar(session: nox.Session) -> None:
    """A django-oscar shop as host: docs/hosts/django-oscar.md, step by step."""
    session.install("--require-hashes", "-r", "requirements/dev.txt")
    session.install("django-oscar~=4.2.0")  # it takes the Django that is there
    session.run("pytest", "tests/hosts", *session.posargs, env={"DJANGO_DATABASE": "sqlite"})
