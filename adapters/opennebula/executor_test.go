package opennebula

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/adapters/opennebula/internal/oned"
)

// executed is how a plan goes in oned's executor, with memory copied at 125 MB/s, five seconds on top, and failures where
// fail says so.
func executed(d *Document, p *Plan, c oned.Config, fail func(vm int) bool) oned.Run {
	hosts := make(map[int]oned.Host)
	for i := range d.Hosts {
		h := &d.Hosts[i]
		hosts[h.ID] = oned.Host{Max: oned.Load{CPU: h.MaxCPU, Memory: h.MaxMemory}, Used: oned.Load{CPU: h.UsedCPU, Memory: h.UsedMem}}
	}
	var actions []oned.Action
	for _, a := range p.Actions {
		v := d.vm(a.VM)
		x := oned.Action{VM: a.VM, From: -1, To: a.Host, Load: oned.Load{CPU: v.CPU, Memory: v.Memory},
			Takes: 5*time.Second + time.Duration(v.Memory/125)*time.Microsecond, Fails: fail(a.VM)}
		if v.onHost() {
			x.From = v.Running.Host
		}
		actions = append(actions, x)
	}
	return oned.Execute(actions, hosts, c)
}

func never(int) bool { return false }

// inOneGo is the whole target as OneDRS emits it: one plan, in order of VMs.
func inOneGo(a *Answer) *Plan {
	p := &Plan{ID: a.Wave.ID}
	for _, vm := range slices.Sorted(maps.Keys(a.Target)) {
		t := a.Target[vm]
		p.Actions = append(p.Actions, Action{VM: vm, Operation: Migrate, Host: t.Host, Datastore: t.Datastore, NICs: t.NICs})
	}
	return p
}

// TestWavesInTheExecutor: whatever of a wave fails, and however long it takes, no host holds more than it has room for, call
// after call until nothing more is asked for; and in turn over the hosts a wave waits for nobody whom it need not wait for.
func TestWavesInTheExecutor(t *testing.T) {
	cfg := &Config{Mode: Optimize, Cluster: 100, MaxSteps: 100_000}
	for seed := range uint64(2) {
		d := read(t, "bench_optimize.100x50.b64.gz")
		r := rand.New(rand.NewPCG(seed, 7))
		fails := func(int) bool { return seed > 0 && r.IntN(4) == 0 }
		for calls := 0; ; calls++ {
			require.Less(t, calls, 30, "seed %d does not come to rest", seed)
			a := decide(t, d, cfg)
			if len(a.Wave.Actions) == 0 {
				break
			}
			run := executed(d, &a.Wave, oned.Config{}, fails)
			assert.Empty(t, run.Hosts, "seed %d, call %d: overfull by %v", seed, calls, run.Overfull)
			through := a.Wave
			through.Actions = nil
			for i, s := range run.Steps {
				if s.State == oned.Done {
					through.Actions = append(through.Actions, a.Wave.Actions[i])
				}
			}
			carry(d, &through)
		}
	}
}

// TestOneGoOverfills compares a target in one go, in the order of VMs, with its waves: where moves wait for each other's room
// the executor overfills hosts in one go, since a start is no end; in waves it never does.
func TestOneGoOverfills(t *testing.T) {
	// VM 1 leaves host 0 for host 2, VM 2 comes from host 1 in its place, VM 3 takes the place of that one.
	d := &Document{
		VMs: []VM{running(1, 0, 8), running(2, 1, 8), running(3, 3, 8)}, Clusters: []Cluster{{ID: 0}},
		Requirements: []Requirement{{VM: 1, Hosts: []int{2}, Datastores: []int{100}}, {VM: 2, Hosts: []int{0}, Datastores: []int{100}}, {VM: 3, Hosts: []int{1}, Datastores: []int{100}}},
	}
	hosts(d, 8, 8, 8, 8)
	a := decide(t, d, &Config{Mode: Optimize, MaxSteps: 10_000, Weights: Weights{CPU: 1}})
	require.Len(t, a.Target, 3)
	require.Equal(t, 3, a.Waves)
	whole := executed(d, inOneGo(a), oned.Config{}, never)
	assert.Equal(t, []int{0, 1}, whole.Hosts)
	assert.Equal(t, int64(8), whole.Overfull.CPU)
	for range 3 {
		require.Len(t, a.Wave.Actions, 1)
		assert.Empty(t, executed(d, &a.Wave, oned.Config{}, never).Hosts)
		carry(d, &a.Wave)
		a = decide(t, d, &Config{Mode: Optimize, MaxSteps: 10_000, Weights: Weights{CPU: 1}})
	}
	assert.Empty(t, a.Wave.Actions)
}

// TestInterleaved compares the order of a wave with that of OneDRS on the captured benchmark: the same moves, the same executor.
func TestInterleaved(t *testing.T) {
	d := read(t, "bench_optimize.100x50.b64.gz")
	a := decide(t, d, &Config{Mode: Optimize, Cluster: 100, MaxSteps: 300_000})
	sorted := a.Wave
	sorted.Actions = slices.Clone(a.Wave.Actions)
	slices.SortFunc(sorted.Actions, func(x, y Action) int { return x.VM - y.VM })
	byHost := slices.Clone(a.Wave.Actions)
	slices.SortStableFunc(byHost, func(x, y Action) int { return x.Host - y.Host })
	ours := executed(d, &a.Wave, oned.Config{}, never)
	theirs := executed(d, &sorted, oned.Config{}, never)
	worst := executed(d, &Plan{Actions: byHost}, oned.Config{}, never)
	t.Logf("%d moves: %v in turn over the hosts, %v in order of VMs, %v host by host", len(a.Wave.Actions), ours.Makespan, theirs.Makespan, worst.Makespan)
	assert.LessOrEqual(t, ours.Makespan, theirs.Makespan)
	assert.LessOrEqual(t, theirs.Makespan, worst.Makespan)
	assert.LessOrEqual(t, ours.Waited, theirs.Waited)
}
