# make check is what CI runs; make test is the short way while working.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck

.PHONY: check test race bench fuzz vet lint fmt tidy cover

check: fmt vet lint tidy race

test:
	$(GO) test ./...

race:
	$(GO) test -race -shuffle=1 -timeout 30m ./...

fmt:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./...

lint:
	$(STATICCHECK) ./...

tidy:
	$(GO) mod tidy -diff
	cd tools && $(GO) mod tidy -diff

# Benchmarks of the hot paths, then the outside yardsticks in their first form.
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) run ./bench/cmd/bench latency -nodes 10000 -edges 40000
	$(GO) run ./bench/cmd/bench online -sites 5000 -decisions 10000
	$(GO) run ./bench/cmd/bench migrate -synthetic moves=10000,sites=5000,fill=0.85
	$(GO) run ./bench/cmd/bench policy -workloads 1000 -sites 10000
	$(GO) run ./bench/cmd/bench scale -sites 1000 -workloads 5000 -time 60s

# Every fuzz target for FUZZTIME each.
FUZZTIME ?= 20s
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$pkg; \
	  done; \
	done

cover:
	$(GO) test -coverprofile=cover.out ./... && $(GO) tool cover -func=cover.out | tail -1
