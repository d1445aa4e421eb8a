# Each target is one command; `make demo` and `make test` need nothing but Python 3.11+ and git.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
FAULTS ?= 10000
SEED ?= 1
MODULES ?=  # of `make mutants`; those on which a verdict hangs, when it names none

.PHONY: demo test test-corpora test-all fuzz mutants check gate docs picture bench profile bench-docs bench-hooks bench-rescue bench-agents bench-page requirements clean

demo: $(VENV)/ready  ## build a small world, break it rule by rule, and watch each be denied
	$(BIN)/guardrails demo

test: $(VENV)/ready  ## the tests but for the long corpora, on every processor
	$(BIN)/python -m pytest -q --numprocesses=auto --dist=worksteal -m "not corpus and not gateways"
	$(BIN)/python -m pytest -q --numprocesses=auto --dist=worksteal -m "not corpus and gateways"

test-corpora: $(VENV)/ready  ## the rest: long corpora, of which `make test` has a sample each
	$(BIN)/python -m pytest -q --numprocesses=auto --dist=worksteal -m corpus

test-all: .venv/ready  ## `make test` by each Python from 3.11 to 3.14 that is there
	.venv/bin/python tools/interpreters.py

fuzz: $(VENV)/ready  ## faults by the thousand, in sound and in broken worlds
	$(BIN)/python tests/fuzz/fuzz.py --faults $(FAULTS) --seed $(SEED)

mutants: $(VENV)/ready  ## change the code in small ways, and say which changes no test notices
	nice -n 19 $(BIN)/python tools/mutants.py $(MODULES)

check: $(VENV)/ready  ## style, types, import contracts, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_docs.py --check

gate: $(VENV)/ready  ## judge this repository by its own guardrails.toml
	$(BIN)/guardrails check --env prod

docs: $(VENV)/ready  ## write the generated documents anew
	$(BIN)/python tools/generate_docs.py

picture: $(VENV)/ready  ## render the pictures in the README and the documents from real runs
	PYTHONPATH=tests/support $(BIN)/python tools/picture.py

bench: $(VENV)/ready  ## measure against the floor, in one run
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/audit.py

profile: $(VENV)/ready  ## where the time of a passing check goes, phase by phase
	$(BIN)/python benchmarks/phases.py

bench-docs: $(VENV)/ready  ## measure a whole documentation tree against other link checkers
	$(BIN)/python benchmarks/documents.py

bench-hooks: $(VENV)/ready  ## measure the hooks against git without them, and other hook managers
	$(BIN)/python benchmarks/hooks.py

bench-rescue: $(VENV)/ready  ## measure saving ten thousand dirty files against git stash
	$(BIN)/python benchmarks/rescue.py

bench-agents: $(VENV)/ready  ## measure the hook of an agent's host against starting Python, and another such hook
	$(BIN)/python benchmarks/agents.py

bench-page: $(VENV)/ready  ## measure the HTML page at 1,000 and 10,000 results, in Chromium
	PYTHONPATH=tests/support $(BIN)/python benchmarks/page.py

requirements: $(VENV)/ready  ## pin anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml --output-file requirements.txt

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q guardrails policies
	touch $@

clean:  ## remove what the targets made
	rm -rf .venv .venvs .mypy_cache .ruff_cache .import_linter_cache .hypothesis .mutants bench-data
