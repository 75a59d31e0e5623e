package topology

import "slices"

// checkProviders checks owners, and that no provider that others need is gone.
func (e *edit) checkProviders() {
	for i := range e.changes.Put.Providers {
		for j, stake := range e.changes.Put.Providers[i].Owners {
			if stake.Owner != "" && !e.next.providers.has(stake.Owner) {
				e.at("providers", i).defect(item("owners", j)+".owner", "there is no provider %s", stake.Owner)
			}
		}
	}
	e.checkRemovedProviders()
	e.checkChains()
}

func (e *edit) checkRemovedProviders() {
	gone := map[ProviderID]int{}
	for i, id := range e.changes.RemoveProviders {
		if !e.next.providers.has(id) {
			gone[id] = i
		}
	}
	if len(gone) == 0 {
		return
	}
	for s := range e.next.sites.all() {
		if i, ok := gone[s.Provider]; ok {
			e.add(item("removeProviders", i), "%s operates the site %s", s.Provider, s.ID)
			delete(gone, s.Provider)
		}
	}
	for p := range e.next.providers.all() {
		for _, stake := range p.Owners {
			if i, ok := gone[stake.Owner]; ok {
				e.add(item("removeProviders", i), "%s holds a stake in %s", stake.Owner, p.ID)
				delete(gone, stake.Owner)
			}
		}
	}
}

// checkSites checks who operates the sites, and that sums over all sites stay exact.
func (e *edit) checkSites() {
	for _, old := range e.left {
		e.next.totals.remove(old)
	}
	for i := range e.changes.Put.Sites {
		at := e.at("sites", i)
		s := &e.changes.Put.Sites[i]
		if s.Provider != "" && !e.next.providers.has(s.Provider) {
			at.defect("provider", "there is no provider %s", s.Provider)
		}
		e.next.totals.add(s, at)
	}
}

// checkLinks checks the ends of links, and that their jurisdictions include those of the ends.
func (e *edit) checkLinks() {
	for i := range e.changes.Put.Links {
		at := e.at("links", i)
		l := &e.changes.Put.Links[i]
		e.checkEnd(l, l.A, "a", at)
		e.checkEnd(l, l.B, "b", at)
	}
	if len(e.settled) == 0 {
		return
	}
	put := make(map[LinkID]bool, len(e.changes.Put.Links))
	for i := range e.changes.Put.Links {
		put[e.changes.Put.Links[i].Name()] = true
	}
	for l := range e.next.links.all() {
		for _, end := range []NodeID{l.A, l.B} {
			if _, country := e.node(end); e.settled[end] && !put[l.ID] && !l.crosses(country) {
				e.add("links", "the jurisdictions of %s lack %s, where %s stands now", l.ID, country, end)
			}
		}
	}
}

func (e *edit) checkEnd(l *Link, end NodeID, field string, at spot) {
	kind, country := e.node(end)
	switch {
	case end == "":
	case kind == "":
		at.defect(field, "there is no node %s", end)
	case !l.crosses(country):
		at.defect("jurisdictions", "%s is missing, where %s stands", country, end)
	}
}

// crosses says whether a link admits to crossing a country. One that names no countries, and a node that names none,
// are unknown rather than wrong.
func (l *Link) crosses(country Jurisdiction) bool {
	return len(l.Jurisdictions) == 0 || country == "" || slices.Contains(l.Jurisdictions, country)
}
