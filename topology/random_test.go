package topology_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// maker makes valid descriptions of every shape out of a seed.
type maker struct{ *rand.Rand }

func random(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 17))} }

func pick[T any](m maker, list ...T) T { return list[m.IntN(len(list))] }

func (m maker) country() topology.Jurisdiction {
	return pick[topology.Jurisdiction](m, "DE", "FR", "NO", "PL", "CH", "US")
}

func (m maker) location() topology.Location {
	return topology.Location{Lat: m.Float64()*180 - 90, Lon: float64(m.IntN(360) - 180)}
}

// words are texts that a careless writer of YAML would spoil.
func (m maker) words() string {
	return pick(m, "", "Berlin", "true", "NO", "~", "1.0", "0x10", "a: b", "a #b", "- x", "é ü", " blank ",
		`quote " and \`, "'", "{[,]}", "&a *b !c |d >e %f @g `h", "2026-11-23", "\U0001F600", "null", "=", "<<")
}

func (m maker) attributes(depth int) map[string]any {
	attributes := map[string]any{}
	for range m.IntN(4) {
		attributes[m.words()] = m.value(depth)
	}
	return attributes
}

func (m maker) value(depth int) any {
	switch n := m.IntN(6); {
	case n == 0 && depth > 0:
		return m.attributes(depth - 1)
	case n == 1 && depth > 0:
		list := []any{}
		for range m.IntN(3) {
			list = append(list, m.value(depth-1))
		}
		return list
	case n == 2:
		return m.Int64() - 1<<62
	case n == 3:
		return pick(m, m.NormFloat64(), 1e300, 5e-324, 7.0, 1e21)
	case n == 4:
		return m.IntN(2) == 0
	default:
		return pick(m, m.words(), "line\nbreak\ttab")
	}
}

func (m maker) certifications() []topology.Certification {
	var list []topology.Certification
	for range m.IntN(3) {
		list = append(list, topology.Certification{
			Scheme: pick(m, "BSI-C5", "ENS", "true"), Level: m.words(), ValidUntil: pick(m, "", "2027-05-31"), Source: m.words(),
		})
	}
	return list
}

func (m maker) provider(id string, owners []topology.ProviderID) topology.Provider {
	p := topology.Provider{
		ID: topology.ProviderID(id), Name: m.words(), Country: m.country(), Certifications: m.certifications(),
		Attributes: m.attributes(2), Sovereignty: map[string]int{},
	}
	left := int64(10_000)
	for _, owner := range owners {
		if share := m.Int64N(left + 1); share > 0 && m.IntN(2) == 0 {
			p.Owners = append(p.Owners, topology.Stake{Owner: owner, Share: share})
			left -= share
		}
	}
	for range m.IntN(4) {
		p.Sovereignty[fmt.Sprintf("SOV-%d", 1+m.IntN(8))] = m.IntN(5)
	}
	return p
}

func (m maker) site(id string, provider topology.ProviderID, country topology.Jurisdiction) topology.Site {
	s := topology.Site{
		ID: topology.SiteID(id), Name: m.words(), Provider: provider, Country: country, City: m.words(),
		Location: m.location(), Tier: pick(m, topology.FarEdge, topology.Edge, topology.Regional, topology.Cloud),
		State: pick(m, topology.Up, topology.Cordoned, topology.Down), Egress: topology.MicroEUR(m.IntN(1e6)),
		Capacity: topology.Resources{}, Prices: map[topology.Dimension]topology.MicroEUR{},
		Labels: map[string]string{"zone": m.words()}, Attributes: m.attributes(2), Certifications: m.certifications(),
		Assumed: pick(m, nil, []string{"prices", "capacity"}, []string{"energy.pue"}),
	}
	s.Runtimes = append(s.Runtimes, pick(m, topology.VM, topology.Kubernetes), pick(m, topology.VM, topology.BareMetal))
	for _, d := range []topology.Dimension{topology.CPU, topology.Memory, topology.Disk, topology.GPU, "nvidia.com/mig"} {
		if m.IntN(2) == 0 {
			s.Capacity[d] = m.Int64N(1 << 45)
		}
		if capacity, there := s.Capacity[d]; there && m.IntN(2) == 0 {
			if s.Safe == nil {
				s.Safe = topology.Resources{}
			}
			s.Safe[d] = m.Int64N(capacity + 1)
		}
		if _, there := s.Capacity[d]; (there || d != "nvidia.com/mig") && m.IntN(2) == 0 {
			s.Prices[d] = topology.MicroEUR(m.IntN(1e4))
		}
	}
	if m.IntN(2) == 0 {
		s.Energy = topology.Energy{Intensity: m.Int64N(900), PUE: 1000 + m.Int64N(1000), Power: map[topology.Dimension]int64{
			topology.CPU: m.Int64N(10_000), topology.Memory: m.Int64N(1000),
		}}
	}
	return s
}

func (m maker) link(a, b topology.NodeID, countries ...topology.Jurisdiction) topology.Link {
	p50 := topology.Micros(1 + m.IntN(1e6))
	p95 := p50 + topology.Micros(m.IntN(1e6))
	l := topology.Link{
		A: a, B: b, Operator: pick(m, "", "gasline", "Deutsche Bahn", "NO"),
		RTT:       topology.RTT{P50: p50, P95: p95, P99: p95 + topology.Micros(m.IntN(1e6))},
		Bandwidth: m.Int64N(1e12), Egress: topology.MicroEUR(m.IntN(1e5)),
	}
	if p50%3 == 0 {
		l.OneWay = topology.OneWay{AB: p50 / 3, BA: p50 - p50/3}
	}
	if m.IntN(3) > 0 {
		l.Jurisdictions = append(countries, m.country())
	}
	if m.IntN(3) == 0 {
		l.MeasuredAt = time.Unix(m.Int64N(2e9), m.Int64N(1e9)).In(time.FixedZone("", 3600*m.IntN(12)))
	}
	return l
}

// spec makes a small continuum.
func (m maker) spec() topology.Spec {
	spec := topology.Spec{Name: m.words(), AsOf: time.Date(2026, 11, 23, m.IntN(24), 0, 0, 0, time.UTC)}
	var providers []topology.ProviderID
	for i := range 2 + m.IntN(6) {
		p := m.provider(fmt.Sprintf("p%d", i), providers)
		providers = append(providers, p.ID)
		spec.Providers = append(spec.Providers, p)
	}
	type end struct {
		id      topology.NodeID
		country topology.Jurisdiction
	}
	var ends []end
	for i := range 1 + m.IntN(8) {
		s := m.site(fmt.Sprintf("s%d", i), pick(m, providers...), m.country())
		spec.Sites = append(spec.Sites, s)
		ends = append(ends, end{s.ID.Node(), s.Country})
	}
	for i := range 1 + m.IntN(4) {
		a := topology.AccessPoint{ID: topology.AccessPointID(fmt.Sprintf("a%d", i)), Country: m.country(), Location: m.location(), City: m.words()}
		spec.AccessPoints = append(spec.AccessPoints, a)
		ends = append(ends, end{a.ID.Node(), a.Country})
	}
	for i := range m.IntN(3) {
		x := topology.Exchange{ID: topology.NodeID(fmt.Sprintf("x%d", i)), Name: m.words(), Location: m.location(), Assumed: []string{"name"}}
		spec.Exchanges = append(spec.Exchanges, x)
		ends = append(ends, end{x.ID, x.Country})
	}
	for i := range ends {
		for j := range i {
			if m.IntN(3) == 0 {
				l := m.link(ends[i].id, ends[j].id)
				if l.Jurisdictions != nil {
					for _, e := range []end{ends[i], ends[j]} {
						if e.country != "" {
							l.Jurisdictions = append(l.Jurisdictions, e.country)
						}
					}
				}
				spec.Links = append(spec.Links, l)
			}
		}
	}
	return spec
}
