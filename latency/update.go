package latency

import (
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Update makes the graph of a new version of the continuum, which is [topology.Continuum.Update] of the old one, with the
// same options. The old graph and its rows stay as they are. Where only links changed, the two share what is the same in
// both, and a row that the old graph kept is repaired when it is asked for, at the cost of the nodes whose ways change;
// answers are exactly those of [New].
//
// It costs O(log links) a changed link, O(rows that are kept), and O(changes since the last graph that was built from
// scratch). It builds from scratch, and forgets all rows, where nodes come, go or move to another country, where
// observations or links become fresh or observations stale, and when changes have piled up. Where AsOf moves and there is a
// MaxAge it looks at all links.
func (g *Graph) Update(changes topology.Changes) (*Graph, error) {
	next, err := g.continuum.Update(changes)
	if err != nil {
		return nil, err
	}
	put := &changes.Put
	same := len(changes.RemoveNodes) == 0
	for i := range put.Sites {
		same = same && g.hasNode(put.Sites[i].ID.Node(), put.Sites[i].Country)
	}
	for i := range put.AccessPoints {
		same = same && g.hasNode(put.AccessPoints[i].ID.Node(), put.AccessPoints[i].Country)
	}
	for i := range put.Exchanges {
		same = same && g.hasNode(put.Exchanges[i].ID, put.Exchanges[i].Country)
	}
	if !same {
		return New(next, &g.options)
	}
	touched := slices.Clone(changes.RemoveLinks)
	for i := range put.Links {
		touched = append(touched, put.Links[i].Name())
	}
	return g.follow(next, touched)
}

// Follow is [Graph.Update] where the new version is there already. It finds the links that changed by looking at all:
// O(nodes + links), which is still far less than to build the graph from scratch.
func (g *Graph) Follow(next *topology.Continuum) (*Graph, error) {
	if !g.sameNodes(next) {
		return New(next, &g.options)
	}
	var touched []topology.LinkID
	old := slices.Collect(g.continuum.Links())
	for l := range next.Links() {
		for len(old) > 0 && old[0].ID < l.ID {
			touched = append(touched, old[0].ID)
			old = old[1:]
		}
		if len(old) > 0 && old[0].ID == l.ID {
			if old[0] == l {
				old = old[1:]
				continue
			}
			old = old[1:]
		}
		touched = append(touched, l.ID)
	}
	for _, l := range old {
		touched = append(touched, l.ID)
	}
	return g.follow(next, touched)
}

func (g *Graph) hasNode(id topology.NodeID, country topology.Jurisdiction) bool {
	i, ok := g.index[id]
	return ok && g.country[i] == country
}

// sameNodes says whether a continuum has the nodes of this graph.
func (g *Graph) sameNodes(c *topology.Continuum) bool {
	if c.NumNodes() != len(g.ids) {
		return false
	}
	for s := range c.Sites() {
		if !g.hasNode(s.ID.Node(), s.Country) {
			return false
		}
	}
	for a := range c.AccessPoints() {
		if !g.hasNode(a.ID.Node(), a.Country) {
			return false
		}
	}
	for x := range c.Exchanges() {
		if !g.hasNode(x.ID, x.Country) {
			return false
		}
	}
	return true
}

// follow makes the graph of a version that differs from this one's in links only: at most those touched.
func (g *Graph) follow(next *topology.Continuum, touched []topology.LinkID) (*Graph, error) {
	slices.Sort(touched)
	touched = slices.Compact(touched)
	f, err := g.options.freshness(next)
	if err != nil {
		return nil, err
	}
	if len(g.log)+2*len(touched) > g.mostChanges() || !g.agesInto(f) {
		return New(next, &g.options)
	}
	n := &Graph{
		frame: g.frame, delta: g.delta.clone(), continuum: next, fresh: f,
		rows: map[rowKey]*Row{}, rowBytes: g.rowBytes,
	}
	for _, id := range touched {
		if old, ok := n.findLink(id); ok {
			n.remove(old)
		} else if l, ok := g.continuum.Link(id); ok && g.fresh.isAhead(l) {
			n.ahead--
		}
		l, ok := next.Link(id)
		if !ok {
			continue
		}
		if err := n.checkLink(l); err != nil {
			return nil, err
		}
		if f.link(l) {
			n.come(n.fit(l))
		} else if f.isAhead(l) {
			n.ahead++
		}
	}
	if f != g.fresh && f.maxAge > 0 {
		n.expire()
	}
	if len(n.log) > n.mostChanges() {
		return New(next, &g.options)
	}
	n.inherit(g)
	return n, nil
}

// agesInto says whether a later time makes nothing fresh and no observation stale.
func (g *Graph) agesInto(f freshness) bool {
	if f == g.fresh {
		return true
	}
	if f.maxAge != g.fresh.maxAge || f.asOf.Before(g.fresh.asOf) || g.fresh.asOf.IsZero() || g.ahead > 0 {
		return false
	}
	for _, o := range g.options.Observations {
		if f.accepts(o.At) != g.fresh.accepts(o.At) {
			return false
		}
	}
	return true
}

// expire removes the links that are too old by now.
func (g *Graph) expire() {
	var old []int32
	for i := range len(g.lines) + len(g.added) {
		if link := int32(i); !g.isGone(link) && !g.fresh.link(g.line(link).Link) {
			old = append(old, link)
		}
	}
	for _, link := range old {
		g.remove(link)
	}
}

// inherit takes over the rows of an earlier version, the newest first while there is room.
func (g *Graph) inherit(from *Graph) {
	from.mu.Lock()
	defer from.mu.Unlock()
	g.stale = make(map[rowKey]stale, len(from.order)+len(from.stale))
	for _, k := range from.order {
		r := from.rows[k]
		g.stale[k] = stale{r.means, r.tails.Load(), len(from.log)}
	}
	if len(from.order)+len(from.stale) > g.mostRows() {
		return // which of the older ones anybody wants is not known
	}
	for k, s := range from.stale {
		g.stale[k] = s
	}
}
