# What runs where: everything runs from this directory, with the Python and the tools of .venv, which the first
# target to need it builds from requirements/dev.txt (exact versions, checked by hash). The app itself is not
# installed: manage.py, pytest and the linters find it here. Nothing outside .venv, var, dist, .nox and the tools'
# caches is written. Needed beforehand: python 3.11 or newer with venv, make, git; for the second half of
# make test an installed PostgreSQL server, which need not run; and for its browser tests Chromium.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first that starts and is new enough. It is started, not only looked up: a version manager's stub may be on
# PATH and refuse to run. Say make PYTHON=... to choose another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo "$$python"; exit; }; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

WEB_PORT ?= 8000
EMULATOR_PORT ?= 8765

.PHONY: help demo test chaos bench lint serve schema pictures lock

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: $(INSTALLED)  ## a shop's orders in an emulated spreadsheet, and what becomes of failures
	@$(BIN)/python manage.py demo

# Those marked slow start processes and wait for them, two files at a time however many cores there are, so that what
# they wait for comes in time; the rest shares all cores.
PARALLEL ?= -n auto --dist loadfile
SLOWLY ?= -n 2 --dist loadfile
test: $(INSTALLED)  ## all tests on SQLite, then those that use the database on PostgreSQL
	@for database in sqlite postgresql; do \
		DJANGO_DATABASE=$$database $(BIN)/pytest -m "not slow" $(PARALLEL) || exit; \
		DJANGO_DATABASE=$$database $(BIN)/pytest -m slow $(SLOWLY) || exit; done

# Seeded storms of people, networks and dying workers, of the writer alone and of the whole service; a process that dies
# at every boundary of a run, of a look at the clock and of a request; databases that crash, clocks that are wrong;
# processes killed and frozen; a load for ten minutes; ten thousand runs at Google's quotas; all changes of clocks until
# 2037; random requests and kills of the emulator; and, where the data set lies beside the checkout, a real shop's half
# a million lines. About two hours on two cores. CI takes a fortieth of the storms and random requests, a minute of the
# load, and leaves out (QUICK=1) what waits for minutes to pass.
TRIALS ?= 20000
STRIDE ?= 1
FIRST ?= 1
SOAK ?= 600
QUICK ?= 0
EVERY_DATABASE := tests/chaos/test_every_boundary.py tests/chaos/test_boundaries_of_scheduler_and_request.py \
	tests/chaos/test_storms.py tests/chaos/test_postgres_restarts.py tests/chaos/test_wrong_clocks.py
chaos: export SHEETSYNC_THOROUGH = 1
chaos: export SHEETSYNC_STRIDE = $(STRIDE)
chaos: export SHEETSYNC_FIRST = $(FIRST)
chaos: export SHEETSYNC_SOAK_SECONDS = $(SOAK)
chaos: export SHEETSYNC_QUICK = $(QUICK)
chaos: $(INSTALLED)  ## the long tests: accidents at random, kills, loads, real orders
	DJANGO_DATABASE=sqlite SHEETSYNC_TRIALS=$(TRIALS) $(BIN)/pytest -n auto tests/chaos
	DJANGO_DATABASE=postgresql SHEETSYNC_TRIALS=$(TRIALS) $(BIN)/pytest -n auto $(EVERY_DATABASE)
	@for database in sqlite postgresql; do \
		DJANGO_DATABASE=$$database $(BIN)/pytest -m thorough tests/processes tests/concurrency tests/admin || exit; done
	DJANGO_DATABASE=sqlite $(BIN)/pytest -m thorough tests/cron tests/soak
	DJANGO_DATABASE=sqlite SHEETSYNC_TRIALS=$$(($(TRIALS) / 2)) $(BIN)/pytest -n auto \
		tests/emulator/test_stateful.py tests/emulator/test_random_requests.py tests/emulator/test_kills.py

bench: $(INSTALLED)  ## what an export costs: calls, bytes and queries as counts, time as a ratio
	$(BIN)/python -m benchmarks.data_road
	DJANGO_DATABASE=sqlite $(BIN)/python -m benchmarks.control_road
	DJANGO_DATABASE=postgresql $(BIN)/python -m benchmarks.control_road
	DJANGO_DATABASE=sqlite $(BIN)/python -m benchmarks.schedules
	DJANGO_DATABASE=postgresql $(BIN)/python -m benchmarks.schedules
	DJANGO_DATABASE=postgresql $(BIN)/python -m benchmarks.console
	$(BIN)/python -m benchmarks.emulator

lint: $(INSTALLED)  ## style, types, import contracts, migrations, Django's own checks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

serve: $(INSTALLED)  ## the site with workers, scheduler and emulator, and demo data, until Ctrl-C
	@$(BIN)/python manage.py serve --port $(WEB_PORT) --emulator-port $(EMULATOR_PORT)

schema: export DJANGO_SETTINGS_MODULE = project.settings
schema: $(INSTALLED)  ## the API's OpenAPI schema, from what its endpoints declare
	@$(BIN)/python -c "import django; django.setup(); from sheetsync.api import openapi; openapi.KEPT.write_text(openapi.text())"

# To look at every page of the console instead, small and wide, light and dark, name a folder that is there:
# SHEETSYNC_PICTURES=... .venv/bin/pytest tests/browser/test_console_pages.py
pictures: $(INSTALLED)  ## the documentation's pictures of the console, from a story that real runs tell
	@mkdir -p docs/pictures
	@DJANGO_DATABASE=sqlite SHEETSYNC_DOCUMENTED=docs/pictures $(BIN)/pytest tests/browser/test_pictures.py

lock: $(INSTALLED)  ## newest versions that requirements/*.in allow
	@for name in base dev; do UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --upgrade \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		requirements/$$name.in --output-file requirements/$$name.txt || exit; done

$(INSTALLED): requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found. Install one, or say make PYTHON=/path/to/python."; exit 1; }
	@$(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || { rm -rf $(VENV) && "$(PYTHON)" -m venv $(VENV); } || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $(INSTALLED)
