# SPDX-License-Identifier: EUPL-1.2
# One verb for each habit; `make help` lists them. Nothing here needs root.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# Not node_modules/.bin/forge: that wrapper ends with 0 when forge fails. The pattern is for the platform's name.
FORGE := node_modules/@foundry-rs/forge-*/bin/forge
# Where the set-up leaves a mark when a step is complete; a step that was cut short is done again.
STAMPS := build/stamps
# How many test processes run side by side: one more than two cores, because many wait for blocks.
JOBS ?= 3
# Each file's tests stay together: they share a chain and a service, which three processes would each start for
# themselves. In the order of the folders, so that the long ones are not the last.
TOGETHER := --dist loadfile --no-loadscope-reorder
ONCE ?=
QUICK ?=
REPORT ?=
MEMBERS ?=
CITY ?=
HOST ?=
# What `make test-postgres` runs: everything that has a database.
DATABASE_TESTS ?= tests/postgres tests/unit/store tests/unit/relay tests/unit/rest tests/chain/relay tests/chain/statistics tests/crash
# How many requests of each kind `make fuzz` sends to each operation, and which.
EXAMPLES ?= 300
SEED ?= 1
# Whether `make test-web` renews the pictures in docs/screens.
SCREENS ?=
# What `make bench-gas` and `make bench` do with what they measured.
WRITE ?=
KEEP ?=
CHECK ?=
# How many sequences of 32 actions `make test-deep` lives through in each of both cities; it fuzzes twice as often.
RUNS ?= 10000

export SOLCX_BINARY_PATH := $(CURDIR)/tools/solc

# How many random lives of the lane `make test-crash` tries.
LANE_RUNS ?= 300
# Payments of the soak of `make bench`, if not a million.
SOAK ?=
# Which parts of `make bench`: payments rewards index postgres peers ponder soak. The figures of the others are kept.
PARTS ?=
# A sample of mutants, of files whose path begins so, or only what survived the last time (AGAIN=1).
SAMPLE ?=
ONLY ?=
AGAIN ?=

# All verbs: whatever has a word of help.
.PHONY: $(shell grep -oE '^[a-z0-9-]+:.*[#][#]' Makefile | cut -d: -f1)

help: ## Say what the verbs do
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(STAMPS)/python $(STAMPS)/package $(STAMPS)/node compile pages ## Install everything into this folder, once

$(STAMPS)/python: requirements/dev.txt tools/find-python
	@mkdir -p $(STAMPS)
	@python="$$(bash tools/find-python)"; echo "Setting up with $$($$python --version) ..."; $$python -m venv --clear $(VENV)
	@echo "Installing the Python packages (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/python
	@# The build back end looks for its own executable on the path.
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@

$(STAMPS)/node: package.json package-lock.json tools/check-node
	@mkdir -p $(STAMPS)
	@bash tools/check-node
	@# Not `npm ci`: it refuses a lock without foundry's programs for every other platform, and not every registry has
	@# those. This installs what the lock says, checks its hashes, and leaves it as it is.
	@rm -rf node_modules
	@npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@# npm counts foundry's programs as optional and says nothing when one is missing.
	@for tool in forge cast anvil; do \
		node_modules/@foundry-rs/$$tool-*/bin/$$tool --version >/dev/null 2>&1 || { \
			echo "npm brought no working $$tool for this machine; if the network failed, run make setup again." >&2; exit 1; }; \
	done
	@touch $@

compile: $(STAMPS)/python $(STAMPS)/node ## Compile the contracts, if they have changed
	@$(BIN)/python tools/compile.py

# What a browser gets: bundled again when a source has changed.
pages: $(STAMPS)/pages ## Bundle the scripts and styles of the pages, if they have changed

$(STAMPS)/pages: tools/pages.mjs $(STAMPS)/node $(shell find backend/heitje/web/client backend/heitje/web/styles -type f)
	@node tools/pages.mjs
	@touch $@

catalogues: setup ## Gather the texts of the pages, and say which have no translation
	@$(BIN)/python -m tools.catalogues

demo: setup ## Live one day of the city, then serve it (ONCE=1: stop after the day; CITY=example; HOST=name: phones too, by HTTPS)
	@$(BIN)/python -m tools.demo $(if $(HOST),--host "$(HOST)") $(if $(CITY),--city "$(CITY)") $(if $(ONCE),--once) $(if $(REPORT),--report "$(REPORT)") $(if $(MEMBERS),--members "$(MEMBERS)")

test: setup lint test-contracts test-python ## Run everything that tests, lint included

test-contracts: setup ## Run the Solidity tests and a published ERC-20 suite, and compare the gas with what is kept
	@FOUNDRY_PROFILE=tests $(FORGE) test
	@$(BIN)/python tools/published_suite.py
	@FOUNDRY_PROFILE=published $(FORGE) test
	@$(MAKE) --no-print-directory -s gas | grep -P '^\d+\t' | $(BIN)/python tools/gas_snapshot.py --check

gas-snapshot: setup ## Keep what `make gas` prints in snapshots/gas.json, which test-contracts compares
	@$(MAKE) --no-print-directory -s gas | grep -P '^\d+\t' | $(BIN)/python tools/gas_snapshot.py

test-deep: setup ## Test the invariants and fuzz the contracts for long (RUNS=10000 sequences of 32 actions, twice as many inputs)
	@FOUNDRY_PROFILE=deep FOUNDRY_INVARIANT_RUNS=$(RUNS) FOUNDRY_FUZZ_RUNS=$$((2 * $(RUNS))) \
		$(FORGE) test --match-test '^(invariant_|testFuzz_)'

gas: setup ## Say what a payment, a reward and a settlement cost, per item of a whole transaction of a hundred
	@FOUNDRY_PROFILE=tests $(FORGE) test --match-contract GasTest -vvvv \
		| sed -nE 's/.*Measured\(name: "(.*)", gasPerItem: ([0-9]+).*/\2\t\1/p' | sort -u -t "$$(printf '\t')" -k2

bench-gas: setup ## Compare with others' contracts, on one chain (WRITE=1: renew the document; KEEP=1: keep the chain; CHECK=file)
	@$(BIN)/python -m tools.bench_gas $(if $(CHECK),--check "$(CHECK)") $(if $(WRITE),--write) $(if $(KEEP),--keep)

mutants: setup ## See whether the Solidity tests notice wrong contracts (SAMPLE=60 SEED=1, ONLY=contracts/libraries, AGAIN=1)
	@nice $(BIN)/python -m tools.mutants --seed "$(SEED)" $(if $(SAMPLE),--sample "$(SAMPLE)") $(if $(ONLY),--only "$(ONLY)") \
		$(if $(AGAIN),--again)

test-python: setup ## Run the Python tests
	@$(BIN)/python -m pytest -n $(JOBS) $(TOGETHER)

test-crash: setup ## Kill, cut off, deceive and restore the service in every way there is (LANE_RUNS=300 random ones)
	@HEITJE_LANE_RUNS=$(LANE_RUNS) $(BIN)/python -m pytest -n $(JOBS) --timeout=1800 -m "slow or not slow" tests/crash
# The provers pin packages that the rest needs newer, so they live in an environment of their own.
$(STAMPS)/proofs: requirements/proofs.txt tools/find-python
	@mkdir -p $(STAMPS)
	@python="$$(bash tools/find-python)"; $$python -m venv --clear build/proofs/venv
	@echo "Installing the provers (half a minute) ..."
	@build/proofs/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements/proofs.txt
	@touch $@

prove: setup $(STAMPS)/proofs ## Prove what holds for every value, not only for those that tests try (QUICK=1: the libraries; ONLY=MoverProof)
	@$(BIN)/python -m tools.proofs.prove $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)")

slither: setup $(STAMPS)/proofs ## Look for patterns that tend to be faults; each finding that is none is explained
	@build/proofs/venv/bin/python -m tools.proofs.slither_check

coverage: setup ## Say which lines and branches of the contracts no test runs; each that is left is explained
	@$(BIN)/python -m tools.proofs.coverage_check

test-postgres: setup ## Run the tests that have a database on a PostgreSQL of their own, from Debian's package
	@$(BIN)/python -m tools.postgres $(BIN)/python -m pytest -n $(JOBS) $(TOGETHER) -m "not slow and not sqlite" $(DATABASE_TESTS)

$(STAMPS)/lighthouse: tests/web/lighthouse/package.json tests/web/lighthouse/package-lock.json
	@mkdir -p $(STAMPS) build/lighthouse
	@cp tests/web/lighthouse/package*.json build/lighthouse/
	@npm --prefix build/lighthouse install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test-web: setup $(STAMPS)/lighthouse ## Use the pages as everybody who uses them does, in Debian's Chromium (SCREENS=1: renew docs/screens; AGAIN=1: what failed)
	@command -v chromium >/dev/null || { echo "Debian's chromium is needed: apt-get install chromium" >&2; exit 1; }
	@$(if $(AGAIN),true,rm -rf build/screens)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m web $(if $(AGAIN),--last-failed) tests/web
	@$(if $(SCREENS),$(BIN)/python -m tools.screens,true)

fuzz: setup ## Ask the API every kind of request for some minutes (EXAMPLES=300 of each kind, SEED=1)
	@HEITJE_FUZZ_EXAMPLES=$(EXAMPLES) HEITJE_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -q --timeout=3600 tests/fuzz

bench-quick: setup ## Measure the service for two minutes: payments and rewards per second, index, reading
	@$(BIN)/python -m tests.load --quick

bench: setup ## Measure it properly, with others beside it, in 45 minutes (PARTS="peers postgres", SOAK=0, WRITE=1: renew the document)
	@$(BIN)/python -m tests.load $(PARTS) $(if $(SOAK),--soak $(SOAK)) $(if $(WRITE),--write)

test-x402: setup ## Let two hundred buyers pay at once in a web shop with the published x402 library (minutes)
	@HEITJE_X402_PAYMENTS=200 $(BIN)/python -m pytest -q --timeout=600 tests/chain/x402

lint: setup ## Check form, types and the floors of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(FORGE) fmt --check
	@$(FORGE) fmt --check tools/bench_gas/contracts/*.sol
	@FOUNDRY_PROFILE=proofs $(FORGE) fmt --check
	@node_modules/.bin/tsc -p tsconfig.json

format: setup ## Bring all sources into form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(FORGE) fmt
	@$(FORGE) fmt tools/bench_gas/contracts/*.sol
	@FOUNDRY_PROFILE=proofs $(FORGE) fmt

wheel: setup ## Build the wheel that an auditor installs, into build/wheel
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >build/wheel.log
	@ls build/wheel/*.whl

lock: $(STAMPS)/python ## Renew the hashed requirements from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--extra telemetry --group dev pyproject.toml --output-file requirements/dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--constraints requirements/dev.txt pyproject.toml --output-file requirements/runtime.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--group proofs --output-file requirements/proofs.txt

clean: ## Remove what was built and set up
	rm -rf build $(VENV) node_modules backend/heitje/chain/artifacts backend/heitje/chain/artifacts.new
