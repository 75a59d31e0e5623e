// Command virt8ra does the main job: it places sixteen applications of European tenants on the continuum of the virt8ra
// providers, from the files beside it, and says where, why, and why not elsewhere.
//
//	go run ./examples/virt8ra
//	go run ./examples/virt8ra -why-not WORKLOAD@SITE
//	go run ./examples/virt8ra -what-if 'operator=NAME down'
//	go run ./examples/virt8ra -resilience
//	go run ./examples/virt8ra -exit PROVIDER -report report.html
package main

import (
	"context"
	"embed"
	"os"
	"os/signal"

	"github.com/domicile-eu/domicile/adapters/cli"
)

//go:embed continuum.yaml apps.yaml observations.yaml policies
var files embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := cli.RunJob(ctx, "virt8ra", files, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
