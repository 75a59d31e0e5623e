package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// everySight is sights of all that an input has, and of some that it has not.
func everySight() []sight {
	var all []sight
	for _, p := range strings.Fields(`date date.x
		workload workload.application workload.component workload.tenant workload.kind workload.data workload.priority workload.demand
		workload.demand.cpu workload.demand.gpu workload.demand.cpu.x workload.tiers workload.labels workload.labels.a workload.labels.a.b
		workload.attributes workload.attributes.A workload.attributes.A.deep workload.attributes.A.deep.er workload.attributes.B workload.x
		workload.data.x
		site site.id site.country site.city site.tier site.runtimes site.labels site.labels.a site.attributes site.attributes.A
		site.attributes.A.deep site.attributes.B site.certifications site.certifications.x site.energy site.energy.intensity site.x site.id.x
		provider provider.id provider.country provider.control provider.attributes.A provider.attributes.A.deep provider.certifications
		provider.sovereignty provider.attributes provider.ownersKnown`) {
		all = append(all, sight{path: strings.Split(p, ".")}, sight{path: strings.Split(p, "."), kind: true})
	}
	return all
}

// TestProjectionsTellWhatTheInputTells: what has one ID at a path is the same value, or of the same kind, in the input that rules
// would get, and what is absent there has none.
func TestProjectionsTellWhatTheInputTells(t *testing.T) {
	s := manySides(t)
	s.views = views{sights: everySight()}
	s.reset()
	m := s.memory.Load()
	r := rand.New(rand.NewPCG(21, 1))
	seen := map[string]string{}
	hold := func(x sight, id uint32, of *ast.Term) {
		is := "absent"
		if v := find(of, x.path[1:]); v != nil {
			if is = v.Value.String(); x.kind {
				is = ast.ValueName(v.Value)
			}
		}
		key := fmt.Sprint(x, id)
		if first, ok := seen[key]; ok {
			require.Equal(t, first, is, key)
		}
		seen[key] = is
		require.Equal(t, is == "absent", id == 0, "%v is %s", x, is)
	}
	for range 60 {
		w := &placement.Workload{
			ID: "a/b", Application: pick(r, "a", ""), Component: pick(r, "a", "b"), Tenant: pick(r, "x", "y"), Kind: pick(r, placement.VM, placement.Machine),
			Data: pick[placement.DataClass](r, "", "x"), Priority: r.Int64N(2), Demand: topology.Resources{topology.CPU: r.Int64N(3), topology.GPU: 0},
			Tiers:  pick(r, nil, []topology.Tier{topology.Edge}, []topology.Tier{topology.Edge, topology.Cloud}),
			Labels: pick(r, nil, map[string]string{"a": ""}, map[string]string{"a": "b"}), Attributes: generatedFacts(r),
		}
		if r.IntN(3) == 0 {
			w.Attributes["A"] = pick[any](r, map[string]string{"deep": "x"}, []string{"x"}, []any{}, map[string]any{"deep": map[string]any{"er": 1}}, 1.0, 1)
		}
		j := newProjection(s)
		_, ok, err := j.workload(m, s, "2026-11-23", w, true)
		require.NoError(t, err)
		require.True(t, ok)
		part, err := workloadPart(w)
		require.NoError(t, err)
		for k, x := range s.views.sights {
			if x.path[0] == "workload" {
				hold(x, j.ids[k], part)
			}
		}
	}
	for range 8 {
		c := generatedSites(r, libraryWorld(r, 1))
		p := m.picture(s, c, "2026-11-23")
		for site := range c.Sites() {
			changed := *site
			changed.Labels = pick(r, nil, map[string]string{"a": ""}, map[string]string{"a": "b"})
			changed.Energy.Intensity = r.Int64N(2)
			if r.IntN(2) == 0 {
				changed.Certifications = []topology.Certification{{Scheme: "X", Level: pick(r, "1", "2"), ValidUntil: pick(r, "2026-11-22", "2026-11-23")}}
			}
			o := m.operator(s, p, site.Provider)
			j := newProjection(s)
			j.site(m, s, p, &changed, o)
			part, provider, err := m.part(s, p, &changed)
			require.NoError(t, err)
			for k, x := range s.views.sights {
				switch x.path[0] {
				case "site":
					hold(x, j.ids[k], part)
				case "provider":
					hold(x, j.ids[k], provider)
				}
			}
		}
	}
	assert.Greater(t, len(seen), 300)
}

// TestWhatIsAlwaysThere: of what is said to be always there nobody needs to see the kind.
func TestWhatIsAlwaysThere(t *testing.T) {
	part, err := workloadPart(&placement.Workload{})
	require.NoError(t, err)
	site, err := sitePart(&topology.Site{}, &topology.Provider{}, "2026-11-23")
	require.NoError(t, err)
	c := libraryWorld(rand.New(rand.NewPCG(1, 1)), 1)
	provider, err := providerPart(c, &topology.Provider{}, "2026-11-23")
	require.NoError(t, err)
	in := admissionInput("2026-11-23", part, site, provider)
	times := 0
	for _, x := range everySight() {
		if always(x.path) {
			times++
			v := find(in, x.path)
			require.NotNil(t, v, "%v", x.path)
			require.Equal(t, map[bool]string{true: "string", false: "object"}[x.path[0] == "date"], ast.ValueName(v.Value))
		}
	}
	assert.Equal(t, 2*(4+8), times)
}

// TestIntern compares with a map, also where hashes fall into one slot.
func TestIntern(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 1))
	var table intern
	known := map[string]int32{}
	for range 5000 {
		key := []byte(fmt.Sprint(r.IntN(1000)))
		want, ok := known[string(key)]
		if !ok {
			require.EqualValues(t, -1, table.get(key))
			want = int32(len(known))
			known[string(key)] = want
		}
		require.Equal(t, want, table.add(key))
		require.Equal(t, want, table.get(key))
		require.Equal(t, key, table.at(want))
	}
	require.Equal(t, len(known), table.len())
	// All in one slot, as if all hashes were equal in their last bits.
	for n := range table.hashes {
		table.hashes[n] = 7
	}
	table.grow()
	for key, n := range known {
		require.Equal(t, int(n), int(table.slots[table.spot([]byte(key), 7)]-1))
	}
}
