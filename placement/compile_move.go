package placement

import (
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// setMoves prices leaving the current site.
func (c *compiled) setMoves() error {
	c.out.Near = make([]int32, len(c.sites))
	providers := make(map[topology.ProviderID]int32)
	for k, s := range c.sites {
		if _, ok := providers[s.Provider]; !ok {
			providers[s.Provider] = int32(len(providers))
		}
		c.out.Near[k] = providers[s.Provider]
	}
	if len(c.p.Current) > 0 {
		c.out.Home = c.current
	}
	priced := false
	for _, tier := range c.tiers {
		for _, term := range tier.Terms {
			priced = priced || (term.Kind == Moves || term.Kind == Relocation && c.p.Relocation != nil) && term.Weight > 0
		}
	}
	if !priced || len(c.p.Current) == 0 {
		return nil
	}
	type key struct {
		cost  topology.MicroEUR
		bytes int64
		from  int32
	}
	known := make(map[key]int32)
	for i, w := range c.workloads {
		from := c.current[i]
		c.out.MoveOf = append(c.out.MoveOf, -1)
		if from < 0 {
			continue
		}
		bytes, ok := copied(w)
		if !ok {
			return tooLarge(w, "the bytes to copy")
		}
		k := key{w.MoveCost, bytes, from}
		if _, ok := known[k]; !ok {
			m, err := c.move(w, bytes, from)
			if err != nil {
				return err
			}
			known[k] = int32(len(c.out.Moves))
			c.out.Moves = append(c.out.Moves, m)
		}
		c.out.MoveOf[i] = known[k]
	}
	return nil
}

func copied(w *Workload) (int64, bool) {
	memory := w.Migration.Memory
	if memory == 0 {
		memory = w.Demand[topology.Memory]
	}
	return memory + w.Migration.Disk, memory <= math.MaxInt64-w.Migration.Disk
}

func (c *compiled) move(w *Workload, bytes int64, from int32) (problem.Move, error) {
	const bytesPerGB, hoursAMonth = 1_000_000_000, 720
	m := problem.Move{From: from}
	transfer, ok := mulDivUp(bytes, int64(c.sites[from].Egress), 1, bytesPerGB)
	if !ok || transfer > math.MaxInt64-int64(w.MoveCost) {
		return m, tooLarge(w, "the cost of a move")
	}
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind != Moves {
				continue
			}
			near, ok := mulDivUp(int64(w.MoveCost), term.Weight, 1, hoursAMonth)
			far, fine := mulDivUp(int64(w.MoveCost)+transfer, term.Weight, 1, hoursAMonth)
			if !ok || !fine {
				return m, tooLarge(w, "the cost of a move")
			}
			m.Near[t], m.Far[t] = near, far
		}
	}
	return m, nil
}
