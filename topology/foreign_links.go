package topology

import (
	"math"
	"slices"
	"strconv"
)

// Round trips of links whose length alone is known.
const (
	fibre       = 9.8 // microseconds a kilometre there and back: light in glass
	perLink     = 100 // microseconds in the devices at both ends
	routeFactor = 1.5
	unknownRTT  = Micros(20_000)
)

func (m *maker) makeLinks() {
	count := map[[2]string]int{}
	for i := range m.edges {
		e := &m.edges[i]
		ia, ib := m.known[e.a], m.known[e.b]
		a, b := &m.nodes[ia], &m.nodes[ib]
		if ia == ib {
			m.note(e.line, "an edge from node %s to itself is left out", a.id)
			continue
		}
		l := Link{A: NodeID(a.id), B: NodeID(b.id), Bandwidth: m.bandwidth(e)}
		pair := [2]string{min(a.id, b.id), max(a.id, b.id)}
		l.ID = LinkID(a.id + "--" + b.id)
		if count[pair]++; count[pair] > 1 {
			l.ID = LinkID(a.id + "--" + b.id + "." + strconv.Itoa(count[pair]))
			m.note(e.line, "edge number %d between %s and %s: a link of its own, %s", count[pair], a.id, b.id, l.ID)
		}
		m.measure(&l, e, m.places[ia], m.places[ib])
		if a.site && b.site && m.operator(a) == m.operator(b) {
			l.Operator = m.operator(a)
			l.Assumed = append(l.Assumed, "operator")
		}
		if m.opts.Crossing && a.country != "" && b.country != "" {
			m.cross(&l, ia, ib)
		}
		m.spec.Links = append(m.spec.Links, l)
	}
	m.noteMeasured()
}

// noteMeasured tells how many edges have the attribute that is said to hold their round trip: one that none has is misspelt.
func (m *maker) noteMeasured() {
	name := m.opts.RTTAttribute
	if name == "" {
		return
	}
	without, links := 0, 0
	for i := range m.edges {
		if e := &m.edges[i]; e.a != e.b {
			if links++; find(e.facts, name) == nil {
				without++
			}
		}
	}
	switch {
	case links > 0 && without == links:
		m.defect(0, "no edge has the attribute %s that is to hold its round trip", quoted(name))
	case without > 0:
		m.note(0, "%d of %d edges have no %s: their round trips are guessed", without, links, quoted(name))
	}
}

func (m *maker) operator(n *made) string {
	if m.opts.Provider.ID != "" {
		return string(m.opts.Provider.ID)
	}
	return providerID(n.network)
}

// measure gives a link its round trip.
func (m *maker) measure(l *Link, e *foreignEdge, a, b place) {
	p50, given := Micros(0), false
	if f := find(e.facts, m.opts.RTTAttribute); m.opts.RTTAttribute != "" && f != nil {
		v, err := milliseconds(f.value)
		if err != nil {
			m.defect(f.line, "%s: %s", f.key, err)
			v = unknownRTT
		}
		p50, given = v, true
	}
	switch {
	case given:
		l.Assumed = append(l.Assumed, "rtt.p95", "rtt.p99")
	case a.known && b.known:
		factor := m.opts.RouteFactor
		if factor == 0 {
			factor = routeFactor
		}
		p50 = Micros(math.Ceil(kilometres(a.Location, b.Location)*factor*fibre)) + perLink
		l.Assumed = append(l.Assumed, "rtt")
	default:
		if p50 = m.opts.UnknownRTT; p50 == 0 {
			p50 = unknownRTT
		}
		l.Assumed = append(l.Assumed, "rtt")
	}
	l.RTT = RTT{p50, p50 + (p50+9)/10, p50 + (p50+3)/4}
}

// cross lists the countries along the great circle between the ends of a link. Where one of the ends has no coordinates,
// or a part of the way lies off the outlines, that is the sea or nobody knows: then ends in one country are taken for a
// link inside it, and otherwise it stays unknown what the link crosses.
func (m *maker) cross(l *Link, ia, ib int) {
	a, b := m.nodes[ia].country, m.nodes[ib].country
	list := []Jurisdiction{a, b}
	switch {
	case m.places[ia].known && m.places[ib].known && m.atlas.at(m.places[ia].Location) != "" && m.atlas.at(m.places[ib].Location) != "":
		const every = 20 // km
		steps := int(kilometres(m.places[ia].Location, m.places[ib].Location)/every) + 1
		for i := 1; i < steps; i++ {
			j := m.atlas.at(between(m.places[ia].Location, m.places[ib].Location, float64(i)/float64(steps)))
			if j != "" && !slices.Contains(list, j) {
				list = append(list, j)
			}
		}
	case a != b:
		return
	}
	l.Jurisdictions = list
	l.Assumed = append(l.Assumed, "jurisdictions")
}
