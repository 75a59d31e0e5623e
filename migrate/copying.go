package migrate

import (
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// copying holds the facts of one copy in bytes and seconds.
type copying struct {
	rate              float64 // bytes/s
	memory, disk      float64
	cold, hot, period float64
	write             float64
	nodes             float64
	budget            topology.Micros // zero: none
	kind              placement.Kind
}

// phases are the parts of a copy in seconds.
type phases struct {
	disk, memory float64
	setups       float64 // how often the setup is paid, beyond the first
	bytes        float64
	downtime     topology.Micros
	stopped      float64 // seconds of copying that nobody is served, on top of downtime
}

// newCopying takes a rate in bytes/s.
func newCopying(w *placement.Workload, rate float64) *copying {
	m := &w.Migration
	return &copying{
		rate:   rate,
		memory: float64(memoryOf(w)),
		disk:   float64(m.Disk),
		cold:   float64(m.DirtyRate),
		hot:    float64(m.HotSet),
		period: float64(m.HotPeriod) / 1e6,
		write:  float64(m.DiskWrite),
		nodes:  float64(max(m.Nodes, 1)),
		budget: m.Downtime,
		kind:   w.Kind,
	}
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

// postCopy sends each page once: from the switch on, all writes go to the new site.
func (c *copying) postCopy() (phases, error) {
	disk, err := c.diskPhase()
	memory := c.memory / c.rate
	return phases{disk: disk, memory: memory, bytes: c.rate*disk + c.memory, downtime: switchOver}, err
}

func (c *copying) stopAndCopy(setup topology.Micros) phases {
	ahead := c.kind == placement.VM || c.kind == placement.Cluster
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

// rolling copies the disk of one node after another, each while only that node's share is written to.
func (c *copying) rolling() (phases, error) {
	one := *c
	one.disk, one.write = c.disk/c.nodes, c.write/c.nodes
	disk, err := one.diskPhase()
	return phases{disk: disk * c.nodes, bytes: c.rate * disk * c.nodes, setups: c.nodes - 1}, err
}

// phases of a method, or why the workload cannot be moved so.
func (c *copying) phases(method placement.Method, setup topology.Micros) (phases, error) {
	switch method {
	case placement.PreCopy, placement.PostCopy:
		if c.kind == placement.Machine {
			return phases{}, fmt.Errorf("%w: %s: a machine has no hypervisor that could copy its memory while it runs", ErrMethod, method)
		}
		if method == placement.PostCopy {
			return c.postCopy()
		}
		return c.preCopy()
	case placement.StopAndCopy:
		return c.stopAndCopy(setup), nil
	case placement.BlueGreen:
		return c.blueGreen()
	case placement.Rolling:
		if c.kind != placement.Cluster {
			return phases{}, fmt.Errorf("%w: %s: only a cluster has nodes, this is a %s", ErrMethod, method, c.kind)
		}
		return c.rolling()
	}
	return phases{}, fmt.Errorf("%w: %q is unknown", ErrMethod, method)
}

// estimate rounds the phases up. It leaves the safe duration and the downtime budget to its caller.
func (c *copying) estimate(method placement.Method, setup topology.Micros) (Estimate, error) {
	p, err := c.phases(method, setup)
	if err != nil {
		return Estimate{}, err
	}
	copy := micros(p.disk + p.memory + p.setups*float64(setup)/1e6)
	if copy > longest-setup || p.bytes > 1<<62 {
		return Estimate{}, fmt.Errorf("%w: %s takes longer than a year", ErrMethod, method)
	}
	return Estimate{Duration: max(copy+setup, 1), Downtime: p.downtime + micros(p.stopped), Bytes: int64(math.Ceil(p.bytes))}, nil
}
