# What each target needs beside Go: interop fetches npm packages, generate, drift and
# layers-check npm packages and crates (npm, cargo); bench-check counts instructions with valgrind, bench fetches Go modules;
# test needs nothing.

STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What generate reads. The layer is in the schema itself.
API = cargo:vaegram@0.1.0
API_FILE = compiler/source/api.tl
API_LICENCE = Apache-2.0
MTCUTE = npm:@mtcute/core@0.31.0
MTCUTE_LICENCE = MIT
SOAK = 10m

# What test-32 runs: the packages that count bytes and hold 64-bit values. The others
# take long on 386 for their big numbers: soak runs them.
NARROW = . ./dc/... ./internal/crypt ./internal/frame ./internal/input ./internal/layers/... ./internal/srp ./internal/strictjson ./mtproto ./passkey ./session/... ./tg ./tl ./transport/...

.PHONY: demo test test-32 test-purego race vet interop generate drift layers-check layers-newest fuzz soak release prose limits footprint bench bench-check

demo: ## the guide's whole flow, against a Telegram inside the process
	go run ./cmd/telekey demo

test: ## the Go tests: under a minute, no network
	go test ./...

test-32: ## machines of 32 bits: vet all, test what counts bytes and 64-bit values
	GOARCH=arm go vet ./...
	GOARCH=386 go vet ./...
	GOARCH=386 go test $(NARROW)

test-purego: ## the portable codec of tl, which does without package unsafe
	go vet -tags purego ./tl
	go test -tags purego ./tl ./tg ./mtproto

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
	./internal/tlgen/fetch $(API) build/api
	./internal/tlgen/fetch $(MTCUTE) build/schema
	go run ./internal/tlgen \
	  -api build/api/package/$(API_FILE) -api-source '$(API) ($(API_LICENCE))' \
	  -package build/schema/package -package-source '$(MTCUTE) ($(MTCUTE_LICENCE))'

drift: generate ## fail if the generated files are not what generate writes
	git diff --exit-code --stat -- tg internal/mt
	@test -z "$$(git status --porcelain -- tg internal/mt | tee /dev/stderr)"

layers-check: ## the table of older layers against published schemas
	for p in $$(go run ./internal/layers/check -packages); do \
	  ./internal/tlgen/fetch $$p build/layers/$$(echo $$p | tr '/@:' '___') || exit 1; done
	go run ./internal/layers/check build/layers

layers-newest: ## ask the registries for a newer layer, and what signing in notices of it
	go run ./internal/layers/check -newest build/newest

fuzz: ## a thousand inputs for every fuzz target
	./internal/arch/fuzz 1000x

soak: ## new storms and every fuzz target for as long as SOAK says; 32 bits; slow stories of TDLib
	go test ./internal/sim -run TestStorm -soak=$(SOAK) -timeout=0
	./internal/arch/fuzz $(SOAK)
	GOARCH=386 go test -timeout=0 ./...
	SLOW=1 ./interop/run tdlib

# The newest version that CHANGELOG.md names.
VERSION = $(shell sed -n 's/^## \(v[0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)

release: ## archives for six platforms in dist, built twice from nothing and compared
	rm -rf dist build/again build/cache
	cd internal/release && go build -o ../../build/release .
	build/release -version "$(VERSION)" -out dist
	GOCACHE="$(CURDIR)/build/cache" build/release -version "$(VERSION)" -out build/again
	diff -r dist build/again
	rm -rf build/again build/cache

prose: ## count the clauses that take the place of a noun, in comments and documents
	go run ./internal/prose

limits: ## attacks on an emulator in a process of its own: its memory, and how long others wait
	go vet -tags limits ./internal/limits
	go test -tags limits -count=1 -v ./internal/limits

footprint: ## what a cold build of a small program costs
	./internal/arch/footprint

bench-check: ## allocations and instructions of our own client, held to limits
	cd bench && go test -count=1 -v ./check

bench: ## beside other libraries: writes docs/benchmarks.md, takes minutes
	cd bench && go run . -rounds 5
