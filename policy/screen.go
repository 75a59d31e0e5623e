package policy

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Screen is a set prepared for one list of sites: it judges a workload on all of them at once, at the price of a few bit
// operations for each rule. It answers what [Set.Admit] answers.
//
// For each rule and class of workloads it keeps which sites the rule denies, a bit for each. They are made when first asked for, and
// the rules themselves are asked no more than Admit would ask them, once for each pair of classes. What it remembers it shares with its
// set, within the set's limit of memory, and no answer depends on it.
//
// It is immutable but for that, and safe for concurrent use. [Screen.Update] makes another for a later version of the continuum, which
// costs what has changed.
type Screen struct {
	set   *Set
	in    placement.Scope
	day   string
	sites vector[*topology.Site]
	byID  []int32 // indices in order of the sites' IDs

	tokens     *atomic.Uint64 // shared by all screens that come of one another
	token      uint64         // tells it from those
	last       *screenStep    // that led here; nil: none that is kept
	classified atomic.Pointer[classified]
}

// classified is what a screen draws from one memory. When the set has forgotten, it is made anew.
type classified struct {
	memory  *memory
	picture *picture
	classes []vector[int32]   // by view: the class of each site, -1 for one that cannot be judged
	wrong   bitset            // those that cannot be judged
	first   [][]int32         // by view and class: a site that was of the class at first; -1 or too short where none is known
	owned   map[string]bitset // the sites of each provider that has rules of its own
	rows    *rows             // shared by all screens that come of one another
}

// screenStep is one update: the screen that it started from, the sites that changed, and the step before.
type screenStep struct {
	from   uint64
	at     []int32
	before *screenStep
	number int
}

// maxSteps is how many updates back rows are mended instead of made anew; then a new count begins. To mend so many changes takes about
// as long as to look at ten thousand sites.
const maxSteps = 1024

// Screen prepares the set for a list of sites. Sites that the continuum does not have are judged as they are given, like in
// Admit. O(sites) times the views that rules have of sites, far less for sites that the set has seen before. Errors are
// as in Admit.
func (s *Set) Screen(ctx context.Context, in placement.Scope, sites []*topology.Site) (*Screen, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := missing(sites); err != nil {
		return nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, err
	}
	x := &Screen{set: s, in: in, day: day, sites: newVector[*topology.Site](len(sites)), byID: make([]int32, len(sites)), tokens: new(atomic.Uint64)}
	for i, site := range sites {
		x.sites.set(int32(i), site)
		x.byID[i] = int32(i)
	}
	slices.SortFunc(x.byID, func(a, b int32) int { return cmp.Or(cmp.Compare(sites[a].ID, sites[b].ID), cmp.Compare(a, b)) })
	x.token = x.tokens.Add(1)
	_, err = x.recall(ctx)
	return x, err
}

// Len returns the number of sites.
func (x *Screen) Len() int { return x.sites.n }

// Site returns a site by its place in the list.
func (x *Screen) Site(k int) *topology.Site { return x.sites.at(int32(k)) }

// recall returns what the screen draws from the set's memory.
func (x *Screen) recall(ctx context.Context) (*classified, error) {
	m := x.set.recall()
	if c := x.classified.Load(); c != nil && c.memory == m {
		return c, nil
	}
	c := &classified{
		memory: m, picture: m.picture(x.set, x.in.Continuum, x.day), rows: newRows(), wrong: newBitset(x.sites.n), owned: map[string]bitset{},
	}
	for _, r := range x.set.rules {
		if r.side.owner != "" {
			c.owned[r.side.owner] = newBitset(x.sites.n)
		}
	}
	c.classes, c.first = make([]vector[int32], len(x.set.views.sites)), make([][]int32, len(x.set.views.sites))
	for v := range c.classes {
		c.classes[v] = newVector[int32](x.sites.n)
	}
	const held = 256 // sites looked at before others may have the memory
	for from := 0; from < x.sites.n; from += held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.classify(x, int32(from), int32(min(from+held, x.sites.n)))
	}
	x.classified.Store(c)
	return c, nil
}

// classify notes the classes of some of the sites.
func (c *classified) classify(x *Screen, from, to int32) {
	m := c.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := from; i < to; i++ {
		site := x.sites.at(i)
		k := m.site(x.set, c.picture, site)
		c.wrong.put(i, k.err != nil)
		if mine, ok := c.owned[string(site.Provider)]; ok {
			mine.put(i, true)
		}
		for v := range c.classes {
			class := k.class(v)
			c.classes[v].set(i, class)
			for int(class) >= len(c.first[v]) {
				c.first[v] = append(c.first[v], -1)
			}
			if class >= 0 && c.first[v][class] < 0 {
				c.first[v][class] = i
			}
		}
	}
}

// class returns the class of a site in a view, -1 for one that cannot be judged.
func (k *known) class(view int) int32 {
	if k.err != nil {
		return -1
	}
	return k.classes[view]
}

// Update returns a screen of the same sites as they are in another scope, in the same order. A site that is not there any more is
// denied everything; for new ones there is no place, so that they need a screen of their own making. Where the continuum came from the
// screen's through [topology.Continuum.Update] it costs O(sites changed), a few microseconds for one whose classes are known;
// otherwise O(sites) comparisons, and a new screen where another day or provider makes one necessary. Errors are as in Admit.
func (x *Screen) Update(ctx context.Context, in placement.Scope) (*Screen, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, err
	}
	c, err := x.recall(ctx)
	if err != nil {
		return nil, err
	}
	changed := x.changed(in.Continuum)
	next := &Screen{set: x.set, in: in, day: day, sites: x.sites, byID: x.byID, tokens: x.tokens}
	for _, i := range changed {
		id := x.sites.at(i).ID
		site, ok := in.Continuum.Site(id)
		if !ok {
			site = &topology.Site{ID: id} // which has no provider
		}
		next.sites = next.sites.edit(i, site)
	}
	next.token = next.tokens.Add(1)
	if day != x.day || !in.Continuum.SameProviders(x.in.Continuum) {
		_, err := next.recall(ctx)
		return next, err
	}
	next.follow(x, c, changed)
	return next, nil
}

// changed lists the indices of sites that differ in a version of the continuum.
func (x *Screen) changed(in *topology.Continuum) []int32 {
	var changed []int32
	differs := func(i int32) {
		id := x.sites.at(i).ID
		before, _ := x.in.Continuum.Site(id)
		if now, _ := in.Site(id); now != before {
			changed = append(changed, i)
		}
	}
	ids, ok := in.SitesSince(x.in.Continuum)
	if !ok {
		for i := range int32(x.sites.n) {
			differs(i)
		}
		return changed
	}
	for _, id := range ids {
		at, _ := slices.BinarySearchFunc(x.byID, id, func(i int32, id topology.SiteID) int { return cmp.Compare(x.sites.at(i).ID, id) })
		for ; at < len(x.byID) && x.sites.at(x.byID[at]).ID == id; at++ {
			differs(x.byID[at])
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed)
}

// follow takes over what is known of the screen before, but for the sites that have changed.
func (x *Screen) follow(old *Screen, c *classified, changed []int32) {
	m := c.memory
	next := &classified{
		memory: m, picture: m.picture(x.set, x.in.Continuum, x.day), classes: slices.Clone(c.classes), wrong: c.wrong,
		first: c.first, owned: c.owned, rows: c.rows,
	}
	x.last = &screenStep{from: old.token, at: changed}
	if old.last != nil && old.last.number+1 < maxSteps {
		x.last.before, x.last.number = old.last, old.last.number+1
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range changed {
		k := m.site(x.set, next.picture, x.sites.at(i))
		if next.wrong.has(i) != (k.err != nil) {
			next.wrong = slices.Clone(next.wrong)
			next.wrong.put(i, k.err != nil)
		}
		for v := range next.classes {
			if is := k.class(v); next.classes[v].at(i) != is {
				next.classes[v] = next.classes[v].edit(i, is)
			}
		}
		if from, to := old.sites.at(i).Provider, x.sites.at(i).Provider; from != to {
			next.own(i, string(from), false)
			next.own(i, string(to), true)
		}
	}
	x.classified.Store(next)
}

// one returns a site of the class that site i is of in a view: mostly the same one, so that less is made to be asked about.
func (c *classified) one(view int, i int32) int32 {
	class := c.classes[view].at(i)
	if int(class) < len(c.first[view]) {
		if at := c.first[view][class]; at >= 0 && c.classes[view].at(at) == class {
			return at
		}
	}
	return i
}

// own notes whether a site is a provider's, if that has rules of its own.
func (c *classified) own(i int32, provider string, is bool) {
	mine, ok := c.owned[provider]
	if !ok {
		return
	}
	c.owned = maps.Clone(c.owned)
	c.owned[provider] = slices.Clone(mine)
	c.owned[provider].put(i, is)
}

// since returns the sites that have changed since the screen of a token, some perhaps twice; ok is false where that is not known.
func (x *Screen) since(token uint64) (changed []int32, ok bool) {
	if token == x.token {
		return nil, true
	}
	for s := x.last; s != nil; s = s.before {
		changed = append(changed, s.at...)
		if s.from == token {
			return changed, true
		}
	}
	return nil, false
}
