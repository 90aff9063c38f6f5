# Putright. `make up` is the one command to see it run; `make test` is the one that proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
# Compiled modules are kept: every command here starts Python, most of them several times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: env
env: $(STAMP) ## Create .venv from the hash-locked requirements, with the putright command in it

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Putright needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || true)."; \
	  echo "Install one and name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot create virtual environments: its venv module is a package of its own here."; \
	  echo "On Debian or Ubuntu: apt-get install python3-venv, then run this again."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Putright needs into $(VENV): once, for a minute or two."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

.PHONY: up
up: env ## Start everything on this machine and print where it is; Ctrl-C stops it
	@exec $(BIN)/putright up

.PHONY: reset
reset: env ## Forget all data of this clone's laptop stack (asks; YES=1 does not)
	@$(BIN)/python -m local reset $(if $(YES),--yes)

.PHONY: test
test: env ## Run everything that proves the project, except the slower lanes
	$(PYTEST) -n $(WORKERS) --dist loadgroup -m "not chaos"

.PHONY: chaos
chaos: env ## Kill real processes in the middle of work and look at what is left
	$(PYTEST) -m chaos

.PHONY: check
check: env ## Lint, format, types, import contracts, and that the migrations equal the tables
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python -m local check-migrations

.PHONY: bench
bench: env ## Measure against bare code side by side and write bench/results/latest.json
	$(BIN)/python -m bench

.PHONY: bench-smoke
bench-smoke: env ## The benchmark on its smallest sizes: does it run, not how fast is it
	$(BIN)/python -m bench --smoke

.PHONY: lock
lock: ## Lock both requirements files again, with hashes and without download addresses
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --output-file requirements.txt requirements.in
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --output-file requirements-dev.txt requirements-dev.in

.PHONY: clean
clean: ## Remove the environment and every cache (not the data: that is `make reset`)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
