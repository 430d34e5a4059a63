# Everything starts here; `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help app build test lint format eval bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

app: $(VENV)/.app ## set up, build the library, serve the chat on http://127.0.0.1:7860
	@$(PY) app.py $(ARGS)

build: $(VENV)/.app ## build or refresh the library (ARGS="PATH ..." adds files and folders)
	@$(PY) -m index build $(ARGS)

test: lint ## set up, then lint, types and all tests
	@$(PY) -m pytest $(ARGS)

lint: $(VENV)/.dev ## ruff and mypy
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

format: $(VENV)/.dev ## format the code
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

eval: $(VENV)/.dev ## ask the questions of all packs (ARGS=FOLDER), score, keep the table in docs/evaluation.md
	@$(PY) -m evaluation.packs $(ARGS)

bench: $(VENV)/.dev ## time Quotary over 10,000 passages, keep the table in docs/speed.md
	@$(PY) -m evaluation.speed $(ARGS)

clean: ## remove what can be made again, but no article
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis data/library data/libraries data/bench

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Quotary needs Python 3.11 or newer, found $$($(PYTHON) --version); try: make PYTHON=python3.12 app"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "No virtual environment could be made; on Debian: apt install python3-venv"; exit 1; }

$(VENV)/.app: requirements.txt constraints.txt | $(PY)
	@echo "Installing what Quotary needs into $(VENV) (once; about a minute and 1.7 GB) ..."
	@$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(PY)
	@echo "Installing what Quotary and its tests need into $(VENV) (once) ..."
	@$(PY) -m pip install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/.app
