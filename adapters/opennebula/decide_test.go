package opennebula

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// running is a VM on a host, of oneadmin and without requirements of its own.
func running(id, host int, cpu int64) VM {
	return VM{ID: id, State: stateActive, LCM: lcmRunning, CPU: cpu, Memory: 1, Running: &Placement{Host: host, Datastore: 100}}
}

func hosts(d *Document, most ...int64) {
	d.Datastores = []Datastore{{ID: 100, Type: 1, Shared: true, Free: 100, Clusters: []int{0}}}
	for id, cpu := range most {
		h := Host{ID: id, State: 2, MaxCPU: cpu, MaxMemory: 100}
		for _, v := range d.VMs {
			if v.onHost() && v.Running.Host == id {
				h.UsedCPU, h.UsedMem, h.VMs = h.UsedCPU+v.CPU, h.UsedMem+v.Memory, append(h.VMs, v.ID)
			}
		}
		d.Hosts = append(d.Hosts, h)
	}
}

func decide(t *testing.T, d *Document, cfg *Config) *Answer {
	t.Helper()
	a, err := Decide(t.Context(), d, cfg)
	require.NoError(t, err)
	require.Empty(t, CheckPlan(d, cfg.Mode, &a.Wave))
	return a
}

// VM 2 wants eight cores, and no host has more than six free. The group tells that VM 1 is on host 0: with VM 1 on host 1 it fits.
// First the way is made free, then it comes.
func TestDecide_makesRoom(t *testing.T) {
	d := &Document{VMs: []VM{running(1, 0, 4), {ID: 2, State: statePending, CPU: 8, Memory: 1}},
		Groups: []Group{{ID: 0, Roles: []Role{{Name: "a", VMs: []int{1, 2}}}}}, Requirements: []Requirement{{VM: 2, Hosts: []int{0, 1}, Datastores: []int{100}}}}
	hosts(d, 10, 6)
	a := decide(t, d, &Config{MaxSteps: 10_000})
	assert.Equal(t, []Action{{VM: 1, Operation: Migrate, Host: 1, Datastore: 100}}, a.Wave.Actions)
	assert.Equal(t, 2, a.Waves)
	carry(d, &a.Wave)
	a = decide(t, d, &Config{MaxSteps: 10_000})
	assert.Equal(t, []Action{{VM: 2, Operation: Deploy, Host: 0, Datastore: 100}}, a.Wave.Actions)

	d.VMs[0] = running(1, 0, 4)
	d.Hosts = nil
	d.VMs[1] = VM{ID: 2, State: statePending, CPU: 8, Memory: 1}
	hosts(d, 10, 6)
	a = decide(t, d, &Config{MaxSteps: 10_000, NoMakeRoom: true})
	assert.Empty(t, a.Wave.Actions)
	assert.NotEmpty(t, a.Reasons[2])
	d.VMs[0].Attributes = map[string]string{"SCHED_REQUIREMENTS": "ID=0"} // it may not go where it likes
	assert.Empty(t, decide(t, d, &Config{MaxSteps: 10_000}).Wave.Actions)
}

// Two that must change places go by a third host, one call after the other.
func TestDecide_circle(t *testing.T) {
	d := &Document{VMs: []VM{running(1, 0, 8), running(2, 1, 8)}, Clusters: []Cluster{{ID: 0}},
		Requirements: []Requirement{{VM: 1, Hosts: []int{1, 2}, Datastores: []int{100}}, {VM: 2, Hosts: []int{0}, Datastores: []int{100}}}}
	hosts(d, 10, 10, 8)
	d.VMs = append(d.VMs, running(3, 2, 1)) // VM 1 does not fit on host 2 beside it
	d.Hosts[2].UsedCPU, d.Hosts[2].VMs = 1, []int{3}
	cfg := &Config{Mode: Optimize, MaxSteps: 10_000}
	assert.Empty(t, decide(t, d, cfg).Wave.Actions, "no third host has room")
	d.Hosts[2].UsedCPU = 0
	d.VMs = d.VMs[:2]
	var steps []string
	for range 4 {
		a := decide(t, d, cfg)
		for _, x := range a.Wave.Actions {
			steps = append(steps, fmt.Sprint(x.VM, ">", x.Host))
		}
		carry(d, &a.Wave)
	}
	assert.Equal(t, 0, d.VMs[1].Running.Host, steps)
	assert.NotEqual(t, 0, d.VMs[0].Running.Host, steps)
}

// Devices and cores go to as many as there are.
func TestDecide_devicesAndCores(t *testing.T) {
	pinned := Topology{Pin: "CORE", Nodes: []NodeDemand{{CPUs: 4, Memory: 1}}}
	d := &Document{}
	for id := range 4 {
		v := VM{ID: id, State: statePending, CPU: 1, Memory: 1}
		if id < 2 {
			v.PCI = []PCI{{Vendor: "10de"}}
		} else {
			v.Topology = pinned
		}
		d.VMs = append(d.VMs, v)
		d.Requirements = append(d.Requirements, Requirement{VM: id, Hosts: []int{0}, Datastores: []int{100}})
	}
	hosts(d, 100)
	d.Hosts[0].Devices = []Device{{Vendor: "10de", VM: -1}, {Vendor: "10de", VM: 77}}
	d.Hosts[0].Nodes = []Node{{Cores: []Core{{Threads: 2, Free: 2}, {Threads: 2, Free: 1}, {Threads: 2, Free: 2, Dedicated: true}, {Threads: 2, Free: 2}}, FreeMemory: 10}}
	a := decide(t, d, &Config{MaxSteps: 10_000})
	assert.Len(t, a.Target, 2, "%v", a.Reasons)
	assert.True(t, strings.Contains(a.Reasons[1], "PCI device") || strings.Contains(a.Reasons[0], "PCI device"))
	assert.True(t, strings.Contains(a.Reasons[3], "NUMA nodes") || strings.Contains(a.Reasons[2], "NUMA nodes"))
}

// endless is a document that goes on.
type endless struct{ sent int }

func (e *endless) Read(p []byte) (int, error) {
	if e.sent == 0 {
		e.sent = 1
		return copy(p, "<SCHEDULER_DRIVER_ACTION><VM_POOL><VM><ID>5</ID><NAME>"), nil
	}
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

// What is too large is refused without being held.
func TestRead_limits(t *testing.T) {
	_, err := Read(&endless{})
	assert.ErrorContains(t, err, "longer than 1048576 bytes")
	_, err = Read(io.MultiReader(strings.NewReader("<SCHEDULER_DRIVER_ACTION><VM_POOL><VM>"), strings.NewReader(strings.Repeat("<X/>", maxElements+1))))
	assert.ErrorContains(t, err, "more than 200000 elements")
	twice := strings.Replace(small, "<VM><ID>2</ID><UID>", "<VM><ID>1</ID><UID>", 1)
	_, err = Read(strings.NewReader(twice))
	assert.ErrorContains(t, err, "VM 1 stands there twice")
}

func TestWritePlan(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WritePlan(&b, &Plan{ID: -1}))
	assert.Equal(t, "<PLAN>\n  <ID>-1</ID>\n</PLAN>\n", b.String())
	assert.ErrorIs(t, WritePlan(&b, &Plan{Actions: []Action{{Operation: "live-migrate"}}}), ErrInvalid)
}
