package policy

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestLibraryAgainstPlainRego compares all packs of the library with OPA alone on pairs that differ in everything the
// packs look at.
func TestLibraryAgainstPlainRego(t *testing.T) {
	set, err := Load(everyPack(), nil)
	require.NoError(t, err)
	ref := newReference(t, Library(), libraryModules(t), "packs")
	r := rand.New(rand.NewPCG(1, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 12), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	denied := 0
	for range 12 {
		w := libraryWorkload(r)
		for s := range in.Continuum.Sites() {
			want, got := ref.ask(in, w, s), engine(t, set, in, w, s)
			if len(want.Denied) > 0 {
				denied++
			}
			require.Equal(t, want, got, "%+v on %+v", w, s)
		}
	}
	require.Greater(t, denied, 20)
	require.Less(t, denied, 140)
}

// pick returns one of the values, or nothing.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// some states some of the facts, each with a chance of so many percent.
func some(r *rand.Rand, percent int, facts map[string][]any) map[string]any {
	out := map[string]any{}
	for _, k := range sortedKeys(facts) {
		if r.IntN(100) < percent {
			out[k] = pick(r, facts[k]...)
		}
	}
	return out
}

func libraryWorld(r *rand.Rand, sites int) *topology.Continuum {
	spec := topology.Spec{Name: "x", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	spec.Providers = []topology.Provider{{ID: "abroad", Name: "Abroad", Country: "US"}, {ID: "near", Name: "Near", Country: "FR"}}
	certify := func() (c []topology.Certification) {
		for _, x := range []topology.Certification{
			{Scheme: "BSI-C5", Level: "type2"}, {Scheme: "HDS", Level: "v2"}, {Scheme: "ISO-27001", Level: "2022"},
			{Scheme: "ENS", Level: "high"}, {Scheme: "SCCO", Level: "scco2"}, {Scheme: "PCI-DSS", Level: "4.0"},
		} {
			if r.IntN(4) > 0 {
				x.ValidUntil = pick(r, "2027-01-01", "2026-11-23", "2026-11-22", "")
				x.Source = "assumed"
				c = append(c, x)
			}
		}
		return c
	}
	for i := range sites {
		p := topology.Provider{
			ID: topology.ProviderID(fmt.Sprintf("p%02d", i)), Name: "P", Country: pick[topology.Jurisdiction](r, "DE", "FR", "US", "CH", "PL"),
			Certifications: certify(),
			Attributes: some(r, 66, map[string][]any{
				"auditRights": {true, false}, "euSubsidiary": {true, false}, "publishesTransfers": {true, false},
				"keyManagement": {"provider", "customer", "external-eu"}, "exitNoticeDays": {int64(10), int64(90)},
				"ownershipForm": {"family", "free-float"}, "supportFrom": {[]any{"DE"}, []any{"DE", "IN"}},
				"establishments": {[]any{"DE"}, []any{"FR"}}, "governmentCloud": {true, false},
			}),
		}
		for k := range 8 {
			if r.IntN(4) > 0 {
				if p.Sovereignty == nil {
					p.Sovereignty = map[string]int{}
				}
				p.Sovereignty[fmt.Sprintf("SOV-%d", k+1)] = r.IntN(5)
			}
		}
		for _, owner := range []topology.ProviderID{"abroad", "near"} {
			if share := r.Int64N(6000); share > 1500 && (len(p.Owners) == 0 || p.Owners[0].Share+share <= 10000) {
				p.Owners = append(p.Owners, topology.Stake{Owner: owner, Share: share})
			}
		}
		spec.Providers = append(spec.Providers, p)
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%02d", i)), Name: "S", Provider: p.ID, City: pick(r, "Berlin", "Paris"),
			Country:  pick[topology.Jurisdiction](r, "DE", "FR", "US", "CH", "PL", "DE", "FR"),
			Location: topology.Location{Lat: 50, Lon: 8}, Tier: pick(r, topology.Edge, topology.Cloud), Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 64000}, Certifications: certify(),
			Energy: topology.Energy{Intensity: r.Int64N(500)},
			Attributes: some(r, 66, map[string][]any{
				"encryptionAtRest": {"provider-managed", "customer-managed", "external-kms"}, "confidentialComputing": {true, false},
				"dedicatedHosts": {true, false}, "vran": {true, false}, "physicalAccess": {"public", "locked", "staffed"},
				"exclusiveTenant": {"tenant", "other"}, "gpuModel": {"H100", "L4"},
			}),
		})
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	return c
}

func libraryWorkload(r *rand.Rand) *placement.Workload {
	return &placement.Workload{
		ID: "a/b", Application: "a", Component: "b", Tenant: pick(r, "tenant", "other"), Kind: placement.VM, Priority: 1,
		Demand: topology.Resources{topology.CPU: 1000, topology.GPU: r.Int64N(2)},
		Data:   pick[placement.DataClass](r, "", "", "internal", "telemetry", "personal", "payments", "health-de", "nonsense"),
		Attributes: some(r, 15, map[string][]any{
			"residency": {[]any{"DE"}, []any{"DE", "FR"}}, "notIn": {[]any{"US"}}, "home": {"DE", "FR"},
			"keys": {"external-kms", "customer-managed"}, "confidentialComputing": {true, false}, "isolation": {"host", "shared"},
			"seal": {map[string]any{"SOV-1": int64(2)}}, "maxIntensity": {int64(100)}, "gpuModels": {[]any{"H100"}},
			"exitPlan": {"tested", "none"}, "criticalFunction": {true, false}, "polandOnly": {true, false},
		}),
	}
}
