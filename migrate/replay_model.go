package migrate

import (
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayLeast is the least that a move may claim to take, in exact fractions of seconds and bytes.
type replayLeast struct {
	seconds, downtime, bytes *big.Rat
	never                    string // why it cannot work at all
}

func replayInt(n int64) *big.Rat              { return new(big.Rat).SetInt64(n) }
func replayMicros(t topology.Micros) *big.Rat { return big.NewRat(int64(t), 1_000_000) }
func replayAdd(a, b *big.Rat) *big.Rat        { return new(big.Rat).Add(a, b) }
func replaySub(a, b *big.Rat) *big.Rat        { return new(big.Rat).Sub(a, b) }
func replayMul(a, b *big.Rat) *big.Rat        { return new(big.Rat).Mul(a, b) }
func replayDiv(a, b *big.Rat) *big.Rat        { return new(big.Rat).Quo(a, b) }

// replayPredict recomputes the model for a workload, a method and a rate in bit/s.
func replayPredict(w *placement.Workload, method placement.Method, rate int64, setup topology.Micros) replayLeast {
	b, m := big.NewRat(rate, 8), &w.Migration
	memory := replayInt(w.Demand[topology.Memory])
	if m.Memory > 0 {
		memory = replayInt(m.Memory)
	}
	disk, write := replayInt(m.Disk), replayInt(m.DiskWrite)
	live := b.Cmp(write) > 0 // the disk can be copied while it is written to
	copyDisk := new(big.Rat)
	if m.Disk > 0 && live {
		copyDisk = replayDiv(disk, replaySub(b, write))
	}
	least := replayLeast{seconds: replayMicros(setup), downtime: new(big.Rat), bytes: new(big.Rat)}
	switch method {
	case placement.PreCopy:
		if m.Disk > 0 && !live {
			return replayLeast{never: "the disk is written faster than copied"}
		}
		t, pause, never := replayPreCopy(memory, b, m)
		if never != "" {
			return replayLeast{never: never}
		}
		least.seconds = replayAdd(least.seconds, replayAdd(copyDisk, t))
		least.bytes = replayMul(b, replayAdd(copyDisk, t))
		least.downtime = pause
	case placement.StopAndCopy:
		stopped := replayDiv(replayAdd(memory, disk), b)
		least.bytes = replayAdd(memory, disk)
		if m.Disk > 0 && live && (w.Kind == placement.VM || w.Kind == placement.Cluster) {
			stopped = replayDiv(memory, b)
			least.seconds = replayAdd(least.seconds, copyDisk)
			least.bytes = replayAdd(memory, replayMul(b, copyDisk))
		}
		least.seconds = replayAdd(least.seconds, stopped)
		least.downtime = replayAdd(replayMicros(setup), stopped)
	case placement.BlueGreen:
		if m.Disk > 0 && !live {
			return replayLeast{never: "the disk is written faster than copied"}
		}
		least.seconds = replayAdd(least.seconds, copyDisk)
		least.bytes = replayMul(b, copyDisk)
	default:
		return replayLeast{never: "there is no such method"}
	}
	return least
}

// replayPreCopy returns seconds of copying and of the pause at its end.
func replayPreCopy(memory, b *big.Rat, m *placement.Migration) (seconds, pause *big.Rat, never string) {
	h, c := replayInt(m.HotSet), replayInt(m.DirtyRate)
	period := new(big.Rat)
	if m.HotSet > 0 {
		if period = replayMicros(m.HotPeriod); period.Sign() == 0 {
			return nil, nil, "the hot set gets dirty at once"
		}
	}
	hotRate := new(big.Rat)
	if m.HotSet > 0 {
		hotRate = replayDiv(h, period)
	}
	if b.Cmp(c) <= 0 || b.Cmp(hotRate) <= 0 {
		return nil, nil, "memory gets dirty faster than it is copied"
	}
	first := replayDiv(memory, b)
	last := replayMul(h, replayDiv(hotRate, replayMul(b, replaySub(b, hotRate)))) // (H/b)(H/D)/(b-H/D)
	left := h
	if over := replaySub(first, period); over.Sign() > 0 {
		again := replayDiv(replayAdd(h, replayMul(over, c)), replaySub(b, c))
		seconds = replayAdd(first, replayAdd(again, last))
		if m.HotSet == 0 {
			left = replayMul(c, first)
		}
	} else {
		seconds = replayAdd(first, replayDiv(replayMul(hotRate, first), replaySub(b, hotRate)))
		left = replayMul(hotRate, first)
	}
	cut := big.NewRat(3, 10)
	if m.Downtime > 0 {
		if budget := replaySub(replayMicros(m.Downtime), big.NewRat(5, 100)); budget.Cmp(cut) < 0 {
			cut = budget
		}
	}
	pause = replayDiv(left, b)
	if pause.Cmp(cut) > 0 {
		pause = cut
	}
	return seconds, replayAdd(pause, big.NewRat(5, 100)), ""
}

// least asks the model of the options, or recomputes that of [Predict].
func (r *replay) least(w *placement.Workload, method placement.Method, rate int64) replayLeast {
	if r.opts.Model == nil {
		return replayPredict(w, method, rate, r.setup)
	}
	e, err := r.opts.Model(w, method, rate)
	if err != nil {
		return replayLeast{never: err.Error()}
	}
	return replayLeast{seconds: replayMicros(e.Duration), downtime: replayMicros(e.Downtime), bytes: replayInt(e.Bytes)}
}

// judgeModel compares what a move claims with the model.
func (r *replay) judgeModel(i int) {
	m, w := &r.plan.Moves[i], r.byMove[i]
	allowed := w.Migration.Methods
	if len(allowed) == 0 {
		allowed = map[placement.Kind][]placement.Method{
			placement.VM:        {placement.PreCopy, placement.StopAndCopy},
			placement.Cluster:   {placement.PreCopy, placement.StopAndCopy},
			placement.Container: {placement.BlueGreen, placement.StopAndCopy},
			placement.Machine:   {placement.StopAndCopy},
		}[w.Kind]
	}
	if !slices.Contains(allowed, m.Method) {
		r.blame(m.Start, i, "%s may not be moved by %s", m.Workload, m.Method)
	}
	rate := m.Rate
	if rate <= 0 {
		if rate = m.Route.Bandwidth; m.Rate < 0 || m.Bytes > 0 {
			r.blame(m.Start, i, "sends %d bytes at %d bit/s", m.Bytes, m.Rate)
			return
		}
	}
	least := r.least(w, m.Method, rate)
	if least.never != "" {
		r.blame(m.Start, i, "%s by %s at %d bit/s: %s", m.Workload, m.Method, rate, least.never)
		return
	}
	for _, claim := range []struct {
		what string
		have *big.Rat
		want *big.Rat
	}{
		{"duration in s", replayMicros(m.End - m.Start), least.seconds},
		{"downtime in s", replayMicros(m.Downtime), least.downtime},
		{"bytes", replayInt(m.Bytes), least.bytes},
	} {
		// The planner may work with floats, which are good to fifteen digits.
		if claim.have.Cmp(replayMul(claim.want, big.NewRat(999_999_999, 1_000_000_000))) < 0 {
			r.blame(m.Start, i, "%s of %s by %s: %s claimed, the model says %s", claim.what, m.Workload, m.Method,
				claim.have.FloatString(6), claim.want.FloatString(6))
		}
	}
	if budget := w.Migration.Downtime; budget > 0 && m.Downtime > budget {
		r.blame(m.Start, i, "%s is down for %d us, %d us are allowed", m.Workload, m.Downtime, budget)
	}
}
