# make check is what CI runs; make test is the short way while working.

GO ?= go
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck

# Modules of their own, so that the library's importers never meet Kubernetes. Their end-to-end tests are .ci/kubernetes.
NESTED = adapters/kubernetes adapters/kubernetes/charts adapters/kubernetes/scheduler adapters/kubernetes/e2e
TESTED = adapters/kubernetes adapters/kubernetes/charts adapters/kubernetes/scheduler

.PHONY: check test race bench fuzz vet lint fmt tidy cover nested

check: fmt vet lint tidy race nested

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
	@for m in tools $(NESTED); do echo "tidy $$m"; (cd $$m && $(GO) mod tidy -diff) || exit 1; done

nested:
	@tool=$$(mktemp -d) && trap 'rm -rf '$$tool EXIT && \
	$(GO) build -modfile=tools/go.mod -o $$tool/staticcheck honnef.co/go/tools/cmd/staticcheck && \
	for m in $(NESTED); do echo "vet and lint $$m"; (cd $$m && $(GO) vet ./... && $$tool/staticcheck ./...) || exit 1; done && \
	for m in $(TESTED); do echo "test $$m"; (cd $$m && $(GO) test ./...) || exit 1; done

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
