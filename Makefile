# What can be done here: make demo, test, lint, golden, bench, nightly, mutants. Needs Python 3.11 or later and make; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

.PHONY: demo test lint golden bench nightly mutants system clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	$(BIN)/invoice-rules demo demo/

test: $(VENV)/installed-for-tests system $(VENV)/counterparts
	$(PYTEST) --durations=12 --durations-min=1
	@$(MAKE) --no-print-directory lint

lint: $(VENV)/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/mypy

golden: $(VENV)/installed-for-tests  ## Write the expected outputs anew; review the difference before you commit it.
	$(BIN)/python -m pytest --golden -q tests

bench: $(VENV)/installed-for-bench system  ## Write docs/benchmarks.md anew; best on a machine that does nothing else.
	$(BIN)/python -m tests.benchmarks --write

mutants: $(VENV)/installed-for-bench  ## Change the rules and the store in small ways and see that a test fails each time; takes hours.
	$(BIN)/python -m tests.mutants

nightly: $(VENV)/installed-for-tests system $(VENV)/counterparts
	HYPOTHESIS_PROFILE=nightly $(PYTEST) -m "nightly or not nightly"

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Name another one: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/installed-for-tests: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[postgres,excel,notebook,connect,test]'
	@touch $(VENV)/installed $@

$(VENV)/installed-for-bench: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable '.[postgres,excel,notebook,connect,test,bench]'
	@touch $(VENV)/installed $(VENV)/installed-for-tests $@

# Servers that the connectors are tested against, none of them ours: a mock made from a service's own description, a login service, and a web server that breaks.
$(VENV)/counterparts: tests/connectors/package.json | $(VENV)/bin/python
	@if command -v npm >/dev/null && command -v java >/dev/null; then \
	  mkdir -p $(VENV)/node && cp $< $(VENV)/node/ && npm install --prefix $(VENV)/node --silent --no-audit --no-fund --no-package-lock && touch $@ || [ -z "$$REQUIRE_ALL" ]; \
	else \
	  echo "Not installed: Node with npm, or Java. The connectors' tests that need them are skipped."; [ -z "$$REQUIRE_ALL" ]; \
	fi

# What tests need from the system: a PostgreSQL server's programs; strace, which breaks a disk; LibreOffice Calc with a screen, a window
# manager and hands of its own, a font as wide as Calibri, poppler, which looks at pages, Chromium for the notebooks, and Node and Java for the
# services that the connectors talk to. Installed where that
# may be done, else the tests that need them say so.
system:
	@missing=""; \
	command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="postgresql"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	ls /usr/lib/libreoffice/program/libsclo.so >/dev/null 2>&1 || missing="$$missing libreoffice-calc"; \
	ls /usr/lib/python3/dist-packages/uno.py >/dev/null 2>&1 || missing="$$missing python3-uno"; \
	command -v Xvfb >/dev/null || missing="$$missing xvfb"; \
	command -v openbox >/dev/null || missing="$$missing openbox"; \
	command -v xdotool >/dev/null || missing="$$missing xdotool"; \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$$missing chromium"; \
	command -v pdftoppm >/dev/null || missing="$$missing poppler-utils"; \
	command -v npm >/dev/null || missing="$$missing nodejs npm"; \
	command -v java >/dev/null || missing="$$missing default-jre-headless"; \
	ls /usr/share/fonts/truetype/crosextra/Carlito-Regular.ttf >/dev/null 2>&1 || missing="$$missing fonts-crosextra-carlito"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing for the tests: apt-get install $$missing"; \
	  { apt-get -qq update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $$missing; } </dev/null >/dev/null \
	  || [ -z "$$REQUIRE_ALL" ]; \
	else \
	  echo "Not installed: $$missing. The tests that need it are skipped."; \
	  [ -z "$$REQUIRE_ALL" ]; \
	fi
