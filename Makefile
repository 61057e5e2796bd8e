# The workshop of ddm. 'make demo' and 'make test' are all a new machine needs; both make .venv first.
#
#   make demo           a small period of an experiment, from tape to archive   (ARGS="--runs 3 --json")
#   make test           what the tests need, every check, every test, the wheel
#   make venv           .venv with ddm and the tools of its developers          (PYTHON=/path/to/python3.12)
#   make lint           ruff, mypy, import-linter, generated pages
#   make unit           the tests that need no server
#                       (what takes minutes, for the night: .venv/bin/python -m pytest -m nightly)
#   make docs           write the generated pages of docs/reference
#   make bench          pace of the journey in the simulated world              (ARGS="journey --runs 10 …")
#   make wheel-test     build the wheel and run the quick tests against it

PYTHON ?= python3
BIN := .venv/bin
BENCH := journey --runs 100 --chunks 400 --json
# Programs that tests start find ddm compiled, wherever Python is told to write nothing beside its sources.
TESTING := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX="$(CURDIR)/.venv/pycache"
QUICK := not slow and not xrootd and not postgresql and not gfal2 and not fts

.PHONY: help venv demo test test-deps lint unit docs bench wheel-test clean
.NOTPARALLEL:

help:
	@sed -n 's/^#  *\(make .*\)/  \1/p' Makefile

venv: .venv/made

.venv/made: pyproject.toml tools/make-venv
	@tools/make-venv .venv "$(PYTHON)"

demo: venv
	@$(BIN)/ddm demo $(ARGS)

# Tests wait for servers a third of their time: three processes keep two cores busy.
test: test-deps lint
	$(TESTING) $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)
	@tools/wheel-test

test-deps: venv
	@tools/install-test-deps
	@tools/install-fts-client
	@tools/install-jsroot
	@tools/link-gfal2

lint: venv
	@test -z "$$(git ls-files tmp 2>/dev/null)" || { echo "tmp/ is scratch space: 'git rm -r --cached tmp', and amend"; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs/generate.py
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

unit: venv
	$(BIN)/python -m pytest -q -m "$(QUICK)" $(ARGS)

docs: venv
	$(BIN)/python docs/generate.py

bench: venv
	@$(BIN)/python -m tests.bench $(or $(ARGS),$(BENCH))

wheel-test: venv
	@tools/wheel-test

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
