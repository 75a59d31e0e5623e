package opennebula

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/scenario"
)

// asked are the captured documents and how oned asks about them.
var asked = map[string]*Config{
	"place_10vms_5hosts.xml": {MaxSteps: 200_000}, "place_rank_run.xml": {MaxSteps: 200_000}, "place_resched_plus_pending.xml": {MaxSteps: 200_000}, "synthetic_mix_full.xml": {MaxSteps: 200_000}, "synthetic_pend_full.xml": {MaxSteps: 200_000},
	"optimize_cluster100_crossgroup.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000}, "optimize_antiaffinity_onedrs.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000},
	"synthetic_aa_ok.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000}, "synthetic_aa_all.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000},
	"synthetic_aff_ok.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000}, "synthetic_aff_split.xml": {Mode: Optimize, Cluster: 100, MaxSteps: 200_000},
}

func read(t testing.TB, name string) *Document {
	t.Helper()
	d, err := Read(bytes.NewReader(captured(t, name)))
	require.NoError(t, err)
	return d
}

// What is answered to every captured document stands in testdata/captured.txt.
func TestDecide_captured(t *testing.T) {
	captured(t, "README.md")
	scenario.Run(t, "testdata/captured.txt", func(t *testing.T, c scenario.Case) string {
		name := strings.TrimSpace(c.Input)
		cfg := asked[name]
		require.NotNil(t, cfg, name)
		d := read(t, name)
		a, err := Decide(t.Context(), d, cfg)
		require.NoError(t, err)
		assert.Empty(t, CheckPlan(d, cfg.Mode, &a.Wave))
		return told(a)
	})
}

func told(a *Answer) string {
	var b strings.Builder
	for _, x := range a.Wave.Actions {
		fmt.Fprintf(&b, "%s VM %d to host %d, datastore %d", x.Operation, x.VM, x.Host, x.Datastore)
		for _, n := range x.NICs {
			fmt.Fprintf(&b, ", interface %d in network %d", n.NIC, n.Network)
		}
		b.WriteString("\n")
	}
	for _, vm := range slices.Sorted(maps.Keys(a.Reasons)) {
		fmt.Fprintf(&b, "VM %d: %s\n", vm, a.Reasons[vm])
	}
	fmt.Fprintf(&b, "target of %d in %d waves; load %.4f -> %.4f, at least %.4f\n", len(a.Target), a.Waves, a.Before.Value, a.After.Value, a.Bound.Value)
	return b.String()
}

// carry does to a document what oned does with a plan of which everything comes true.
func carry(d *Document, p *Plan) {
	for _, a := range p.Actions {
		v := d.vm(a.VM)
		if v.onHost() {
			if h := d.host(v.Running.Host); h != nil {
				h.UsedCPU, h.UsedMem = h.UsedCPU-v.CPU, h.UsedMem-v.Memory
				h.VMs = slices.DeleteFunc(h.VMs, func(id int) bool { return id == v.ID })
			}
		}
		h := d.host(a.Host)
		h.UsedCPU, h.UsedMem, h.VMs = h.UsedCPU+v.CPU, h.UsedMem+v.Memory, append(h.VMs, v.ID)
		v.Running, v.State, v.LCM, v.Resched = &Placement{a.Host, h.Cluster, a.Datastore}, stateActive, lcmRunning, false
	}
}

// The next wave follows from the document alone: called again and again, with what was planned come true, the answers come to
// rest, each of them safe by the independent checker, and at least at the load that the first one aimed at.
func TestDecide_wavesFromTheDocumentAlone(t *testing.T) {
	all := maps.Clone(asked)
	all["bench_optimize.100x50.b64.gz"] = &Config{Mode: Optimize, Cluster: 100, MaxSteps: 500_000}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		cfg := *all[name]
		d := read(t, name)
		var first *Answer
		for calls := 0; ; calls++ {
			require.Less(t, calls, 8, "%s does not come to rest", name)
			a, err := Decide(t.Context(), d, &cfg)
			require.NoError(t, err, name)
			require.Empty(t, CheckPlan(d, cfg.Mode, &a.Wave), name)
			if first == nil {
				first = a
			}
			if len(a.Wave.Actions) == 0 {
				if cfg.Mode == Optimize {
					assert.LessOrEqual(t, a.After.Value, first.After.Value+gain, name)
				}
				break
			}
			carry(d, &a.Wave)
			if cfg.Mode == Place { // oned asks about what still waits
				d.Requirements = slices.DeleteFunc(d.Requirements, func(r Requirement) bool { v := d.vm(r.VM); return v.State != statePending && !v.Resched })
			}
		}
	}
}

// What OneDRS answered to these documents breaks rules, and the checker sees it.
func TestCheckPlan_onedrs(t *testing.T) {
	d := read(t, "optimize_antiaffinity_onedrs.xml")
	wrong := CheckPlan(d, Optimize, &Plan{ID: 100, Actions: []Action{{VM: 13, Operation: Migrate, Host: 2, Datastore: 100}, {VM: 14, Operation: Migrate, Host: 2, Datastore: 100}}})
	assert.Contains(t, strings.Join(wrong, "\n"), "VM 13: it would meet 14 on host 2")
	d = read(t, "synthetic_mix_full.xml")
	wrong = CheckPlan(d, Place, &Plan{ID: -1, Actions: []Action{{VM: 12, Operation: Deploy, Host: 1, Datastore: 100}}})
	assert.Contains(t, strings.Join(wrong, "\n"), "host 1 would hold 9000 of 8000 milli-CPU")
	wrong = CheckPlan(d, Place, &Plan{ID: -1, Actions: []Action{{VM: 12, Operation: Deploy, Host: 1, Datastore: 101}, {VM: 1, Operation: Migrate, Host: 1, Datastore: 100}}})
	assert.Contains(t, strings.Join(wrong, "\n"), "datastore 101 is no system datastore of cluster 100")
	assert.Contains(t, strings.Join(wrong, "\n"), "VM 1: host 1 is not allowed")
}

// The optima of OneDRS's documents, in few moves; each plan safe.
func TestDecide_onedrsMeasure(t *testing.T) {
	d := read(t, "bench_optimize.100x50.b64.gz")
	a, err := Decide(t.Context(), d, &Config{Mode: Optimize, Cluster: 100})
	require.NoError(t, err)
	assert.InDelta(t, a.Bound.Value, a.After.Value, 1e-9)
	assert.LessOrEqual(t, len(a.Target), 20)
	assert.Empty(t, CheckPlan(d, Optimize, &a.Wave))
	d = read(t, "bench_place.100x50.b64.gz")
	a, err = Decide(t.Context(), d, nil)
	require.NoError(t, err)
	assert.InDelta(t, 0.59375, a.After.Value, 1e-9)
	assert.Len(t, a.Wave.Actions, 100)
	assert.Empty(t, CheckPlan(d, Place, &a.Wave))
}
