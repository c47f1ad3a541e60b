# The two commands to know: `make run` shows what this is, `make test` proves it. `make help` names the rest.

# Warnings are errors here; Package.swift reads it. Users' builds are spared.
export ZERORPC_STRICT := 1
# Where the interop tests find a Python that can import zerorpc; scripts/bootstrap makes it.
export ZERORPC_PEER_PYTHON := $(CURDIR)/.peers/venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test check-api traits interop bench bench-quick check-allocations fuzz sanitize reliability soak docs lint format bootstrap clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: bootstrap ## Show Swift and Python calling each other, in half a minute after the build
	swift build --product calculator
	swift build --product zrpc
	@Examples/Calculator/story.sh "$$(swift build --show-bin-path)" "$(ZERORPC_PEER_PYTHON)"

test: bootstrap ## Build, try the README's example, run all tests
	scripts/test

check-api: bootstrap ## Compare the public symbols with the lists in Documentation/API
	scripts/check-api

traits: bootstrap ## Build the libraries without any of the package's traits
	scripts/check-traits

interop: bootstrap ## Print a table of what Swift does with real Python peers and with impolite ones
	scripts/interop

bench: bootstrap ## Measure calls beside bare libzmq and other frameworks, in ten minutes after the build
	scripts/bench

bench-quick: bootstrap ## Measure the most important points only, in one minute after the build
	scripts/bench --quick

check-allocations: bootstrap ## Check that a call costs no more heap allocations than the recorded limit
	scripts/check-allocations

fuzz: bootstrap ## Look for inputs that break decoders, channels or a server, SECONDS=600 for each of them
	scripts/fuzz --seconds $(or $(SECONDS),600)

sanitize: bootstrap ## Run the tests under ThreadSanitizer and AddressSanitizer, in builds of their own
	scripts/sanitize

reliability: bootstrap ## Print a table of what each injected fault does to the calls under way, in five minutes
	swift build --product zerorpc-reliability
	@"$$(swift build --show-bin-path)/zerorpc-reliability" table

soak: bootstrap ## Run mixed load with random faults for MINUTES=30, and account for every call
	swift build --product zerorpc-reliability
	@"$$(swift build --show-bin-path)/zerorpc-reliability" soak --minutes $(or $(MINUTES),30)

docs: bootstrap ## Build the documentation into .build/docs, and compile the code in it
	swift build --product zerorpc-generator
	scripts/check-docs
	scripts/check-snippets

lint: ## Check the format of all Swift sources
	scripts/lint

format: ## Rewrite all Swift sources in the project's format
	scripts/lint --fix

bootstrap: ## Install what is missing: libzmq, libmsgpack, and Python peers in .peers
	@scripts/bootstrap

clean: ## Remove what was built and installed inside this directory
	rm -rf .build .peers
