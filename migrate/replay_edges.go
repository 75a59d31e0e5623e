package migrate

import (
	"math/rand/v2"

	"github.com/domicile-eu/domicile/topology"
)

// judgeEdges makes sure that moves wait for moves that exist and have ended in time.
func (r *replay) judgeEdges() {
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		for _, id := range m.After {
			k, ok := r.index[id]
			if !ok {
				r.blame(m.Start, i, "waits for %d, which is no move", id)
			} else if end := r.plan.Moves[k].End; end > m.Start {
				r.blame(m.Start, i, "waits for %d, which ends at %d", id, end)
			}
		}
	}
}

const (
	replaySeeds   = 5  // executions under random durations
	replayTargets = 64 // up to how many moves each one is tried at its worst
)

// shake executes the plan by its edges alone, under other durations than predicted.
func (r *replay) shake() {
	n := len(r.plan.Moves)
	for seed := range uint64(replaySeeds) {
		rng := rand.New(rand.NewPCG(seed, 0x646f6d6963696c65))
		factors := make([]int64, n)
		for i := range factors {
			factors[i] = 500 + rng.Int64N(2501)
		}
		r.execute(factors)
	}
	if n > replayTargets {
		return
	}
	for target := range n {
		factors := make([]int64, n)
		for i := range factors {
			factors[i] = 3000
		}
		waitsFor := []int{target}
		for len(waitsFor) > 0 {
			i := waitsFor[len(waitsFor)-1]
			waitsFor = waitsFor[:len(waitsFor)-1]
			for _, id := range r.plan.Moves[i].After {
				if k := r.index[id]; factors[k] != 500 {
					factors[k] = 500
					waitsFor = append(waitsFor, k)
				}
			}
		}
		r.execute(factors)
		factors[target] = 500 // what counts where it runs, not where it holds room, changes at its end
		r.execute(factors)
	}
}

// execute starts each move as soon as all that it waits for has ended; its duration is the predicted one times a factor
// in thousandths.
func (r *replay) execute(factors []int64) {
	spans := make([]replaySpan, len(factors))
	busy := make(map[string]topology.Micros)
	for i := range r.plan.Moves { // After only names moves that stand before: they have ended by then
		m := &r.plan.Moves[i]
		var start topology.Micros
		for _, id := range m.After {
			start = max(start, spans[r.index[id]].end)
		}
		start = max(start, r.opts.Ready[m.To], m.NotBefore)
		length := int64(m.End - m.Start)
		if left := r.left(i); left > 0 {
			start, length = m.Start, int64(left)
		}
		spans[i] = replaySpan{start, max(start, 0) + topology.Micros(length/1000*factors[i]+length%1000*factors[i]/1000+1)}
		if until, moved := busy[string(m.Workload)]; moved && start < until {
			r.blame(start, i, "with other durations: %s is still on the way", m.Workload)
		}
		busy[string(m.Workload)] = spans[i].end
	}
	r.sweep(spans, "with other durations: ")
}
