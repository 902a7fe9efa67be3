# Every way to build, run and check Tocsin. `make` alone explains each target.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.PHONY: help run env test real bench lint golden lock

help: ## Explain every target
	@echo "make TARGET [ARGS='...' handed on to the command] [PYTHON=/path/to/python]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: env ## The whole chain with a demo city, page on http://127.0.0.1:8080; Ctrl-C stops it
	@exec $(BIN)/tocsin up $(ARGS)

env: $(STAMP) ## The environment in .venv, nothing else; redone when the requirements change
	@:

test: env ## Every test this machine can run; names what it skips
	@$(BIN)/python -m pytest $(ARGS)

real: ## Install the real servers of the tests: Mosquitto, PostgreSQL, Chromium, Kafka
	@$(PYTHON) -m deploy.real.install

bench: env ## The benchmarks, results as JSON in bench-results/
	@mkdir -p bench-results
	@for file in tests/bench/bench_*.py; do \
		test -e "$$file" || { echo "make bench: no tests/bench/bench_*.py"; exit 1; }; \
		name=$$(basename "$$file" .py); \
		echo "make bench: $$name"; \
		PYTHONPATH=. $(BIN)/python "$$file" --json "bench-results/$$name.json" $(ARGS) || exit 1; \
	done

lint: env ## Formatting, ruff, mypy, import contracts, house rules
	@echo "make lint: ruff format --check" && $(BIN)/ruff format --check .
	@echo "make lint: ruff check" && $(BIN)/ruff check .
	@echo "make lint: mypy" && $(BIN)/mypy
	@echo "make lint: import contracts" && $(BIN)/lint-imports
	@echo "make lint: house rules" && $(BIN)/python -m pytest -q tests/unit/house

golden: env ## Write again what is generated of docs/: settings, AsyncAPI, scenario schema and page
	@echo "make golden: docs/configuration.md" && $(BIN)/python -m services.settings_page
	@echo "make golden: docs/asyncapi.yaml" && $(BIN)/python -m shared.bus.asyncapi
	@echo "make golden: docs/scenario.schema.json" && $(BIN)/python -m simulators.scenario_schema
	@echo "make golden: docs/scenarios.md" && $(BIN)/python -m simulators.scenario_page

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate \
	--no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

lock: env ## Lock the requirements again, with hashes and without addresses; ARGS=--upgrade for newer
	@echo "make lock: requirements/run.txt" && $(LOCK) $(ARGS) -o requirements/run.txt pyproject.toml
	@echo "make lock: requirements/dev.txt" && \
		$(LOCK) $(ARGS) --extra dev --extra sim -o requirements/dev.txt pyproject.toml

$(STAMP): requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "Tocsin needs Python 3.11 or newer, and there is no $(PYTHON) here;" \
			"name one with make PYTHON=/path/to/python" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Tocsin needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
			"name another with make PYTHON=/path/to/python" >&2; exit 2; }
	@echo "make env: $(VENV) with $$($(PYTHON) --version), some 80 packages; a minute or two"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "no virtual environment could be made; on Debian: apt-get install python3-venv" >&2; \
		exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/dev.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@
