# make demo   set up and run the main job against a made-up market on this machine (no network beyond the set-up)
# make test   set up and run the tests
# Needs Python 3.11 or newer and make. Uses uv where it is installed, else venv and pip.

VENV := .venv
BIN := $(VENV)/bin
FIND_PYTHON = for python in python3 python3.13 python3.12 python3.11 python; do \
    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo "$$python"; break; fi; done
PYTHON ?= $(shell $(FIND_PYTHON))

.PHONY: demo test long lint types contracts check catalogues clean
demo: $(VENV)/.ready
	$(BIN)/remitwatch demo

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

long: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m long

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

contracts: $(VENV)/.ready-dev
	$(BIN)/lint-imports

check: lint types contracts test

POT := $(VENV)/remitwatch.pot
PO = reports/locale/$(1)/LC_MESSAGES/remitwatch.po
catalogues: $(VENV)/.ready-dev
	$(BIN)/pybabel --quiet extract -F reports/locale/babel.cfg --no-default-keywords --no-location --sort-output --width 120 \
	    -k _ -k _m -k N_ -k NP_:1c,2 -k marked -k ngettext:1,2 -k pgettext:1c,2 --project remitwatch --copyright-holder "" -o $(POT) reports remitwatch/reference
	if [ -n "$(LANGUAGE)" ] && [ ! -f $(call PO,$(LANGUAGE)) ]; then \
	    $(BIN)/pybabel --quiet init -i $(POT) -l $(LANGUAGE) -o $(call PO,$(LANGUAGE)) --width 120; fi
	for catalogue in $(wildcard reports/locale/*/LC_MESSAGES/remitwatch.po); do language=$${catalogue#reports/locale/}; \
	    $(BIN)/pybabel --quiet update -i $(POT) -l $${language%%/*} -o $$catalogue --no-fuzzy-matching --ignore-obsolete \
	        --ignore-pot-creation-date --width 120 || exit 1; done

clean:
	rm -rf $(VENV) var build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found: install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$(PYTHON)" $(VENV); \
	else "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "this Python cannot make environments: install uv, or the venv package of your system (Debian: python3-venv)" >&2; exit 1; }; fi

$(VENV)/.ready: pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV) (once; takes a minute)" >&2
	@if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python -e .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e .; fi
	@touch $@

$(VENV)/.ready-dev: pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV) with the test tools (once; takes a minute or two)" >&2
	@if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python -e '.[dev]'; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'; fi
	@touch $@ $(VENV)/.ready
