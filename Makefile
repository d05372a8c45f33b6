# make help lists what there is. Every target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(HOME)/.cache/mizan/bin:$(PATH):$(HOME)/.cargo/bin
DIR ?= demo
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help setup ui run demo history test soak check bench package guide openapi
help: ## lists these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## installs the system packages, the Rust toolchain and Node
	@scripts/setup

ui: setup ui/node_modules/.package-lock.json ## builds the screens
	npm --prefix ui run --silent build

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
	@touch $@

run: ui ## runs the demo cycle, keeps its server running and opens the evaluator's app
	scripts/run $(DIR)

demo: setup ## runs the demo cycle alone; scorecards land in demo/scorecards
	cargo run --release --locked --package mizan-cli -- demo --dir $(DIR)

history: ui ## runs four past cycles of 90 centres before the demo cycle and keeps the server running
	cargo run --release --locked --package mizan-cli -- demo --dir $(DIR) --centres 90 --history 4 --keep-serving

$(TARGET)/tuspy/.requirements: tests/e2e/uploads/requirements.txt
$(TARGET)/schemathesis/.requirements: tests/e2e/api/requirements.txt
$(TARGET)/%/.requirements:
	python3 -m venv $(TARGET)/$*
	$(TARGET)/$*/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

test: ui tests/e2e/node_modules/.package-lock.json $(TARGET)/tuspy/.requirements $(TARGET)/schemathesis/.requirements ## runs every test
	cargo test --locked --workspace
	npm --prefix ui test --silent
	cargo build --locked --workspace --all-targets
	npm --prefix tests/e2e test --silent

soak: setup $(TARGET)/schemathesis/.requirements ## long proofs: 10,000 power cuts, 10,000 kills, 1,000,000 steps of the simulation, the API at length
	MIZAN_SOAK=1 cargo test --locked --workspace \
	  --test powercut --test fault_proxy --test kills --test simulation -- --nocapture
	cargo build --locked --workspace --all-targets
	MIZAN_SOAK=1 npm --prefix tests/e2e run --silent api

check: ui tests/e2e/node_modules/.package-lock.json ## format, lints, docs, generated files, licences
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	npm --prefix ui run --silent check
	npm --prefix tests/e2e run --silent check
	cargo test --locked --workspace --quiet --test licences

bench: ui tests/e2e/node_modules/.package-lock.json ## measures, and prints each figure as a ratio against something
	scripts/bench

package: ui ## builds the desktop app's .deb and .rpm
	scripts/package

guide: ui tests/e2e/node_modules/.package-lock.json ## takes the guides' pictures anew
	cargo build --locked --workspace --all-targets
	npm --prefix tests/e2e run --silent pictures

openapi: ui ## writes the API descriptions and the UI's types anew
	cargo build --locked --workspace --examples
	$(TARGET)/debug/examples/openapi > crates/server/openapi.json
	$(TARGET)/debug/examples/device_openapi > crates/device/openapi.json
	npm --prefix ui run --silent types
