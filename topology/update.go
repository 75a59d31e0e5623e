package topology

import (
	"strconv"
	"sync"
)

// Changes is the difference between two versions of a continuum: what to remove, and then what to add or replace (by
// ID). Removing a node removes its links. Name and AsOf of Put replace the old ones unless they are zero.
type Changes struct {
	Put             Spec
	RemoveProviders []ProviderID
	RemoveNodes     []NodeID // sites, access points, exchanges
	RemoveLinks     []LinkID
}

// Update makes a new version with changes applied; the old one stays as it is, and the two share what is the same in
// both. Changes are copied and checked as by [New]; paths in errors such as sites[3] speak of Changes.Put. To remove what
// is not there, or what others still refer to, is a defect. Any number of goroutines may update one continuum at a time.
//
// It costs O(k log n) for k changes among n things, and checks no more than what they touch. Only these look at
// everything of a kind: removing nodes and moving a node to another country at all links, removing providers at all
// sites and providers, putting providers that have owners at all providers.
func (c *Continuum) Update(changes Changes) (*Continuum, error) {
	e := edit{next: c.fork(), changes: changes, defects: &defects{}}
	e.apply()
	if err := e.err(); err != nil {
		return nil, err
	}
	e.next.history = c.history.next(&changes)
	return e.next, nil
}

// fork returns a copy that can be written to without c changing.
func (c *Continuum) fork() *Continuum {
	c.cloning.Lock()
	defer c.cloning.Unlock()
	next := &Continuum{
		name: c.name, asOf: c.asOf, totals: c.totals.clone(),
		providers: c.providers.clone(), sites: c.sites.clone(), accessPoints: c.accessPoints.clone(),
		exchanges: c.exchanges.clone(), links: c.links.clone(),
	}
	next.digest = sync.OnceValue(next.computeDigest)
	return next
}

// edit is one change of a continuum under way.
type edit struct {
	*defects
	next    *Continuum
	changes Changes

	left    []*Site         // sites that are gone or replaced
	settled map[NodeID]bool // nodes that were there before and have another country now
}

// apply removes, puts, and then checks what refers to what.
func (e *edit) apply() {
	e.settled = map[NodeID]bool{}
	e.putHead()
	e.removeLinks()
	e.removeNodes()
	e.removeProviders()
	e.putProviders()
	e.putNodes()
	e.putLinks()
	e.checkProviders()
	e.checkSites()
	e.checkLinks()
}

func (e *edit) removeLinks() {
	for i, id := range e.changes.RemoveLinks {
		if e.next.links.remove(id) == nil {
			e.add(item("removeLinks", i), "there is no link %s", id)
		}
	}
}

// removeNodes removes nodes and the links at them.
func (e *edit) removeNodes() {
	if len(e.changes.RemoveNodes) == 0 {
		return
	}
	gone := make(map[NodeID]bool, len(e.changes.RemoveNodes))
	for i, id := range e.changes.RemoveNodes {
		if site := e.next.sites.remove(SiteID(id)); site != nil {
			e.left = append(e.left, site)
		} else if e.next.accessPoints.remove(AccessPointID(id)) == nil && e.next.exchanges.remove(id) == nil {
			e.add(item("removeNodes", i), "there is no node %s", id)
		}
		gone[id] = true
	}
	var cut []LinkID
	for l := range e.next.links.all() {
		if gone[l.A] || gone[l.B] {
			cut = append(cut, l.ID)
		}
	}
	for _, id := range cut {
		e.next.links.remove(id)
	}
}

func (e *edit) removeProviders() {
	for i, id := range e.changes.RemoveProviders {
		if e.next.providers.remove(id) == nil {
			e.add(item("removeProviders", i), "there is no provider %s", id)
		}
	}
}

func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
