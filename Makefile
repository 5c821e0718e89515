# What CI runs, by the same names.

TAGS    := disable_grpc_modules,grpcnotrace
VERSION ?= dev
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 30s
STATICCHECK := v0.8.2

.PHONY: build test unit lint fuzz bench schema

build: ## bin/sluice, one static file
	CGO_ENABLED=0 go build -trimpath -tags "$(TAGS)" -ldflags "$(LDFLAGS)" -o bin/sluice ./cmd/sluice

test: unit ## everything: the unit tests, then real clients against a running gateway
	cd integration && ./setup && go test -count=1 -timeout 30m ./...

unit: ## what needs only Go, with the race detector
	go test -race ./...

lint:
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...
	cd integration && go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...
	cd integration && go run honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) ./...

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
