# What each target needs beside Go: interop, generate and layers-check fetch npm
# packages; bench-check counts instructions with valgrind, bench fetches Go modules;
# test needs nothing.

STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
SCHEMA = @mtcute/core@0.31.0
SOAK = 10m

.PHONY: demo test race vet interop generate drift layers-check fuzz soak footprint bench bench-check

demo: ## the guide's whole flow, against a Telegram inside the process
	go run ./cmd/telekey demo

test: ## the Go tests: under a minute, no network
	go test ./...

race: ## the same under the race detector
	go test -race ./...

vet: ## formatting, vet, staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	GOOS=windows go vet ./session/... ./internal/cli/... ./cmd/...
	GOOS=darwin go vet ./session/... ./internal/cli/... ./cmd/...
	$(STATICCHECK) ./...

interop: ## clients that others wrote, against the emulator
	./interop/run

generate: ## write tg and internal/mt anew from the pinned schema
	./internal/tlgen/fetch $(SCHEMA) build/schema
	go run ./internal/tlgen -package build/schema/package

drift: generate ## fail if the generated files are not what generate writes
	git diff --exit-code --stat -- tg internal/mt
	@test -z "$$(git status --porcelain -- tg internal/mt | tee /dev/stderr)"

layers-check: ## the table of older layers against published schemas
	for p in $$(go run ./internal/layers/check -packages); do \
	  ./internal/tlgen/fetch $$p build/layers/$$(echo $$p | tr '/@' '__') || exit 1; done
	go run ./internal/layers/check build/layers

fuzz: ## a thousand inputs for every fuzz target
	./internal/arch/fuzz 1000x

soak: ## new storms, and every fuzz target, for as long as SOAK says
	go test ./internal/sim -run TestStorm -soak=$(SOAK) -timeout=0
	./internal/arch/fuzz $(SOAK)

footprint: ## what a cold build of a small program costs
	./internal/arch/footprint

bench-check: ## allocations and instructions of our own client, held to limits
	cd bench && go test -count=1 -v ./check

bench: ## beside other libraries: writes docs/benchmarks.md, takes minutes
	cd bench && go run . -rounds 5
