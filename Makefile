# Each target is one command; `make demo` and `make test` need nothing but Python 3.11+ and git.
PYTHON ?= python3
BIN := .venv/bin
FAULTS ?= 10000
SEED ?= 1

.PHONY: demo test fuzz check docs picture bench bench-docs bench-hooks bench-rescue requirements clean

demo: .venv/ready  ## build a small world, break it rule by rule, and watch each be denied
	$(BIN)/guardrails demo

test: .venv/ready  ## all tests, on every processor
	$(BIN)/python -m pytest -q --numprocesses=auto

fuzz: .venv/ready  ## faults by the thousand, in sound and in broken worlds
	$(BIN)/python tests/fuzz/fuzz.py --faults $(FAULTS) --seed $(SEED)

check: .venv/ready  ## style, types, import contracts, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_docs.py --check

docs: .venv/ready  ## write the generated documents anew
	$(BIN)/python tools/generate_docs.py

picture: .venv/ready  ## render the picture in the README from a real run
	$(BIN)/python tools/picture.py

bench: .venv/ready  ## measure against the floor, in one run
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/audit.py

bench-docs: .venv/ready  ## measure a whole documentation tree against other link checkers
	$(BIN)/python benchmarks/documents.py

bench-hooks: .venv/ready  ## measure the hooks against git without them, and other hook managers
	$(BIN)/python benchmarks/hooks.py

bench-rescue: .venv/ready  ## measure saving ten thousand dirty files against git stash
	$(BIN)/python benchmarks/rescue.py

requirements: .venv/ready  ## pin anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --group dev pyproject.toml --output-file requirements.txt

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:  ## remove what the targets made
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench-data
