package placement

import (
	"math/bits"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// memo is what a problem shares with the one before: the same sites on the same network, some of which are described
// otherwise, and the same rules. The zero pointer knows nothing.
type memo struct {
	before  *compiled
	changed []int32 // sites whose description is another, ascending
	at      bitset  // the same as a set
	classes []int32 // by class: that of the problem before, -1
	alike   map[[2]*verdictRow]bool
}

// remember finds out what c, which knows its sites, may take over from the problem before; nil: nothing.
func (c *compiled) remember(before *compiled) *memo {
	if before == nil || len(before.sites) != len(c.sites) || !sameRules(c, before) || !sameNetwork(c.p.Continuum, before.p.Continuum) {
		return nil
	}
	if c.p.Latency != before.p.Latency {
		return nil
	}
	m := &memo{before: before, at: newBitset(len(c.sites)), alike: make(map[[2]*verdictRow]bool)}
	for k, s := range c.sites {
		was := before.sites[k]
		if s == was {
			continue
		}
		if s.ID != was.ID || s.Provider != was.Provider || s.Country != was.Country || s.Location != was.Location || s.Egress != was.Egress {
			return nil
		}
		m.changed = append(m.changed, int32(k))
		m.at.set(int32(k))
	}
	return m
}

// sameRules says whether what judges and prices is the same. Rules of the importing program cannot be compared.
func sameRules(c, before *compiled) bool {
	return len(c.p.Rules) == 0 && len(before.p.Rules) == 0 && c.in.AsOf.Equal(before.in.AsOf) &&
		same(c.p.Admission, before.p.Admission) && same(c.p.Transit, before.p.Transit) && reflect.DeepEqual(c.tiers, before.tiers)
}

// same compares two values of an interface; what cannot be compared is not the same.
func same(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// sameNetwork says whether two versions of a continuum have the same links and nodes other than sites.
func sameNetwork(a, b *topology.Continuum) bool {
	return a == b || slices.Equal(slices.Collect(a.Links()), slices.Collect(b.Links())) &&
		slices.Equal(slices.Collect(a.AccessPoints()), slices.Collect(b.AccessPoints())) &&
		slices.Equal(slices.Collect(a.Exchanges()), slices.Collect(b.Exchanges()))
}

// match finds the classes of the problem before: those of the same workload, which is never changed in place, in an
// application with the same workloads and flows.
func (c *compiled) match() error {
	c.listed = len(c.classes)
	m := c.last
	if m == nil {
		return nil
	}
	if !slices.Equal(c.dims, m.before.dims) || !slices.Equal(c.out.Unary, m.before.out.Unary) {
		c.last = nil
		return nil
	}
	type key struct {
		w     *Workload
		stays int32
	}
	known := make(map[key]int32, m.before.listed)
	for k, cl := range m.before.classes[:m.before.listed] {
		known[key{cl.w, cl.stays}] = int32(k)
	}
	m.classes = make([]int32, len(c.classes))
	for k, cl := range c.classes {
		m.classes[k] = -1
		if n, ok := known[key{cl.w, cl.stays}]; ok {
			now, then := &c.p.Applications[cl.app], &m.before.p.Applications[m.before.classes[n].app]
			if sameSlice(now.Workloads, then.Workloads) && sameSlice(now.Flows, then.Flows) {
				m.classes[k] = n
			}
		}
	}
	return nil
}

func sameSlice[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// of returns the class of the problem before, nil where there is none.
func (m *memo) of(k int) *class {
	if m == nil || k >= len(m.classes) || m.classes[k] < 0 {
		return nil
	}
	return m.before.classes[m.classes[k]]
}

// column returns the column of the problem before that equals p, or p.
func (m *memo) column(sum uint64, p *sparse) *sparse {
	if m == nil {
		return p
	}
	for _, other := range m.before.columns[sum] {
		if slices.Equal(other.sites, p.sites) && slices.Equal(other.values, p.values) {
			return other
		}
	}
	return p
}

func (m *memo) accessRow(key accessKey) *accessRow {
	if m == nil {
		return nil
	}
	return m.before.access[key]
}

func (m *memo) pairsOf(key pairsKey) *problem.Pairs {
	if m == nil {
		return nil
	}
	if k, ok := m.before.pairs[key]; ok {
		return m.before.out.Pairs[k]
	}
	return nil
}

// sending takes over what sending costs from each site.
func (m *memo) sending(c *compiled) bool {
	if m == nil || m.before.out.Sending == nil {
		return false
	}
	c.out.Leaving, c.out.Sending = m.before.out.Leaving, m.before.out.Sending
	return true
}

// judge takes over the sites that were admitted to a class before, but for those that are described otherwise, which it
// judges anew. It is false where the class has to be judged by itself.
func (m *memo) judge(c *compiled, k int) bool {
	was := m.of(k)
	if was == nil || c.classes[k].verdict == nil && c.p.Admission != nil {
		return false
	}
	cl := c.classes[k]
	if !slices.EqualFunc(cl.flows, was.flows, func(a, b accessFlow) bool { return a == b }) || !m.alike[[2]*verdictRow{cl.verdict, was.verdict}] {
		return false
	}
	cl.admits = was.admits
	if was.judged != nil {
		cl.admits = was.judged
	}
	shared := true // with the class of the problem before
	for _, at := range m.changed {
		if may := cl.passes(at); may != cl.admits.has(at) {
			if shared {
				cl.admits, shared = slices.Clone(cl.admits), false
			}
			cl.admits[at>>6] ^= 1 << (at & 63)
		}
	}
	return true
}

// passes says whether a site passes all that is asked of it for a class by itself, policies included.
func (cl *class) passes(at int32) bool {
	for k := range cl.filters {
		if !cl.filters[k].pass.has(at) {
			return false
		}
	}
	for k := range cl.flows {
		if !cl.flows[k].passes(at) {
			return false
		}
	}
	return cl.verdict == nil || cl.verdict.admits.has(at)
}

// compare compares the verdicts on the classes with those of the problem before, on the sites that are described as before.
func (m *memo) compare(c *compiled) {
	if m == nil {
		return
	}
	for k, cl := range c.classes {
		was := m.of(k)
		if was == nil {
			continue
		}
		pair := [2]*verdictRow{cl.verdict, was.verdict}
		if _, known := m.alike[pair]; !known {
			m.alike[pair] = m.sameVerdict(cl.verdict, was.verdict)
		}
	}
}

func (m *memo) sameVerdict(a, b *verdictRow) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	for k, word := range a.admits {
		if (word^b.admits[k])&^m.at[k] != 0 {
			return false
		}
	}
	return true
}

// patchClass lists the sites that may take a class: as it did in the problem before where that list still holds, with those
// taken out, put in or priced anew that are described or admitted otherwise where they are few, and by itself otherwise.
func (c *compiled) patchClass(k int, most int, l *lister, out *problem.Class) error {
	cl, was := c.classes[k], c.last.of(k)
	if was == nil || !cl.costsAs(was) {
		return c.listClass(cl, most, l, out)
	}
	old := &c.last.before.lists[c.last.before.shapeOf[c.last.classes[k]]]
	other := c.last.otherSites(cl, was, nil)
	if len(other) == 0 {
		*out = *old
		return nil
	}
	var add []int32 // of the others, those that are admitted now
	left := len(old.Sites)
	for _, at := range other {
		if old.Index.Has(at) {
			left--
		}
		if cl.admits.has(at) {
			add = append(add, at)
		}
	}
	if left+len(add) > most+most/4 || !old.Complete && left < most*3/4 || old.Cost == nil {
		return c.listClass(cl, most, l, out)
	}
	cost, err := c.column(cl, add, nil)
	if err != nil {
		return err
	}
	out.Patch(old, c.out.Unary, other, add, cost)
	out.Demand = cl.tariffs.demand
	return nil
}

// otherSites lists the sites of which a class cannot take over anything: those that are described otherwise and admitted now
// or were before, and those of which only one of the two holds.
func (m *memo) otherSites(cl, was *class, to []int32) []int32 {
	if sameSlice(cl.admits, was.admits) {
		for _, at := range m.changed {
			if cl.admits.has(at) {
				to = append(to, at)
			}
		}
		return to
	}
	for k, now := range cl.admits {
		then := was.admits[k]
		for w := now ^ then | (now|then)&m.at[k]; w != 0; w &= w - 1 {
			to = append(to, int32(k<<6+bits.TrailingZeros64(w)))
		}
	}
	return to
}

// based takes over what a demand costs at the sites within reach, and returns those that are still to be priced.
func (m *memo) based(t *tariffs, reach bitset) (based []int64, todo bitset) {
	t.reached = reach
	if m == nil || m.before.demands[t.key] == nil || m.before.demands[t.key].based == nil {
		return nil, nil
	}
	was := m.before.demands[t.key]
	todo, t.reached = make(bitset, len(reach)), make(bitset, len(reach))
	some := uint64(0)
	for k, word := range reach {
		todo[k] = word & (m.at[k] | ^was.reached[k])
		t.reached[k] = word | was.reached[k]
		some |= todo[k]
	}
	if some == 0 {
		return was.based, todo
	}
	return slices.Clone(was.based), todo
}

// costsAs says whether a class costs the same as one of the problem before, of the same workload, on sites that are described as before.
func (cl *class) costsAs(was *class) bool {
	return cl.points == was.points && cl.rules == was.rules && slices.Equal(cl.flows, was.flows)
}

// changes returns what has become of each class.
func (m *memo) changes(c *compiled) []bound.Change {
	out := make([]bound.Change, len(c.classes))
	_ = parallel.Each(len(c.classes), func(_, k int) error { // never fails
		was := m.of(k)
		if out[k].Was = -1; was == nil || !c.classes[k].costsAs(was) {
			return nil
		}
		out[k].Was = m.classes[k]
		for _, at := range m.otherSites(c.classes[k], was, nil) {
			if c.classes[k].admits.has(at) {
				out[k].Now = append(out[k].Now, at)
			}
		}
		return nil
	})
	return out
}
