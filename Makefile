# What CI runs, by the same names.

TAGS    := disable_grpc_modules,grpcnotrace
VERSION ?= dev
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 30s
GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: build test test-clouds unit lint vuln fuzz bench schema

build: ## bin/sluice, one static file
	CGO_ENABLED=0 go build -trimpath -tags "$(TAGS)" -ldflags "$(LDFLAGS)" -o bin/sluice ./cmd/sluice

test: unit ## everything: the unit tests, then real clients against a running gateway
	cd integration && ./setup && go test -count=1 -timeout 60m ./...

test-clouds: ## the same suites on the real clouds whose accounts the environment names (integration/README.md); they cost money
	@cd integration && clouds=$$(go run ./trees/clouds) && if [ -z "$$clouds" ]; then echo "NOT RUN: no account of any cloud"; \
	else ./setup && SLUICE_TREES=$$clouds go test -count=1 -p 1 -timeout 6h ./trees .; fi

unit: ## what needs only Go, with the race detector
	go test -race ./...

lint: ## as .golangci.yml says, in both modules; and what is built on other systems only
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	$(GOLANGCI) run ./...
	cd integration && $(GOLANGCI) run ./...
	GOOS=darwin go vet ./drivers/local

vuln: ## known vulnerabilities in the code that is called; says so where the database of them cannot be reached
	@if out=$$($(GOVULNCHECK) ./... 2>&1); then echo "$$out"; else \
		echo "$$out"; \
		case "$$out" in \
		*"fetching vulnerabilities"*) echo "NOT RUN: the vulnerability database does not answer, so nothing was checked" ;; \
		*) exit 1 ;; \
		esac; \
	fi

fuzz: ## every fuzz target for FUZZTIME
	@set -e; go list ./... | while read -r pkg; do \
		for target in $$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
		done; \
	done

bench: ## the benchmarks beside the code
	go test -run '^$$' -bench . -benchmem ./...

schema: ## the published JSON schema of the config file
	go run ./cmd/sluice schema > docs/config.schema.json
