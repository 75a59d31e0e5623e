// Command bench runs the yardsticks of the Kubernetes adapter, in the form of the library's own bench:
//
//	go run ./cmd/bench extender -nodes 5000 -names 500 -requests 2000
package main

import (
	"os"

	"github.com/domicile-eu/domicile/bench/harness"
)

func main() { os.Exit(harness.Main(os.Args[1:], []harness.Suite{suite}, os.Stdout, os.Stderr)) }
