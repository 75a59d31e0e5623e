package harness

import "time"

// Figures are the JSON fields that every suite has.
type Figures struct {
	Suite        string  `json:"suite"`
	Seed         uint64  `json:"seed"`
	Seconds      float64 `json:"seconds"`
	CPUSeconds   float64 `json:"cpu_seconds"`
	PeakRSSBytes int64   `json:"peak_rss_bytes"`
}

// Stopwatch measures wall and CPU time since it was started.
type Stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

// Start starts a stopwatch.
func Start() Stopwatch { return Stopwatch{wall: time.Now(), cpu: cpuTime()} }

// Wall is the wall time since the start.
func (s Stopwatch) Wall() time.Duration { return time.Since(s.wall) }

// CPU is the CPU time of the whole process since the start, garbage collection included.
func (s Stopwatch) CPU() time.Duration { return cpuTime() - s.cpu }
