# Everything runs from .venv, which these rules make from the locked requirements (see CONTRIBUTING.md).
# The first Python that is new enough; asked and not only looked up, since a version manager's shim may name one that it lacks.
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
# A lock holds everything, so that pip has nothing to resolve: left to itself it looks for newer releases of what others
# need with an extra (pytest-cov's coverage[toml]), finds one without a hash, and fails.
LOCKED := install --require-hashes --no-deps -r
PYTEST_ARGS ?=

.PHONY: chat test lint unit cover bench format lock clean help
.DEFAULT_GOAL := chat
.DELETE_ON_ERROR:

## make chat    talk with the bot in this terminal (SQLite, no account anywhere)
chat: .venv/runtime.stamp
	@$(BIN)/guidebot chat

## make test    everything that has to hold: style, types, layers, knowledge, tests, migrations
test: lint unit

## make lint    of these: style, types, layers, knowledge, how often answers are right
lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/guidebot knowledge check
	$(BIN)/guidebot eval tests/knowledge/gold/*.jsonl --min-right 85 --max-wrong 5 >/dev/null

## make unit    of these: tests and migrations; PYTEST_ARGS="-k words" for some of them
unit: .venv/dev.stamp
	$(BIN)/pytest -n 2 --dist worksteal $(PYTEST_ARGS)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && export DATABASE_URL="sqlite:///$$scratch/check.db" && \
		$(BIN)/guidebot migrate && $(BIN)/alembic check

## make cover   the tests again, counting the lines that they run; apart, since counting doubles their time
cover: .venv/dev.stamp
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

## make bench   guidebot beside what one would use instead: time, memory, right (bench/README.md); BENCH_ARGS="--help"
bench: .venv/bench.stamp
	$(BIN)/python bench/run.py $(BENCH_ARGS)

## make format  mend the style
format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## make lock    resolve the dependencies anew (needs uv)
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
		--group bench -c requirements-dev.lock -o requirements-bench.lock

## make clean   remove what these rules made, but not var/, where your database is
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "guidebot needs Python 3.11 or newer; found $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked dependencies into .venv (once, a minute or two)…" >&2
	@$(PIP) $(LOCKED) requirements.lock >&2
	@$(PIP) install --no-build-isolation --no-deps --editable . >&2
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "Installing what the tests need (once, a minute or two)…" >&2
	@$(PIP) $(LOCKED) requirements-dev.lock >&2
	@touch $@

.venv/bench.stamp: requirements-bench.lock .venv/runtime.stamp
	@echo "Installing what guidebot is compared with (once)…" >&2
	@$(PIP) $(LOCKED) requirements-bench.lock >&2
	@touch $@
