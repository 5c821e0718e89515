# What CI runs, by the same names.

TAGS    := disable_grpc_modules,grpcnotrace
VERSION ?= dev
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 30s

.PHONY: build test race lint fuzz integration bench schema

build: ## bin/sluice, one static file
	CGO_ENABLED=0 go build -trimpath -tags "$(TAGS)" -ldflags "$(LDFLAGS)" -o bin/sluice ./cmd/sluice

test: ## all tests, without a network
	go test ./...

race: ## the same, with the race detector
	go test -race ./...

lint:
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...
	golangci-lint run ./...

fuzz: ## every fuzz target for FUZZTIME
	@set -e; go list ./... | while read -r pkg; do \
		for target in $$(go test -list '^Fuzz' "$$pkg" | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
		done; \
	done

integration: ## real clients against a running gateway; integration/setup installs them
	cd integration && go test ./...

bench: ## the benchmarks beside the code
	go test -run '^$$' -bench . -benchmem ./...

schema: ## the published JSON schema of the config file
	go run ./cmd/sluice schema > docs/config.schema.json
