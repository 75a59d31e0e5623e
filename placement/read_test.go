package placement_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/scenario"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestReadDefects reads malformed files and compares what is said about them.
func TestReadDefects(t *testing.T) {
	scenario.Run(t, "testdata/read-*.txt", func(t *testing.T, c scenario.Case) string {
		apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(c.Input))
		require.ErrorIs(t, err, placement.ErrInvalid)
		require.Nil(t, apps)
		return err.Error()
	})
}

// fullApplications uses every field of the format.
const fullApplications = `apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: health-records
  tenant: charite
  data: health
  components:
  - name: api
    kind: container
    replicas: 2
    demand: {cpu: 500m, memory: 16Gi, gpu: 1, fpga: 2}
    data: public
    priority: 10
    site: ionos-berlin
    tiers: [edge, regional]
    labels: {zone: a, floor: 3}
    attributes: {confidential: true, residency: [DE, FR], level: 3, share: 0.5, nested: {a: b}}
    moveCost: 0.50
    migration: {memory: 8Gi, dirtyRate: 20Mi/s, hotSet: 512Mi, hotPeriod: 2s, disk: 100Gi, diskWrite: 5Mi/s, nodes: 3, methods: [pre-copy, post-copy, stop-and-copy, blue-green, rolling], downtime: 500ms}
  - {name: db, kind: vm}
  flows:
  - {fromAccess: berlin, to: api, rate: 50Mbit/s, bound: 25ms, percentile: p99.9, data: billing}
  - {from: api, to: db, rate: 200Mbit/s}
  constraints:
  - spread: {components: [api, db], over: provider, atLeast: 2}
  - conflict: {components: [db], over: site, atMost: 1}
  - affinity: {components: [db], with: [api], over: "label:zone"}
  - affinity: {components: [api], over: country}
  - gang: {components: [db]}
  - path: {name: request, fromAccess: berlin, components: [api, db], bound: 30ms, percentile: p99}
`

func TestReadEveryField(t *testing.T) {
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(fullApplications))
	require.NoError(t, err)
	api := placement.Workload{
		ID: "health-records/api-1", Application: "health-records", Tenant: "charite", Component: "api", Kind: placement.Container,
		Demand: topology.Resources{topology.CPU: 500, topology.Memory: 16 << 30, topology.GPU: 1, "fpga": 2},
		Data:   "public", Priority: 10, Site: "ionos-berlin", Tiers: []topology.Tier{topology.Edge, topology.Regional},
		Labels: map[string]string{"zone": "a", "floor": "3"},
		Attributes: map[string]any{
			"confidential": true, "residency": []any{"DE", "FR"}, "level": int64(3), "share": 0.5, "nested": map[string]any{"a": "b"},
		},
		MoveCost: 500_000,
		Migration: placement.Migration{
			Memory: 8 << 30, DirtyRate: 20 << 20, HotSet: 512 << 20, HotPeriod: 2_000_000, Disk: 100 << 30, DiskWrite: 5 << 20, Nodes: 3,
			Methods:  []placement.Method{placement.PreCopy, placement.PostCopy, placement.StopAndCopy, placement.BlueGreen, placement.Rolling},
			Downtime: 500_000,
		},
	}
	second := api
	second.ID = "health-records/api-2"
	require.Equal(t, []placement.Application{{
		Name: "health-records", Tenant: "charite",
		Workloads: []placement.Workload{api, second, {
			ID: "health-records/db", Application: "health-records", Tenant: "charite", Component: "db", Kind: placement.VM,
			Data: "health", Priority: 1,
		}},
		Flows: []placement.Flow{
			{FromAccess: "berlin", To: "api", Rate: 50_000_000, Bound: 25_000, Percentile: latency.Percentile(999), Data: "billing"},
			{FromComponent: "api", To: "db", Rate: 200_000_000},
		},
		Constraints: []placement.Constraint{
			placement.Spread{Components: []string{"api", "db"}, Over: "provider", AtLeast: 2},
			placement.Conflict{Components: []string{"db"}, Over: "site", AtMost: 1},
			placement.Affinity{Components: []string{"db"}, With: []string{"api"}, Over: "label:zone"},
			placement.Affinity{Components: []string{"api"}, Over: "country"},
			placement.Gang{Components: []string{"db"}},
			placement.Path{Name: "request", FromAccess: "berlin", Components: []string{"api", "db"}, Bound: 30_000, Percentile: latency.P99},
		},
	}}, apps)
}

// What is read is a problem without defects, once a continuum holds what it names.
func TestWhatIsReadIsSound(t *testing.T) {
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(fullApplications))
	require.NoError(t, err)
	c, err := topology.New(topology.Spec{
		Providers:    []topology.Provider{{ID: "ionos", Country: "DE"}},
		Sites:        []topology.Site{{ID: "ionos-berlin", Provider: "ionos", Country: "DE", Tier: topology.Edge}},
		AccessPoints: []topology.AccessPoint{{ID: "berlin", Country: "DE"}},
	})
	require.NoError(t, err)
	_, err = placement.Check(t.Context(), &placement.Problem{Continuum: c, Applications: apps}, nil)
	require.NoError(t, err)
}

func FuzzReadApplications(f *testing.F) {
	f.Add(fullApplications)
	f.Add(`{"apiVersion": "domicile.eu/v1alpha1", "kind": "Applications", "applications": [{"name": "a", "components": [{"name": "b", "kind": "vm"}]}]}`)
	f.Add(strings.Replace(fullApplications, "replicas: 2", "replicas: 99999999999", 1))
	many := regexp.MustCompile(`replicas\W+[0-9_]{4,7}\b`)
	f.Fuzz(func(t *testing.T, text string) {
		if many.MatchString(text) {
			t.Skip("allowed, and slow to make")
		}
		apps, err := placement.ReadApplications("f", strings.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, placement.ErrInvalid)
			require.Nil(t, apps)
			return
		}
		// What the reader lets pass has no defects of its own; only references into a continuum can be wrong.
		_, err = placement.Check(t.Context(), &placement.Problem{Applications: apps}, nil)
		for _, line := range strings.Split(err.Error(), "\n") {
			if !strings.Contains(line, "overflows") {
				require.Equal(t, "invalid problem: continuum: missing", line)
			}
		}
	})
}
