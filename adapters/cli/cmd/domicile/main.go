// Command domicile is the operator's tool; see package cli.
package main

import (
	"context"
	"os"
	"os/signal"
	_ "time/tzdata" // calendars work on machines without zone files

	"github.com/domicile-eu/domicile/adapters/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := cli.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
