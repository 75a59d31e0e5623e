package topology

import "github.com/domicile-eu/domicile/internal/document"

// first remembers where in a list each ID stands, to find those that stand twice. IDs of nodes share one name space.
type first[K ~string] map[K]spot

// claim says whether id is free, and notes a defect otherwise.
func (f first[K]) claim(id K, at spot) bool {
	if there, taken := f[id]; taken {
		at.defect("id", "%s stands at %s already", id, there.entry())
		return false
	}
	f[id] = at
	return true
}

func (e *edit) at(list string, i int) spot { return spot{e.defects, list, i} }

func (e *edit) putHead() {
	put := &e.changes.Put
	if wrong := document.Unfit(put.Name, ""); wrong != "" {
		e.add("name", "%s", wrong)
	}
	if put.Name != "" {
		e.next.name = put.Name
	}
	if wrong := unfitTime(put.AsOf); wrong != "" {
		e.add("asOf", "%s", wrong)
	}
	if !put.AsOf.IsZero() {
		e.next.asOf = put.AsOf.UTC().Round(0)
	}
}

func (e *edit) putProviders() {
	list := e.changes.Put.Providers
	seen := make(first[ProviderID], len(list))
	for i := range list {
		at := e.at("providers", i)
		p := &list[i]
		p.check(at)
		if p.ID != "" && seen.claim(p.ID, at) {
			e.next.providers.put(p.ID, p.clone())
		}
	}
}

func (e *edit) putNodes() {
	put := &e.changes.Put
	seen := make(first[NodeID], len(put.Sites)+len(put.AccessPoints)+len(put.Exchanges))
	for i := range put.Sites {
		at := e.at("sites", i)
		s := &put.Sites[i]
		s.check(at)
		if e.claim(seen, s.ID.Node(), s.Country, siteKind, at) {
			if old := e.next.sites.put(s.ID, s.clone()); old != nil {
				e.left = append(e.left, old)
			}
		}
	}
	for i := range put.AccessPoints {
		at := e.at("accessPoints", i)
		a := &put.AccessPoints[i]
		a.check(at)
		if e.claim(seen, a.ID.Node(), a.Country, accessPointKind, at) {
			e.next.accessPoints.put(a.ID, a.clone())
		}
	}
	for i := range put.Exchanges {
		at := e.at("exchanges", i)
		x := &put.Exchanges[i]
		x.check(at)
		if e.claim(seen, x.ID, x.Country, exchangeKind, at) {
			e.next.exchanges.put(x.ID, x.clone())
		}
	}
}

// nodeKind completes "is ... already".
type nodeKind string

const (
	siteKind        nodeKind = "a site"
	accessPointKind nodeKind = "an access point"
	exchangeKind    nodeKind = "an exchange"
)

// node returns what a node of the version in the making is, and its country; empty where there is none.
func (e *edit) node(id NodeID) (nodeKind, Jurisdiction) {
	if s, ok := e.next.sites.get(SiteID(id)); ok {
		return siteKind, s.Country
	}
	if a, ok := e.next.accessPoints.get(AccessPointID(id)); ok {
		return accessPointKind, a.Country
	}
	if x, ok := e.next.exchanges.get(id); ok {
		return exchangeKind, x.Country
	}
	return "", ""
}

// claim says whether a node of a kind may take an ID. It may replace one of its own kind.
func (e *edit) claim(seen first[NodeID], id NodeID, country Jurisdiction, kind nodeKind, at spot) bool {
	if id == "" || !seen.claim(id, at) {
		return false
	}
	there, was := e.node(id)
	if there != "" && there != kind {
		at.defect("id", "%s is %s already", id, there)
		return false
	}
	if there != "" && was != country {
		e.settled[id] = true
	}
	return true
}

func (e *edit) putLinks() {
	list := e.changes.Put.Links
	seen := make(first[LinkID], len(list))
	for i := range list {
		at := e.at("links", i)
		l := &list[i]
		l.check(at)
		if id := l.Name(); id != "" && seen.claim(id, at) {
			e.next.links.put(id, l.clone())
		}
	}
}
