# Skein. `make` alone lists the targets.
GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X github.com/skein-dns/skein/internal/daemon.Version=$(VERSION)
FUZZTIME ?= 10s
# SQLite is C in Go's clothes and has no goroutines, argon2 is arithmetic: watching them finds nothing and takes two thirds of the time.
UNWATCHED := modernc.org/sqlite/lib modernc.org/libc golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b
RACE    := -race $(UNWATCHED:%=-gcflags=%=-race=false)

.PHONY: help build ui demo test deps check unit race e2e gen fuzz bench lint cover clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/skein, one static binary
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/skein ./cmd/skein

ui: ## build the web console (wants Node 20.19 and npm); the next build takes it along
	./scripts/build-console

demo: ## build, then run a whole cluster on loopback; Ctrl-C ends it
	@./scripts/build-console --if-possible
	@$(MAKE) --no-print-directory build
	./bin/skein demo

test: deps check race e2e ## install what the tests need, then run everything

deps: ## install the real servers and clients that the tests talk to (Debian, root)
	./scripts/test-deps

check: ## formatting, vet, modules tidy
	./scripts/check

unit: ## all tests without the race detector: quick while working
	$(GO) test -shuffle=on ./...

race: ## all tests but those end to end, race detector on
	$(GO) test $(RACE) -shuffle=on -timeout 40m $$($(GO) list ./... | grep -v '/e2e$$')

e2e: ui build ## whole clusters of real servers, then the console in a real browser
	$(GO) test $(RACE) -shuffle=on -timeout 40m ./e2e
	cd ui && npm run -s check && npm run -s e2e

gen: ## write docs/reference and the scripts' expected output anew
	$(GO) test ./internal/cli -run 'TestReferenceIsGenerated|TestScript' -update
	$(GO) test ./internal/api -run TestRolesAreDocumented -update
	cd ui && npm run -s types

fuzz: ## every fuzz target for FUZZTIME (10s) each
	./scripts/fuzz $(FUZZTIME)

bench: build ## the figures of bench/README.md, beside real peers, in one run
	./bench/run

lint: ## golangci-lint (slower, so apart from check)
	$(GO) tool -modfile=tools/go.mod golangci-lint run

cover: ## coverage by package
	$(GO) test -coverprofile=/tmp/skein.cover ./... && $(GO) tool cover -func=/tmp/skein.cover | tail -1

clean: ## remove what was built
	rm -rf bin dist ui/dist/app ui/test-results
