package migrate

import (
	"errors"
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ErrMethod is wrapped where a workload cannot be moved by a method at a rate.
var ErrMethod = errors.New("method does not work")

const (
	// longest is a year. No copy that takes longer is planned; it also keeps every sum of durations within an int64.
	longest topology.Micros = 365 * 24 * 3600 * 1_000_000
	// pauseLimit is the pause that QEMU allows itself by default at the end of a pre-copy.
	pauseLimit topology.Micros = 300_000
	// switchOver is the assumed time to redirect disks and traffic once the last page has arrived.
	switchOver topology.Micros = 50_000
)

// Estimate is what moving one workload takes.
type Estimate struct {
	Duration topology.Micros // Options.Setup included
	Downtime topology.Micros // for which nobody is served
	Bytes    int64           // that cross the network, what is sent again included
}

// Predict returns what moving a workload by a method at a rate in bit/s takes. The disk is copied first, while it is
// written to; then the memory, so the two phases add up.
//
// Pre-copy follows mVM (Kherbache, Madelaine, Hermenier, "Scheduling live migration of virtual machines", IEEE Trans.
// Cloud Computing 2020): with memory M, rate b in bytes/s, a hot set H re-dirtied every D and a cold dirty rate c, the
// first pass takes t0 = M/b; if t0 > D the copy takes t0 + (H + (t0-D)c)/(b-c) + (H/b)(H/D)/(b-H/D), otherwise
// t0 + (H/D)t0/(b-H/D); without a hot set, D counts as zero. It converges only if b > max(c, H/D). The downtime is the last pass, cut at 300 ms (the default of
// QEMU) or at the workload's budget, plus 50 ms to switch over, which is assumed.
//
// Stop-and-copy stops the workload for its memory and the setup. Disks of virtual machines are copied ahead, while they
// run, where the rate is above what is written; those of containers and machines while they are stopped. Blue-green
// starts a second instance and copies the disk alone, without downtime; where there is no disk nothing is sent.
//
// The error wraps [ErrMethod] where the copy never converges, takes more than a year, breaks the downtime budget or the
// rate is not positive. Durations are rounded up to microseconds and at least one.
func Predict(w *placement.Workload, method placement.Method, rate int64, opts *Options) (Estimate, error) {
	o, err := opts.settled()
	if err != nil {
		return Estimate{}, err
	}
	return predict(w, method, rate, o.Setup)
}

func predict(w *placement.Workload, method placement.Method, rate int64, setup topology.Micros) (Estimate, error) {
	if rate <= 0 {
		return Estimate{}, fmt.Errorf("%w: %s: no bandwidth", ErrMethod, method)
	}
	c := newCopying(w, rate)
	var phases phases
	var err error
	switch method {
	case placement.PreCopy:
		phases, err = c.preCopy()
	case placement.StopAndCopy:
		phases = c.stopAndCopy(w.Kind, setup)
	case placement.BlueGreen:
		phases, err = c.blueGreen()
	default:
		err = fmt.Errorf("%w: %q is unknown", ErrMethod, method)
	}
	if err != nil {
		return Estimate{}, err
	}
	return c.estimate(method, phases, setup)
}

// copying holds the facts of one copy in bytes and seconds.
type copying struct {
	rate              float64 // bytes/s
	memory, disk      float64
	cold, hot, period float64
	write             float64
	budget            topology.Micros // zero: none
}

// phases are the parts of a copy in seconds.
type phases struct {
	disk, memory float64
	bytes        float64
	downtime     topology.Micros
	stopped      float64 // seconds of copying that nobody is served, on top of downtime
}

func newCopying(w *placement.Workload, rate int64) *copying {
	m := &w.Migration
	c := &copying{
		rate:   float64(rate) / 8,
		memory: float64(memoryOf(w)),
		disk:   float64(m.Disk),
		cold:   float64(m.DirtyRate),
		hot:    float64(m.HotSet),
		period: float64(m.HotPeriod) / 1e6,
		write:  float64(m.DiskWrite),
		budget: m.Downtime,
	}
	return c
}

// memoryOf returns the bytes of memory that are copied.
func memoryOf(w *placement.Workload) int64 {
	if w.Migration.Memory > 0 {
		return w.Migration.Memory
	}
	return w.Demand[topology.Memory]
}

// hotPerSecond returns the rate at which the hot set gets dirty. A hot set without a period is dirty at once: no rate
// suffices.
func (c *copying) hotPerSecond() float64 {
	if c.hot == 0 {
		return 0
	}
	return c.hot / c.period
}

func (c *copying) diskPhase() (float64, error) {
	if c.disk == 0 {
		return 0, nil
	}
	if c.rate <= c.write {
		return 0, fmt.Errorf("%w: the disk is written at %.0f bytes/s and copied at %.0f", ErrMethod, c.write, c.rate)
	}
	return c.disk / (c.rate - c.write), nil
}

func (c *copying) preCopy() (phases, error) {
	disk, err := c.diskPhase()
	if err != nil {
		return phases{}, err
	}
	hot := c.hotPerSecond()
	if need := max(c.cold, hot); c.rate <= need {
		return phases{}, fmt.Errorf("%w: memory gets dirty at %.0f bytes/s and is copied at %.0f: pre-copy never ends", ErrMethod, need, c.rate)
	}
	first := c.memory / c.rate
	var memory, pending float64
	switch {
	case c.hot == 0:
		memory = first + first*c.cold/(c.rate-c.cold)
		pending = c.cold * first
	case first > c.period:
		memory = first + (c.hot+(first-c.period)*c.cold)/(c.rate-c.cold) + (c.hot/c.rate)*hot/(c.rate-hot)
		pending = c.hot
	default:
		memory = first + hot*first/(c.rate-hot)
		pending = hot * first
	}
	limit := pauseLimit
	if c.budget > 0 {
		limit = min(limit, c.budget-switchOver)
		if limit <= 0 {
			return phases{}, fmt.Errorf("%w: the downtime budget of %d us is below the %d us of switching over", ErrMethod, c.budget, switchOver)
		}
	}
	pause := switchOver + min(limit, micros(pending/c.rate))
	return phases{disk: disk, memory: memory, bytes: c.rate * (disk + memory), downtime: pause}, nil
}

func (c *copying) stopAndCopy(kind placement.Kind, setup topology.Micros) phases {
	ahead := kind == placement.VM || kind == placement.Cluster
	if disk, err := c.diskPhase(); ahead && err == nil {
		memory := c.memory / c.rate
		return phases{disk: disk, memory: memory, bytes: c.rate*disk + c.memory, downtime: setup, stopped: memory}
	}
	all := (c.disk + c.memory) / c.rate
	return phases{memory: all, bytes: c.disk + c.memory, downtime: setup, stopped: all}
}

func (c *copying) blueGreen() (phases, error) {
	disk, err := c.diskPhase()
	return phases{disk: disk, bytes: c.rate * disk}, err
}

// estimate rounds the phases up and judges the downtime budget.
func (c *copying) estimate(method placement.Method, p phases, setup topology.Micros) (Estimate, error) {
	copy := micros(p.disk + p.memory)
	if copy > longest-setup || p.bytes > 1<<62 {
		return Estimate{}, fmt.Errorf("%w: %s takes longer than a year", ErrMethod, method)
	}
	e := Estimate{Duration: max(copy+setup, 1), Downtime: p.downtime + micros(p.stopped), Bytes: int64(math.Ceil(p.bytes))}
	if c.budget > 0 && e.Downtime > c.budget {
		return Estimate{}, fmt.Errorf("%w: %s interrupts for %d us, %d us are allowed", ErrMethod, method, e.Downtime, c.budget)
	}
	return e, nil
}

// micros rounds seconds up to microseconds; what is beyond any plan comes out as just that.
func micros(seconds float64) topology.Micros {
	us := math.Ceil(seconds * 1e6)
	if !(us < float64(longest)*2) {
		return 2 * longest
	}
	return topology.Micros(us)
}

// methodsOf returns the methods that a workload may be moved by, in order of preference.
func methodsOf(w *placement.Workload) []placement.Method {
	if len(w.Migration.Methods) > 0 {
		return w.Migration.Methods
	}
	switch w.Kind {
	case placement.Container:
		return []placement.Method{placement.BlueGreen, placement.StopAndCopy}
	case placement.Machine:
		return []placement.Method{placement.StopAndCopy}
	default:
		return []placement.Method{placement.PreCopy, placement.StopAndCopy}
	}
}
