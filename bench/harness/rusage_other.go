//go:build !unix

package harness

import (
	"runtime"
	"time"
)

var begin = time.Now()

// cpuTime is the wall time where the system is not asked for better.
func cpuTime() time.Duration { return time.Since(begin) }

// peakRSS is what the runtime has taken from the system.
func peakRSS() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
