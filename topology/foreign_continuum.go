package topology

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// maker makes a continuum of a foreign network.
type maker struct {
	*foreign
	opts    *NetworkOptions
	atlas   *atlas
	places  []place
	degree  []int
	nodes   []made
	unknown map[string]bool // names that are no country's and were noted
	spec    Spec
}

// made is what becomes of a node.
type made struct {
	id      string
	label   string
	network string // that the node belongs to
	country Jurisdiction
	guessed bool // the country
	site    bool
}

// taken are the facts that have a place in a continuum of their own.
var taken = []string{"label", "Latitude", "Longitude", "Country"}

func (f *foreign) continuum(opts *NetworkOptions) (*Continuum, error) {
	a, err := newAtlas()
	if err != nil {
		return nil, err
	}
	m := &maker{foreign: f, opts: opts, atlas: a, unknown: map[string]bool{}, degree: make([]int, len(f.nodes))}
	for _, e := range f.edges {
		if e.a != e.b {
			m.degree[f.known[e.a]]++
			m.degree[f.known[e.b]]++
		}
	}
	m.places = f.locate(opts)
	m.name()
	m.chooseSites()
	m.makeProviders()
	for i := range m.nodes {
		m.makeNode(i)
	}
	m.makeLinks()
	m.noteRest()
	m.noteParts()
	if err := f.err(); err != nil {
		return nil, err
	}
	c, err := New(m.spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.file, err)
	}
	return c, nil
}

// name gives everything a name and nodes a country.
func (m *maker) name() {
	base, _, _ := strings.Cut(path.Base(m.file), ".")
	network := clean(nonempty(text(m.facts, "Network"), text(m.facts, "label"), text(m.facts, "name")))
	m.spec.Name, m.spec.AsOf = nonempty(m.opts.Name, network, base), m.opts.AsOf
	m.nodes = make([]made, len(m.foreign.nodes))
	ids := newIDs()
	for i := range m.nodes {
		n, out := &m.foreign.nodes[i], &m.nodes[i]
		label := text(n.facts, "label")
		out.label = clean(label)
		if out.label != label {
			m.note(n.line, "label %s is read as %s", quoted(label), quoted(out.label))
		}
		out.network = nonempty(clean(text(n.facts, "Network")), network, base)
		first := true
		out.id, first = ids.next(nonempty(slug(out.label), slug("node "+n.id), "node"))
		if !first {
			m.note(n.line, "another node has the label %s too: this one gets the ID %s", quoted(label), out.id)
		}
		m.findCountry(i)
	}
}

// findCountry finds the country of a node: stated, by coordinates, by what is said of the whole network, by option.
func (m *maker) findCountry(i int) {
	n, out := &m.foreign.nodes[i], &m.nodes[i]
	if out.country = m.stated(n.facts, "Country"); out.country != "" {
		return
	}
	out.guessed = true
	if m.places[i].known {
		out.country = m.atlas.at(m.places[i].Location)
	}
	if out.country == "" && text(n.facts, "Internal") != "0" {
		out.country = Jurisdiction(cmp.Or(m.atlas.named(text(n.facts, "GeoLocation")), m.atlas.named(text(m.facts, "GeoLocation"))))
	}
	if out.country == "" {
		out.country = m.opts.Country
	}
}

func (m *maker) stated(facts []fact, key string) Jurisdiction {
	f := find(facts, key)
	if f == nil || f.value == "" {
		return ""
	}
	j := m.atlas.named(f.value)
	if j == "" && !m.unknown[f.value] {
		m.unknown[f.value] = true
		m.note(f.line, "%s %s is no name of a country in ISO 3166-1", key, quoted(f.value))
	}
	return j
}

// chooseSites decides which nodes are sites.
func (m *maker) chooseSites() {
	wanted := map[string]bool{}
	for _, s := range m.opts.Sites {
		wanted[s] = false
	}
	for i := range m.nodes {
		n, out := &m.foreign.nodes[i], &m.nodes[i]
		var why string
		switch {
		case m.opts.Sites != nil:
			for _, name := range []string{n.id, text(n.facts, "label"), out.id} {
				if _, ok := wanted[name]; ok {
					wanted[name], out.site = true, true
				}
			}
		case text(n.facts, "Internal") == "0":
			why = "stands outside the network"
		case text(n.facts, "hyperedge") == "1":
			why = "stands for a link of several ends"
		default:
			out.site = true
		}
		if out.site && out.country == "" {
			out.site, why = false, "stands in a country that nothing tells"
		}
		if why != "" {
			m.note(n.line, "node %s %s: an exchange", out.id, why)
		}
	}
	for _, s := range m.opts.Sites {
		if !wanted[s] {
			m.defect(0, "no node %s, which is to be a site", quoted(s))
		}
	}
}

// makeProviders makes a provider of each network that has sites.
func (m *maker) makeProviders() {
	if m.opts.Provider.ID != "" {
		m.spec.Providers = []Provider{m.opts.Provider}
		return
	}
	count := map[string]map[Jurisdiction]int{}
	names := map[string]string{}
	for _, n := range m.nodes {
		if !n.site {
			continue
		}
		id := providerID(n.network)
		if count[id] == nil {
			count[id], names[id] = map[Jurisdiction]int{}, n.network
		}
		count[id][n.country]++
	}
	for _, id := range slices.Sorted(maps.Keys(count)) {
		most := slices.MaxFunc(slices.Sorted(maps.Keys(count[id])), func(a, b Jurisdiction) int {
			return cmp.Or(cmp.Compare(count[id][a], count[id][b]), cmp.Compare(b, a))
		})
		p := m.opts.Provider
		p.ID, p.Name, p.Country = ProviderID(id), names[id], most
		p.Assumed = append(slices.Clone(p.Assumed), "country")
		m.spec.Providers = append(m.spec.Providers, p)
	}
}

// providerID is the ID of the provider that a network is.
func providerID(network string) string { return nonempty(slug(network), "network") }

// makeNode makes a site or an exchange.
func (m *maker) makeNode(i int) {
	n, out, p := &m.foreign.nodes[i], &m.nodes[i], m.places[i]
	var assumed []string
	if out.guessed && out.country != "" {
		assumed = append(assumed, "country")
	}
	if !p.known {
		assumed = append(assumed, "location")
		m.note(n.line, "node %s has no coordinates: it is drawn between its neighbours, and the length of its links is unknown", out.id)
	}
	if !out.site {
		m.spec.Exchanges = append(m.spec.Exchanges, Exchange{
			ID: NodeID(out.id), Name: out.label, Country: out.country, Location: p.Location, Assumed: assumed,
		})
		return
	}
	s := m.opts.Site
	s.ID, s.Name, s.Country, s.Location = SiteID(out.id), out.label, out.country, p.Location
	if s.Provider = m.opts.Provider.ID; s.Provider == "" {
		s.Provider = ProviderID(providerID(out.network))
	}
	if s.Tier == 0 {
		assumed = append(assumed, "tier")
		if s.Tier = Regional; m.degree[i] <= 1 {
			s.Tier = Edge
		}
	}
	s.Assumed = append(assumed, m.opts.Site.Assumed...)
	s.Attributes = m.attributes(n.facts)
	m.spec.Sites = append(m.spec.Sites, s)
}

// attributes are the facts that have no place of their own, and those that all sites get.
func (m *maker) attributes(facts []fact) map[string]any {
	out := map[string]any{}
	for _, f := range facts {
		key := clean(f.key)
		if slices.Contains(taken, f.key) || f.value == "" || key == "" || len(key) > maxKey {
			continue
		}
		out[key] = clean(f.value)
	}
	for key, v := range m.opts.Site.Attributes {
		out[key] = v
	}
	return out
}

// noteRest notes what of the file has no place in a continuum.
func (m *maker) noteRest() {
	of := func(what string, count map[string]int) {
		var list []string
		for _, key := range slices.Sorted(maps.Keys(count)) {
			list = append(list, fmt.Sprintf("%s (%d)", clean(key), count[key]))
		}
		if len(list) > 0 {
			m.note(0, "not taken of %s: %s", what, strings.Join(list, ", "))
		}
	}
	whole, exchanges, links := map[string]int{}, map[string]int{}, map[string]int{}
	for _, f := range m.facts {
		whole[f.key]++
	}
	delete(whole, "Network")
	for i, n := range m.nodes {
		for _, f := range m.foreign.nodes[i].facts {
			if !n.site && !slices.Contains(taken, f.key) && f.key != "Internal" && f.key != "hyperedge" {
				exchanges[f.key]++
			}
		}
	}
	for _, e := range m.edges {
		for _, f := range e.facts {
			if f.key != "LinkSpeedRaw" && f.key != m.opts.RTTAttribute && !(f.key == "capacity" && m.opts.CapacityUnit > 0) {
				links[f.key]++
			}
		}
	}
	of("the network", whole)
	of("exchanges", exchanges)
	of("links", links)
}

var errNegative = errors.New("is negative")

// bandwidth is what a link carries, 0 where that is unknown.
func (m *maker) bandwidth(e *foreignEdge) int64 {
	f, unit := find(e.facts, "LinkSpeedRaw"), int64(1)
	if m.units {
		f, unit = find(e.facts, "capacity"), m.opts.CapacityUnit
	}
	if f == nil || f.value == "" || unit == 0 {
		return 0
	}
	v, err := number(f.value)
	if err == nil && v < 0 {
		err = errNegative
	}
	const most = 1e18
	if err == nil && v*float64(unit) > most {
		err = fmt.Errorf("%s is above 10^18 bit/s", quoted(f.value))
	}
	if err != nil {
		m.defect(f.line, "%s: %s", f.key, strings.TrimSpace(err.Error()))
		return 0
	}
	return int64(v * float64(unit))
}

// noteParts notes that there are nodes with no way from one to another.
func (m *maker) noteParts() {
	part := make([]int, len(m.nodes)) // each node points towards the first of its part
	for i := range part {
		part[i] = i
	}
	first := func(i int) int {
		for part[i] != i {
			part[i] = part[part[i]]
			i = part[i]
		}
		return i
	}
	parts := len(part)
	for _, e := range m.edges {
		if a, b := first(m.known[e.a]), first(m.known[e.b]); a != b {
			part[max(a, b)] = min(a, b)
			parts--
		}
	}
	if parts > 1 {
		m.note(0, "the network has %d parts with no edge between them", parts)
	}
}
