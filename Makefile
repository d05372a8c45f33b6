# make help lists what there is. Every target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(PATH):$(HOME)/.cargo/bin
DIR ?= demo

.PHONY: help setup run test check bench openapi
help: ## lists these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## installs the system packages and the Rust toolchain
	@scripts/setup

run: setup ## runs the whole demo cycle; scorecards land in demo/scorecards
	cargo run --release --locked --package mizan-cli -- demo --dir $(DIR)

test: setup ## runs every test
	cargo test --locked --workspace

check: setup ## format, lints, docs
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

bench: setup ## measures, and prints each figure as a ratio against something
	scripts/bench

openapi: setup ## writes the server's API description anew
	cargo run --locked --package mizan-server --example openapi > crates/server/openapi.json
