// Command domicile-external-scheduler answers the scheduler of OpenNebula 6.8 to 6.10, which asks it by HTTP where virtual
// machines that wait go (EXTERNAL_SCHEDULER in sched.conf); see the README of package opennebula.
//
// Usage:
//
//	domicile-external-scheduler [-config FILE] [-log json|text] [-check]
//
// Without -config the file is $DOMICILE_CONF, or etc/schedulers/domicile.conf below $ONE_LOCATION, or
// /etc/one/schedulers/domicile.conf. Exit status 2 means wrong flags or settings, 1 that it cannot serve. SIGHUP reads policies
// and continuum anew; so does a change of their files. SIGINT and SIGTERM end it once running answers are given.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // calendars work on machines without zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	os.Exit(run(ctx, &call{args: os.Args[1:], getenv: os.Getenv, stderr: os.Stderr, again: hup}))
}
