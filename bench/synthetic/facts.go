package synthetic

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Diversify states what policies tell sites and workloads apart by: keys, devices, access, certificates, energy, owners, and
// beside that what no rule of the library looks at, so that hardly two sites are the same. Workloads get classes of data, and the
// demands of some tens of owners: a tenth leaves it at its class, and no owner has more than a few lists of countries. Some
// facts are left unstated everywhere. Everything is drawn from the seed.
func (s *Scaled) Diversify(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 21))
	for i := range s.Spec.Providers {
		diversifyProvider(&s.Spec.Providers[i], rng)
	}
	for i := range s.Spec.Sites {
		diversifySite(&s.Spec.Sites[i], i, rng)
	}
	countries := []string{}
	for _, x := range s.Spec.Sites {
		countries = append(countries, string(x.Country))
	}
	slices.Sort(countries)
	d := newDemander(slices.Compact(countries), rng)
	for a := range s.Applications {
		for k := range s.Applications[a].Workloads {
			d.demand(&s.Applications[a].Workloads[k])
		}
	}
}

// maybe states a fact, one of the values, for so many percent.
func maybe(rng *rand.Rand, percent int, facts map[string]any, key string, values ...any) {
	if rng.IntN(100) < percent {
		facts[key] = values[rng.IntN(len(values))]
	}
}

func diversifyProvider(p *topology.Provider, rng *rand.Rand) {
	facts := map[string]any{}
	maybe(rng, 80, facts, "keyManagement", "provider", "customer", "external-eu")
	maybe(rng, 70, facts, "ownershipForm", "family", "free-float", "public-body", "cooperative")
	maybe(rng, 60, facts, "commercialOrganisation", true, false)
	maybe(rng, 60, facts, "dpfCertified", true, false)
	maybe(rng, 70, facts, "supportFrom", []any{string(p.Country)}, []any{string(p.Country), "IN"})
	maybe(rng, 70, facts, "auditRights", true, false)
	p.Attributes = facts
}

func diversifySite(s *topology.Site, n int, rng *rand.Rand) {
	facts := map[string]any{
		"rack": fmt.Sprintf("r-%05d", n), "commissioned": fmt.Sprintf("20%02d-%02d", 15+rng.IntN(11), 1+rng.IntN(12)),
		"floorArea": int64(4 + rng.IntN(400)),
	}
	maybe(rng, 85, facts, "encryptionAtRest", "provider-managed", "customer-managed", "external-kms")
	maybe(rng, 70, facts, "confidentialComputing", true, false)
	maybe(rng, 85, facts, "physicalAccess", "public", "locked", "staffed")
	maybe(rng, 60, facts, "dedicatedHosts", true, false)
	maybe(rng, 40, facts, "vran", true, false)
	if s.Capacity[topology.GPU] > 0 {
		maybe(rng, 90, facts, "gpuModel", "H100", "A100", "L40S", "L4", "T4")
	}
	s.Attributes = facts
	s.Labels = map[string]string{"zone": fmt.Sprintf("z%d", rng.IntN(40)), "owner": fmt.Sprintf("team-%d", rng.IntN(200))}
	for _, c := range []topology.Certification{{Scheme: "BSI-C5", Level: "type2"}, {Scheme: "PCI-DSS", Level: "4.0"}, {Scheme: "ENS", Level: "high"}} {
		if rng.IntN(10) == 0 {
			c.ValidUntil, c.Source = "2030-12-31", "synthetic"
			s.Certifications = append(s.Certifications, c)
		}
	}
}

// demander draws what owners of workloads ask for.
type demander struct {
	rng     *rand.Rand
	owners  []map[string]any
	classes []placement.DataClass
}

func newDemander(countries []string, rng *rand.Rand) *demander {
	d := &demander{rng: rng, classes: []placement.DataClass{
		"", "internal", "telemetry", "personal", "video", "research", "model", "payments", "health-de", "health-fr", "public-es", "sovereign",
	}}
	list := func(n int) []any {
		var out []any
		for _, k := range rng.Perm(len(countries))[:min(n, len(countries))] {
			out = append(out, countries[k])
		}
		return out
	}
	for range 48 {
		facts := map[string]any{}
		maybe(rng, 40, facts, "residency", list(2), list(4), list(8))
		maybe(rng, 20, facts, "notIn", list(1), list(2))
		maybe(rng, 40, facts, "home", list(1)[0])
		maybe(rng, 20, facts, "keys", "customer-managed", "external-kms")
		maybe(rng, 10, facts, "confidentialComputing", true, false)
		maybe(rng, 15, facts, "maxIntensity", int64(100), int64(200), int64(400))
		maybe(rng, 10, facts, "isolation", "host", "shared")
		d.owners = append(d.owners, facts)
	}
	return d
}

// demand gives a workload the demands of one of the owners, a class of data, and some of its own.
func (d *demander) demand(w *placement.Workload) {
	facts := map[string]any{"ticket": fmt.Sprintf("T-%06d", d.rng.IntN(1_000_000))}
	if d.rng.IntN(10) > 0 {
		for k, v := range d.owners[d.rng.IntN(len(d.owners))] {
			facts[k] = v
		}
	}
	if w.Demand[topology.GPU] > 0 {
		maybe(d.rng, 60, facts, "gpuModels", []any{"H100", "A100"}, []any{"L40S", "L4"}, []any{"H100"})
		maybe(d.rng, 40, facts, "gpuMemoryGiB", int64(16), int64(40), int64(80))
	}
	w.Attributes = facts
	w.Data = d.classes[d.rng.IntN(len(d.classes))]
}
