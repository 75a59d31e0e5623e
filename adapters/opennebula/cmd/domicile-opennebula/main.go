// Command domicile-opennebula is a scheduler driver of OpenNebula 7. Installed under the names place and optimize it does what
// they do; see the README of package opennebula.
package main

import (
	"os"
	"time"
	_ "time/tzdata" // calendars work on machines without zone files
)

func main() {
	os.Exit(run(&call{
		args: os.Args, location: os.Getenv("ONE_LOCATION"), config: os.Getenv("DOMICILE_CONF"),
		in: os.Stdin, out: os.Stdout, log: os.Stderr, now: time.Now,
	}))
}
