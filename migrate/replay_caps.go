package migrate

import (
	"github.com/domicile-eu/domicile/topology"
)

// replayCaps counts the moves that run at once, beyond those of single sites.
type replayCaps struct {
	all   int
	in    map[topology.ProviderID]int
	out   map[topology.ProviderID]int
	links map[topology.LinkID]int
}

func newReplayCaps() replayCaps {
	return replayCaps{in: make(map[topology.ProviderID]int), out: make(map[topology.ProviderID]int), links: make(map[topology.LinkID]int)}
}

// count adds a move, or takes it off with -1.
func (c *replayCaps) count(r *replay, i, by int) {
	c.all += by
	c.in[r.toSite[i].Provider] += by
	c.out[r.fromSite[i].Provider] += by
	if r.plan.Moves[i].Rate > 0 {
		for _, hop := range r.plan.Moves[i].Route.Hops {
			c.links[hop.Link] += by
		}
	}
}

// judge blames a move that has just begun for what is too much.
func (c *replayCaps) judge(s *replayState, now topology.Micros, i int) {
	over := func(n, most int, what string) {
		if most > 0 && n > most {
			s.blame(now, i, "%s%d moves run at once %s, at most %d may", s.label, n, what, most)
		}
	}
	over(c.all, s.opts.Moves, "in all")
	in, out := s.toSite[i].Provider, s.fromSite[i].Provider
	over(c.in[in], s.opts.ProviderMoves, "into "+string(in))
	over(c.out[out], s.opts.ProviderMoves, "out of "+string(out))
	if s.plan.Moves[i].Rate > 0 {
		for _, hop := range s.plan.Moves[i].Route.Hops {
			over(c.links[hop.Link], s.opts.LinkMoves, "over "+string(hop.Link))
		}
	}
}

// judgeReady makes sure that no site is entered before it is ready.
func (r *replay) judgeReady() {
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if at := r.opts.Ready[m.To]; r.left(i) == 0 && m.Start < at {
			r.blame(m.Start, i, "enters %s, which is ready at %d", m.To, at)
		}
	}
}
