package kubernetes

import (
	"maps"

	v1 "k8s.io/api/core/v1"

	"github.com/domicile-eu/domicile/topology"
)

// slotDimension counts pods that find room on the nodes of a site.
const slotDimension topology.Dimension = "domicile-slots"

// slots counts, for each site, how many pods of the largest demand its nodes have room for; the caller holds the lock for reading.
func (q *question) slots(members []*asked) map[topology.SiteID]int64 {
	var largest room
	for _, m := range members {
		largest.cover(&m.demand)
	}
	out := make(map[topology.SiteID]int64)
	for _, n := range q.c.books.nodes {
		site := q.w.site(n.place)
		if !n.known || n.cordoned && !q.tolerant || site == nil {
			continue
		}
		out[site.ID] += n.times(&largest)
	}
	return out
}

// cover raises a room to hold another one as well.
func (r *room) cover(x *room) {
	r.cpu, r.memory, r.disk, r.pods = max(r.cpu, x.cpu), max(r.memory, x.memory), max(r.disk, x.disk), max(r.pods, x.pods)
	if len(x.extra) > 0 {
		extra := maps.Clone(r.extra)
		if extra == nil {
			extra = make(map[v1.ResourceName]int64)
		}
		for name, n := range x.extra {
			extra[name] = max(extra[name], n)
		}
		r.extra = extra
	}
}

// times says how many of a demand fit beside what is used, at most mostTogether.
func (n *node) times(demand *room) int64 {
	most := int64(mostTogether)
	count := func(has, used, want int64) {
		if want > 0 {
			most = min(most, max(has-used, 0)/want)
		}
	}
	count(n.has.cpu, n.used.cpu, demand.cpu)
	count(n.has.memory, n.used.memory, demand.memory)
	count(n.has.disk, n.used.disk, demand.disk)
	count(n.has.pods, n.used.pods, demand.pods)
	for name, want := range demand.extra {
		count(n.has.extra[name], n.used.extra[name], want)
	}
	return most
}

// withSlots is the continuum with so many slots on each site. O(sites log sites).
func (w *world) withSlots(slots map[topology.SiteID]int64) (*topology.Continuum, error) {
	var put topology.Spec
	for s := range w.continuum.Sites() {
		own := *s
		own.Capacity = maps.Clone(s.Capacity)
		own.Capacity[slotDimension] = slots[s.ID]
		put.Sites = append(put.Sites, own)
	}
	return w.continuum.Update(topology.Changes{Put: put})
}

// closed is a view in which every place that might take the pod refuses it for one reason.
func (v *view) closed(why string) *view {
	return v.only(func(int) bool { return false }, why)
}

// only is a view in which the places that are not wanted refuse.
func (v *view) only(want func(place int) bool, why string) *view {
	out := *v
	out.reason, out.best = make([]string, len(v.reason)), nil
	for k, reason := range v.reason {
		if out.reason[k] = reason; reason == "" && !want(k) {
			out.reason[k] = why
		}
	}
	for _, place := range v.best {
		if out.reason[place] == "" {
			out.best = append(out.best, place)
		}
	}
	return &out
}

// narrow is the view of a pod that goes to one site.
func (j *joint) narrow(q *question, site topology.SiteID) *view {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := jointView{q.v, site}
	if v := j.views[key]; v != nil {
		return v
	}
	v := q.v.only(func(place int) bool { return q.w.site(int32(place)) != nil && q.w.site(int32(place)).ID == site }, reasonTogether)
	if len(v.best) == 0 {
		v = q.v // the site refuses it by now, and every other may be better than none
	}
	if len(j.views) >= mostNarrowed {
		clear(j.views) // views change with every pod that is placed
	}
	j.views[key] = v
	return v
}
