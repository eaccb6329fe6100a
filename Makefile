# The one entry: `make help` lists what there is. Everything is installed by tools/bootstrap.sh.

BIN := .venv/bin
# Where bootstrap puts Node when the machine has none.
export PATH := $(CURDIR)/.goldenhour/node/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check check-python check-web unit contract web e2e bench drill

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## Install everything that running needs; quick when nothing changed
	@tools/bootstrap.sh python web

run: setup ## Run it all: the demo city, or a real one with CITY=file.osm.pbf
	@exec $(BIN)/goldenhour run $(if $(CITY),--city "$(CITY)")

test: ## Install what tests need, then run every check and every kind of test
	@tools/bootstrap.sh python web browser judges
	@# Beside each other, since mypy and tsc use one core each; what a part prints stays together.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-python check-web web
	@$(MAKE) --no-print-directory unit contract e2e

# Each at the count that its file names; the longest last.
LONG := tamper race merge spoof storm paper authz degrade power limits uplinks shuffle kill fuzz offline ecg sim

test-long: setup ## Large counts, for hours: properties with 5,000 examples where they name no number, then every drill
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest -n 2 tests/property
	@red=; for name in $(LONG); do $(BIN)/goldenhour drill $$name || red="$$red $$name"; done; \
		test -z "$$red" || { echo "red:$$red" >&2; exit 1; }

check: check-python check-web ## Formatter, linters, types and import rules, Python and web

check-python: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check-web: setup
	cd web && npm run --silent check

unit: setup ## Tests that open no socket: unit, property, replay, architecture
	$(BIN)/pytest -n 2 --disable-socket --allow-unix-socket \
		tests/unit tests/property tests/replay tests/arch

contract: setup ## Tests with real sockets, processes and PostgreSQL
	$(BIN)/pytest -n 2 tests/scenario tests/contract

web: setup ## Tests of the web packages
	cd web && npm run --silent test

e2e: setup ## Tests in a browser, each of two workers with a node of its own
	@# Each worker takes the next module by name: whatever ran before it on its node has a lesser
	@# name, every time. pytest answers 5 where it finds no test.
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder tests/e2e || [ $$? -eq 5 ]

bench: setup ## One benchmark: make bench NAME=x
	@tools/bootstrap.sh bench
	@exec $(BIN)/goldenhour bench $(NAME) $(ARGS)

drill: setup ## One failure drill: make drill NAME=x
	@exec $(BIN)/goldenhour drill $(NAME) $(ARGS)
