package topology

import "slices"

// version stands for one version of a continuum. Its address is what tells it from others.
type version struct{ _ byte }

// maxHistory is how many versions back a continuum knows what changed: more than anybody who follows it step by step misses, and
// few enough to copy at each step.
const maxHistory = 32

// step is one update: the version that it started from, and the sites that it put, removed or may have changed.
type step struct {
	from  *version
	sites []SiteID
}

// history is how a continuum came about. The zero value is that of the empty continuum, which comes from none.
type history struct {
	self      *version
	providers *version // that all versions with the same providers share
	steps     []step   // oldest first
}

// next is the history of a version made by changes.
func (h history) next(changes *Changes) history {
	n := history{self: new(version), providers: h.providers}
	if n.providers == nil || len(changes.Put.Providers)+len(changes.RemoveProviders) > 0 {
		n.providers = n.self
	}
	var sites []SiteID
	for i := range changes.Put.Sites {
		sites = append(sites, changes.Put.Sites[i].ID)
	}
	for _, id := range changes.RemoveNodes {
		sites = append(sites, SiteID(id))
	}
	old := h.steps[max(0, len(h.steps)-maxHistory+1):]
	n.steps = append(slices.Clone(old), step{h.self, sites})
	return n
}

// SameProviders says whether the continuum is known to have the same providers as another one: that one led to the other through
// [Continuum.Update] without any provider being put or removed. False is no statement. O(1).
func (c *Continuum) SameProviders(other *Continuum) bool {
	return c == other || c.history.providers != nil && c.history.providers == other.history.providers
}

// SitesSince returns the IDs of sites that may differ between another version and this one, some perhaps twice or of no site,
// where this one is known to come from that through [Continuum.Update]; ok is false where it is not, or where too many updates lie
// between. All other sites are the same objects. O(updates between).
func (c *Continuum) SitesSince(other *Continuum) (ids []SiteID, ok bool) {
	if c == other {
		return nil, true
	}
	for k := len(c.history.steps) - 1; k >= 0; k-- {
		ids = append(ids, c.history.steps[k].sites...)
		if from := c.history.steps[k].from; from != nil && from == other.history.self {
			return ids, true
		}
	}
	return nil, false
}
