// Command bench runs the outside yardsticks, see the design page and docs/benchmarks.md:
//
//	go run ./bench/cmd/bench SUITE [flags]
package main

import (
	"os"

	"github.com/domicile-eu/domicile/bench/estimate"
	"github.com/domicile-eu/domicile/bench/gap"
	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/latency"
	"github.com/domicile-eu/domicile/bench/migrate"
	"github.com/domicile-eu/domicile/bench/online"
	"github.com/domicile-eu/domicile/bench/opennebula"
	"github.com/domicile-eu/domicile/bench/policies"
	"github.com/domicile-eu/domicile/bench/roadef"
	"github.com/domicile-eu/domicile/bench/scale"
)

func main() {
	suites := []harness.Suite{estimate.Suite, gap.Suite, latency.Suite, migrate.Suite, online.Suite, opennebula.Suite, policies.Suite, roadef.Suite, scale.Suite}
	os.Exit(harness.Main(os.Args[1:], suites, os.Stdout, os.Stderr))
}
