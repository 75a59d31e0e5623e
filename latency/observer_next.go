package latency

import (
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Next returns a new version where one is due, and whether it is: when Every and EverySamples have passed since the last
// one and a figure is new or differs enough, when something that counts became older than MaxAge, or when
// [Observer.Rebase] changed the continuum, which does not wait. It holds all figures known by then, links' in its
// continuum (whose AsOf is then that of the newest sample) and pairs' as observations, each as new as its newest sample.
//
// The last version stays as it is. An error (none is known to be possible) leaves it in force; the next call tries again.
// O(samples' pairs) where nothing is due, a [New] where it is.
func (o *Observer) Next() (*Graph, bool, error) {
	o.making.Lock()
	defer o.making.Unlock()
	o.mu.Lock()
	if !o.due() {
		o.mu.Unlock()
		return o.graph, false, nil
	}
	last, world, opts := o.graph, o.world, o.opts.Graph
	opts.AsOf = o.now
	links := o.speak()
	opts.Observations = o.observations()
	o.made, o.since, o.moved, o.lost = o.now, 0, false, false
	o.mu.Unlock()

	next, g, err := last.after(world, links, &opts)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.rewrite()
		return last, false, err
	}
	o.graph, o.world, o.expires = g, next, g.expiry()
	o.stats.Versions++
	return g, true, nil
}

// after makes the version after g on a continuum with some links changed.
func (g *Graph) after(c *topology.Continuum, links []topology.Link, opts *Options) (*topology.Continuum, *Graph, error) {
	put := topology.Spec{Links: links}
	if opts.AsOf.After(c.AsOf()) {
		put.AsOf = opts.AsOf
	}
	next, err := c.Update(topology.Changes{Put: put})
	if err != nil {
		return nil, nil, err
	}
	out, err := nextVersion(g, next, opts)
	return next, out, err
}

// rewrite has the next version made at once, with all known figures of links written into its continuum.
func (o *Observer) rewrite() {
	o.moved = true
	for _, t := range o.streams {
		t.written = false
	}
}

// Rebase puts all later versions on another continuum: when sites or links came, went or changed for other reasons than
// what is measured here. Known figures of links are written into it; pairs and links that it does not have are forgotten,
// and observations of the options that it has no ends for rest. The next version is due at once.
func (o *Observer) Rebase(c *topology.Continuum) {
	o.making.Lock()
	defer o.making.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.world, o.first = c, c
	o.rewrite()
	for k := range o.streams {
		if _, ok := o.keyOf(Sample{A: k.a, B: k.b, Link: k.link}); !ok {
			delete(o.streams, k)
			delete(o.fresh, k)
		}
	}
}

// due says whether there is to be a new version.
func (o *Observer) due() bool {
	if o.moved {
		return true
	}
	if o.now.Sub(o.made) < o.opts.Every {
		return false
	}
	if o.expired() {
		return true
	}
	if o.since < o.opts.EverySamples {
		return false
	}
	if o.lost {
		return true
	}
	for _, t := range o.fresh {
		if rtt, ok := t.figure(o.opts.MinSamples); ok && (!t.spoken || differs(t.rtt, rtt, o.opts.Change)) {
			return true
		}
	}
	return false
}

func (o *Observer) expired() bool { return !o.expires.IsZero() && o.now.After(o.expires) }

// speak makes what was measured the known figures, and returns the links whose figures the continuum does not have yet.
func (o *Observer) speak() (links []topology.Link) {
	for _, t := range o.fresh {
		if rtt, ok := t.figure(o.opts.MinSamples); ok {
			t.spoken, t.rtt, t.at, t.written = true, rtt, t.last, false
		}
	}
	clear(o.fresh)
	for k, t := range o.streams {
		if k.link == "" || !t.spoken || t.written {
			continue
		}
		l, _ := o.world.Link(k.link)
		put := *l
		put.RTT, put.MeasuredAt = t.rtt, t.at
		links = append(links, put)
		t.written = true
	}
	slices.SortFunc(links, func(a, b topology.Link) int { return streamKey{link: a.ID}.compare(streamKey{link: b.ID}) })
	return links
}

// observations returns the given ones whose ends still are there, and the known figures of pairs.
func (o *Observer) observations() (out []Observation) {
	for _, given := range o.opts.Graph.Observations {
		_, _, okA := o.world.Place(given.A)
		_, _, okB := o.world.Place(given.B)
		if okA && okB {
			out = append(out, given)
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(o.streams), streamKey.compare) {
		if t := o.streams[k]; k.link == "" && t.spoken {
			out = append(out, Observation{A: k.a, B: k.b, RTT: t.rtt, At: t.at, Source: "observer"})
		}
	}
	return out
}

// expiry returns when the first measurement that counts gets older than MaxAge; zero: never.
func (g *Graph) expiry() (first time.Time) {
	if g.fresh.maxAge == 0 {
		return first
	}
	see := func(at time.Time) {
		if end := at.Add(g.fresh.maxAge); first.IsZero() || end.Before(first) {
			first = end
		}
	}
	for _, l := range g.all() {
		if !l.MeasuredAt.IsZero() {
			see(l.MeasuredAt)
		}
	}
	for _, list := range g.observed {
		for i := range list {
			see(list[i].at)
		}
	}
	return first
}
