//go:build unix

package harness

import (
	"runtime"
	"syscall"
	"time"
)

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// peakRSS is the most memory that was resident; Linux counts it in KiB, others in bytes.
func peakRSS() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	if runtime.GOOS == "linux" {
		return int64(r.Maxrss) << 10
	}
	return int64(r.Maxrss)
}
