package opennebula

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moved is the wave for a VM that must leave host 0 of cluster 0, where host 1 is of cluster 1 and all that oned offers.
func moved(t *testing.T, change func(*Document)) *Answer {
	t.Helper()
	d := &Document{VMs: []VM{running(1, 0, 2)}, Requirements: []Requirement{{VM: 1, Hosts: []int{1}, Datastores: []int{100}}}}
	d.VMs[0].Resched = true
	hosts(d, 4, 4)
	d.Hosts[1].Cluster = 1
	d.Datastores[0].Clusters = []int{0, 1}
	change(d)
	return decide(t, d, &Config{MaxSteps: 1000})
}

// A VM moves into another cluster where its system datastore and its networks are of both, and nowhere else.
func TestDecide_acrossClusters(t *testing.T) {
	way := []Action{{VM: 1, Operation: Migrate, Host: 1, Datastore: 100}}
	for name, c := range map[string]struct {
		change func(*Document)
		why    string
	}{
		"shared by both":           {func(*Document) {}, ""},
		"of the first alone":       {func(d *Document) { d.Datastores[0].Clusters = []int{0} }, "its system datastore is not in that cluster: 1"},
		"of the second alone":      {func(d *Document) { d.Datastores[0].Clusters = []int{1} }, ""},
		"not allowed any more":     {func(d *Document) { d.Requirements[0].Datastores = []int{101} }, "its system datastore is not allowed any more: 1"},
		"not known":                {func(d *Document) { d.VMs[0].Running.Datastore = 7 }, "its system datastore is not in that cluster: 1"},
		"network of both":          {func(d *Document) { network(d, 0, 1) }, ""},
		"network of the first":     {func(d *Document) { network(d, 0) }, "its network is not in that cluster: 1"},
		"network that is not told": {func(d *Document) { network(d, 0, 1); d.Networks = nil }, "its network is not in that cluster: 1"},
		"a datastore on hosts":     {func(d *Document) { d.Datastores[0].Shared = false; d.Hosts[1].LocalFree = map[int]int64{100: 50} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := moved(t, c.change)
			if c.why == "" {
				assert.Equal(t, way, a.Wave.Actions, "%v", a.Reasons)
				return
			}
			assert.Empty(t, a.Wave.Actions)
			assert.Contains(t, a.Reasons[1], c.why)
		})
	}
}

func network(d *Document, clusters ...int) {
	d.VMs[0].NICs = []NIC{{Network: 3}}
	d.Networks = []Network{{ID: 3, Clusters: clusters}}
}

// What makes room does not go into another cluster: oned offers no hosts for it there.
func TestDecide_roomWithinTheCluster(t *testing.T) {
	d := &Document{VMs: []VM{running(1, 0, 4), {ID: 2, State: statePending, CPU: 8, Memory: 1}},
		Requirements: []Requirement{{VM: 2, Hosts: []int{0}, Datastores: []int{100}}}}
	d.VMs[0].Automatic = "(CLUSTER_ID = 0) & !(PIN_POLICY = PINNED)"
	d.VMs[0].Running.Cluster = 0
	hosts(d, 10, 6)
	d.Datastores[0].Clusters = []int{0, 1}
	assert.Len(t, decide(t, d, &Config{MaxSteps: 10_000}).Wave.Actions, 1, "where both hosts are of one cluster")
	d.Hosts[1].Cluster = 1
	assert.Empty(t, decide(t, d, &Config{MaxSteps: 10_000}).Wave.Actions)
}

// A network that states a country is none for a VM that is to be in others; one that states none is where its hosts are.
func TestDecide_networksOfOtherCountries(t *testing.T) {
	d := &Document{VMs: []VM{{ID: 1, State: statePending, CPU: 1, Memory: 1, NICs: []NIC{{ID: 0, Network: -1, Auto: true}},
		Attributes: map[string]string{attrCountries: "DE, FR"}}},
		Networks: []Network{{ID: 7, Free: 100, Clusters: []int{0}, Attributes: map[string]string{attrCountry: "US"}},
			{ID: 8, Free: 1, Clusters: []int{0}, Attributes: map[string]string{attrCountry: "FR"}}},
		Requirements: []Requirement{{VM: 1, Hosts: []int{0}, Datastores: []int{100}, NICs: []NICChoice{{NIC: 0, Networks: []int{7, 8}}}}}}
	hosts(d, 4)
	d.Hosts[0].Attributes = map[string]string{attrCountry: "DE"}
	a := decide(t, d, &Config{MaxSteps: 10_000})
	require.Len(t, a.Wave.Actions, 1)
	assert.Equal(t, []NICNetwork{{0, 8}}, a.Wave.Actions[0].NICs, "although 7 has more free leases")
	a.Wave.Actions[0].NICs[0].Network = 7
	assert.Contains(t, strings.Join(CheckPlan(d, Place, &a.Wave), "; "), "in network 7, in US")

	d.Networks[1].Attributes = map[string]string{attrCountry: "US"}
	a = decide(t, d, &Config{MaxSteps: 10_000})
	assert.Empty(t, a.Wave.Actions)
	assert.Contains(t, a.Reasons[1], "no network")
	d.Networks[1].Attributes = nil
	assert.Len(t, decide(t, d, &Config{MaxSteps: 10_000}).Wave.Actions, 1)
}
