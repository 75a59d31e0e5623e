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
	safe, worst              *big.Rat // seconds and downtime at the rate that can be counted on
	never                    string   // why it cannot work at all
}

func replayInt(n int64) *big.Rat              { return new(big.Rat).SetInt64(n) }
func replayMicros(t topology.Micros) *big.Rat { return big.NewRat(int64(t), 1_000_000) }
func replayAdd(a, b *big.Rat) *big.Rat        { return new(big.Rat).Add(a, b) }
func replaySub(a, b *big.Rat) *big.Rat        { return new(big.Rat).Sub(a, b) }
func replayMul(a, b *big.Rat) *big.Rat        { return new(big.Rat).Mul(a, b) }
func replayDiv(a, b *big.Rat) *big.Rat        { return new(big.Rat).Quo(a, b) }

// replayPredict recomputes the model for a workload, a method and a rate in bit/s, and once more for the 20/23 of the rate
// that a copy can count on.
func replayPredict(w *placement.Workload, method placement.Method, rate int64, setup topology.Micros) replayLeast {
	least := replayAt(w, method, big.NewRat(rate, 8), setup)
	if least.never != "" {
		return least
	}
	slow := replayAt(w, method, replayMul(big.NewRat(rate, 8), big.NewRat(20, 23)), setup)
	if slow.never != "" {
		slow.seconds, slow.downtime = replayInt(365*24*3600), least.downtime
	}
	least.safe, least.worst = slow.seconds, slow.downtime
	return least
}

// replayAt recomputes the model at a rate b in bytes/s.
func replayAt(w *placement.Workload, method placement.Method, b *big.Rat, setup topology.Micros) replayLeast {
	m := &w.Migration
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
	if w.Kind == placement.Machine && (method == placement.PreCopy || method == placement.PostCopy) {
		return replayLeast{never: "nothing copies the memory of a machine that runs"}
	}
	if m.Disk > 0 && !live && method != placement.StopAndCopy && method != placement.Rolling {
		return replayLeast{never: "the disk is written faster than copied"}
	}
	switch method {
	case placement.PreCopy:
		t, pause, never := replayPreCopy(memory, b, m)
		if never != "" {
			return replayLeast{never: never}
		}
		least.seconds = replayAdd(least.seconds, replayAdd(copyDisk, t))
		least.bytes = replayMul(b, replayAdd(copyDisk, t))
		least.downtime = pause
	case placement.PostCopy:
		t := replayAdd(copyDisk, replayDiv(memory, b))
		least.seconds = replayAdd(least.seconds, t)
		least.bytes = replayMul(b, t)
		least.downtime = big.NewRat(5, 100)
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
		least.seconds = replayAdd(least.seconds, copyDisk)
		least.bytes = replayMul(b, copyDisk)
	case placement.Rolling:
		return replayRolling(w, b, setup)
	default:
		return replayLeast{never: "there is no such method"}
	}
	return least
}

// replayRolling is n times a setup and the disk of one node.
func replayRolling(w *placement.Workload, b *big.Rat, setup topology.Micros) replayLeast {
	if w.Kind != placement.Cluster {
		return replayLeast{never: "what is no cluster has no nodes"}
	}
	n := replayInt(max(w.Migration.Nodes, 1))
	spare := replaySub(b, replayDiv(replayInt(w.Migration.DiskWrite), n))
	copying := new(big.Rat)
	if w.Migration.Disk > 0 {
		if spare.Sign() <= 0 {
			return replayLeast{never: "the disk of a node is written faster than copied"}
		}
		copying = replayDiv(replayInt(w.Migration.Disk), spare)
	}
	return replayLeast{
		seconds: replayAdd(replayMul(n, replayMicros(setup)), copying), bytes: replayMul(b, copying), downtime: new(big.Rat),
	}
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

// least recomputes what [Predict] says.
func (r *replay) least(w *placement.Workload, method placement.Method, rate int64) replayLeast {
	return replayPredict(w, method, rate, r.setup)
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
		{"safe duration in s", replayMicros(m.Safe), least.safe},
	} {
		// The planner may work with floats, which are good to fifteen digits.
		if claim.have.Cmp(replayMul(claim.want, big.NewRat(999_999_999, 1_000_000_000))) < 0 {
			r.blame(m.Start, i, "%s of %s by %s: %s claimed, the model says %s", claim.what, m.Workload, m.Method,
				claim.have.FloatString(6), claim.want.FloatString(6))
		}
	}
	budget := replayMicros(w.Migration.Downtime)
	down := replayMicros(m.Downtime)
	if least.worst.Cmp(down) > 0 {
		down = least.worst
	}
	if budget.Sign() > 0 && down.Cmp(budget) > 0 {
		r.blame(m.Start, i, "%s may be down for %s s, %s s are allowed", m.Workload, down.FloatString(6), budget.FloatString(6))
	}
}
