package policy

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// generatedFacts returns values, shallow and deep, of a few keys, any of which may be absent.
func generatedFacts(r *rand.Rand) map[string]any {
	out := map[string]any{}
	for _, k := range []string{"A", "B", "C"} {
		if r.IntN(3) > 0 {
			out[k] = generatedFact(r)
		}
	}
	return out
}

func generatedFact(r *rand.Rand) any {
	return pick[any](r, true, false, "x", "x", "vm", "A", int64(1), 1.0, int64(0), map[string]any{}, map[string]any{"deep": true},
		map[string]any{"deep": false}, map[string]any{"deep": map[string]any{"er": "x"}}, map[string]any{"deep": "x", "B": int64(1)},
		[]any{"x"}, []any{"A"}, []any{}, 1.5, "")
}

// nudge returns facts of which one differs, mostly in its value alone.
func nudge(r *rand.Rand, facts map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, facts)
	k := pick(r, "A", "A", "B", "C")
	if deep, ok := out[k].(map[string]any); ok && r.IntN(2) == 0 {
		out[k] = pick(r, map[string]any{"deep": true}, map[string]any{"deep": false}, map[string]any{}, map[string]any{"deep": "x", "B": deep["B"] == nil})
	} else if _, ok := out[k].(string); ok && r.IntN(2) == 0 {
		out[k] = pick(r, "x", "vm", "A", "")
	} else if _, ok := out[k]; !ok || r.IntN(3) > 0 {
		out[k] = generatedFact(r)
	} else {
		delete(out, k)
	}
	return out
}

// generatedSites gives three providers with a few sites each such facts. Most sites, and providers, differ from the first in one.
func generatedSites(r *rand.Rand, from *topology.Continuum) *topology.Continuum {
	spec := topology.Spec{Name: "g", AsOf: from.AsOf()}
	var first topology.Site
	for i := range 3 {
		p := topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Name: "P", Country: "DE"}
		generateProvider(r, &p)
		if i > 0 && r.IntN(2) == 0 {
			p.Attributes = nudge(r, spec.Providers[0].Attributes)
		}
		spec.Providers = append(spec.Providers, p)
		for k := range 5 {
			s := first
			if k == 0 && (i == 0 || r.IntN(2) == 0) {
				s.Location, s.Runtimes, s.Capacity = topology.Location{Lat: 50, Lon: 8}, []topology.Runtime{topology.VM}, topology.Resources{topology.CPU: 1000}
				generateSite(r, &s)
				first = s
			} else {
				nudgeSite(r, &s)
			}
			s.ID, s.Name, s.Provider = topology.SiteID(fmt.Sprintf("s%d%d", i, k)), "S", p.ID
			spec.Sites = append(spec.Sites, s)
		}
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	return c
}

// nudgeSite changes one fact of a site.
func nudgeSite(r *rand.Rand, s *topology.Site) {
	was := *s
	generateSite(r, &was)
	switch r.IntN(10) {
	case 0:
		s.City = was.City
	case 1:
		s.Labels = was.Labels
	case 2:
		s.Certifications = was.Certifications
	case 3:
		s.Energy = was.Energy
	default:
		s.Attributes = nudge(r, s.Attributes)
	}
}

func generateProvider(r *rand.Rand, p *topology.Provider) {
	p.Attributes, p.Sovereignty = generatedFacts(r), pick(r, nil, map[string]int{"SOV-1": 1}, map[string]int{"SOV-1": 2})
	p.Certifications = generatedCertifications(r)
}

// generateSite states a site's facts anew.
func generateSite(r *rand.Rand, s *topology.Site) {
	s.City, s.Country, s.Tier = pick(r, "x", "y"), pick[topology.Jurisdiction](r, "DE", "FR"), pick(r, topology.Edge, topology.Cloud)
	s.Labels = pick(r, nil, map[string]string{"zone": "x"}, map[string]string{"zone": ""}, map[string]string{"zone": "A", "other": "x"})
	s.Energy.Intensity, s.Attributes, s.Certifications = r.Int64N(3), generatedFacts(r), generatedCertifications(r)
}

// generatedCertifications ends at times between the two days that are asked about.
func generatedCertifications(r *rand.Rand) []topology.Certification {
	if r.IntN(3) > 0 {
		return nil
	}
	return []topology.Certification{{Scheme: "X", Level: pick(r, "1", "2"), ValidUntil: pick(r, "2026-11-23", "2026-11-24", "2027-01-01"), Source: "assumed"}}
}

// generatedWorkloads returns some of which most differ from the first in one fact.
func generatedWorkloads(r *rand.Rand, n int) []*placement.Workload {
	list := []*placement.Workload{generatedWorkload(r)}
	for len(list) < n {
		w, was := *list[0], generatedWorkload(r)
		switch r.IntN(8) {
		case 0:
			w.Tenant = was.Tenant
		case 1:
			w.Data, w.Kind = was.Data, was.Kind
		case 2:
			w.Labels, w.Demand = was.Labels, was.Demand
		default:
			w.Attributes = nudge(r, w.Attributes)
		}
		list = append(list, &w)
	}
	return list
}

func generatedWorkload(r *rand.Rand) *placement.Workload {
	return &placement.Workload{
		ID: "a/b", Application: "a", Component: "b", Tenant: pick(r, "t", "t", "other"), Kind: pick(r, placement.VM, placement.Machine), Priority: r.Int64N(3),
		Data: pick[placement.DataClass](r, "", "x", "A"), Attributes: generatedFacts(r), Labels: pick(r, nil, map[string]string{"zone": "x"}),
		Demand: topology.Resources{topology.CPU: r.Int64N(3), topology.GPU: r.Int64N(2)}, Tiers: pick(r, nil, []topology.Tier{topology.Edge}),
	}
}

// alter changes single sites, a few facts of one or all, and in another version a provider.
func alter(r *rand.Rand, c *topology.Continuum, provider bool) *topology.Continuum {
	var changes topology.Changes
	sites := slices.Collect(c.Sites())
	for _, k := range r.Perm(len(sites))[:2] {
		s := *sites[k]
		switch r.IntN(4) {
		case 0: // as another one is
			id, other := s.ID, *sites[r.IntN(len(sites))]
			s = other
			s.ID = id
		case 1:
			generateSite(r, &s)
		default:
			nudgeSite(r, &s)
		}
		if r.IntN(3) == 0 { // sold
			s.Provider = sites[r.IntN(len(sites))].Provider
		}
		changes.Put.Sites = append(changes.Put.Sites, s)
	}
	if provider {
		p, _ := c.Provider(sites[r.IntN(len(sites))].Provider)
		changed := *p
		if changed.Attributes = nudge(r, p.Attributes); r.IntN(3) == 0 {
			generateProvider(r, &changed)
		}
		changes.Put.Providers = append(changes.Put.Providers, changed)
	}
	next, err := c.Update(changes)
	if err != nil {
		panic(err)
	}
	return next
}
