# Skein. `make` alone lists the targets.
GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X github.com/skein-dns/skein/internal/daemon.Version=$(VERSION)
FUZZTIME ?= 10s

.PHONY: help build demo test deps check unit race gen fuzz bench lint cover clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/skein, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/skein ./cmd/skein

demo: build ## run a whole cluster on loopback; Ctrl-C ends it
	./bin/skein demo

test: deps check race ## install what the tests need, then run everything

deps: ## install the real servers and clients that the tests talk to (Debian, root)
	./scripts/test-deps

check: ## formatting, vet, modules tidy
	./scripts/check

unit: ## all tests without the race detector: quick while working
	$(GO) test -shuffle=on ./...

race: ## all tests, race detector on, end to end included
	$(GO) test -race -shuffle=on -timeout 20m ./...

gen: ## write docs/reference and the scripts' expected output anew
	$(GO) test ./internal/cli -run 'TestReferenceIsGenerated|TestScript' -update

fuzz: ## every fuzz target for FUZZTIME (10s) each
	./scripts/fuzz $(FUZZTIME)

bench: build ## the figures of bench/README.md, beside real peers, in one run
	./bench/run

lint: ## golangci-lint (slower, so apart from check)
	$(GO) tool -modfile=tools/go.mod golangci-lint run

cover: ## coverage by package
	$(GO) test -coverprofile=/tmp/skein.cover ./... && $(GO) tool cover -func=/tmp/skein.cover | tail -1

clean: ## remove what was built
	rm -rf bin dist
