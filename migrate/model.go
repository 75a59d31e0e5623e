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
	// safeShare is the part of the nominal rate that a copy can count on. 2,000 live migrations timed on Grid'5000 over
	// links of 0.5 and 1 Gbit/s (V. Kherbache, 2015) are covered to 95.7 %, in whole seconds, by a copy at 8/9.2 of the
	// rate; at 8/9, which mVM plans with, to 94 %. Other networks and hypervisors may differ.
	safeShare = 20.0 / 23
)

// Estimate is what moving one workload takes.
type Estimate struct {
	// Duration is expected: about as many moves take longer as take less. Options.Setup is included.
	Duration topology.Micros
	// Safe is a duration that is seldom exceeded, a year where the copy may never end at a rate that can be counted on, and
	// zero where none is known.
	Safe     topology.Micros
	Downtime topology.Micros // for which nobody is served
	Bytes    int64           // that cross the network, what is sent again included
}

// Predict returns what moving a workload by a method at a rate in bit/s takes. The disk is copied first, while it is
// written to; then the memory, so the two phases add up.
//
// Pre-copy follows mVM (Kherbache, Madelaine, Hermenier, "Scheduling live migration of virtual machines", IEEE Trans.
// Cloud Computing 2020): with memory M, rate b in bytes/s, a hot set H re-dirtied every D and a cold dirty rate c, the
// first pass takes t0 = M/b; if t0 > D the copy takes t0 + (H + (t0-D)c)/(b-c) + (H/b)(H/D)/(b-H/D), otherwise
// t0 + (H/D)t0/(b-H/D); without a hot set, D counts as zero. It converges only if b > max(c, H/D). The downtime is the
// last pass, cut at 300 ms (the default of QEMU) or at the workload's budget, plus 50 ms to switch over, which is assumed.
//
// Post-copy switches over first and sends each page once: M/b, however fast memory gets dirty, for a downtime of the 50 ms
// alone. It cannot be called off ([placement.Method.Cancellable]).
//
// Stop-and-copy stops the workload for its memory and the setup. Disks of virtual machines are copied ahead, while they
// run, where the rate is above what is written; those of containers and machines while they are stopped. Blue-green
// starts a second instance and copies the disk alone, without downtime; where there is no disk nothing is sent. Rolling does
// so for the nodes of a cluster one after another, with a setup each; pre-copy, post-copy and stop-and-copy take the nodes
// of a cluster together, with the sums of their memory.
//
// The safe estimate is the same copy at 20/23 of the rate, see the source for where that comes from.
//
// The error wraps [ErrMethod] where the kind of workload cannot be moved so, the copy never converges, takes more than a
// year, breaks the downtime budget at the safe rate or the rate is not positive. Durations are rounded up to microseconds
// and at least one.
func Predict(w *placement.Workload, method placement.Method, rate int64, opts *Options) (Estimate, error) {
	if w == nil {
		return Estimate{}, fmt.Errorf("%w: no workload", ErrInvalid)
	}
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
	bytes := float64(rate) / 8
	e, err := newCopying(w, bytes).estimate(method, setup)
	if err != nil {
		return Estimate{}, err
	}
	down := e.Downtime
	e.Safe = longest
	if safe, err := newCopying(w, bytes*safeShare).estimate(method, setup); err == nil {
		e.Safe = max(safe.Duration, e.Duration)
		down = max(down, safe.Downtime)
	}
	if budget := w.Migration.Downtime; budget > 0 && down > budget {
		return Estimate{}, fmt.Errorf("%w: %s may interrupt for %d us, %d us are allowed", ErrMethod, method, down, budget)
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
