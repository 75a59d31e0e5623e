package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// reload follows files, and reads them anew on SIGHUP.
func reload(ctx context.Context, every time.Duration, c *adapter.Cluster) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	c.FollowFiles(ctx, every, hup, nil)
}
