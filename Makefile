STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help

.PHONY: help build test race lint golden proof bench bench-go demo k6

help: ## show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./hookstone
	go build -o hookstone ./cmd/hookstone

test: ## run the tests
	go test ./...

race: ## run the tests with the race detector
	go test -race ./...

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt these files:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

golden: ## write the golden files anew (look at the difference before you commit it)
	go test ./reports -update
	go test ./cmd/hookstone/internal/vectors -update
	go test ./cmd/hookstone -run TestAPI -update

proof: ## every defect, and every right receiver, under every contract; writes PROOF.md with UPDATE=-update
	HOOKSTONE_PROOF=1 go test -count=1 -timeout 60m -run TestProof ./conformance $(UPDATE)
	HOOKSTONE_PROOF=1 go test -count=1 -timeout 60m -run TestRight ./fixtures/receivers

bench: ## what a delivery costs, beside wrk, hey and k6 (ARGS=-quick: two minutes)
	go run ./cmd/bench -provider sharmo-timestamped $(ARGS)

bench-go: ## Go benchmarks: generation, signing, records, the wire
	go test -run '^$$' -bench . -benchmem ./simulator/...

demo: ## a right receiver certified, a wrong one failed
	go run ./cmd/hookstone demo

k6: ## build ./cmd/k6/k6, k6 with the module k6/x/hookstone, and test it
	cd cmd/k6 && go build -o k6 . && HOOKSTONE_K6="$$PWD/k6" go test -count=1 ./...
