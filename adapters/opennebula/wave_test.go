package opennebula

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A set that belongs together is never on more hosts for a time than it is on, and who is new waits for who is on the way.
func TestWave_affined(t *testing.T) {
	d := &Document{VMs: []VM{running(1, 0, 1), running(2, 0, 1), running(3, 1, 1), {ID: 4, State: statePending, CPU: 1, Memory: 1}},
		Groups: []Group{{ID: 0, Roles: []Role{{Name: "a", Policy: "AFFINED", VMs: []int{1, 2, 3, 4}}}}}}
	hosts(d, 10, 10, 10)
	for i := range d.VMs {
		d.Requirements = append(d.Requirements, Requirement{VM: d.VMs[i].ID, Hosts: []int{0, 1, 2}, Datastores: []int{100}})
	}
	c := newCase(d, &Config{})
	c.judge()
	s := c.state()
	move := func(vm, to int) step {
		for i := range c.vms {
			if c.vms[i].ID == vm {
				return step{&c.vms[i], to}
			}
		}
		return step{}
	}
	now, later := s.wave([]step{move(1, 2), move(2, 2), move(3, 2)})
	assert.Len(t, later, 2, "1 leaves 2 behind, and on a third host; 3 alone is no worse there")
	assert.Equal(t, 3, now[0].ID)
	now, _ = s.wave([]step{move(3, 0), move(4, 0)})
	assert.Len(t, now, 2, "to where the others are")
	now, _ = s.wave([]step{move(4, 2)})
	assert.Empty(t, now)
}

// Those that must not meet wait for each other: who leaves could stay, and who comes could come.
func TestWave_apart(t *testing.T) {
	d := &Document{VMs: []VM{running(1, 0, 1), running(2, 1, 1)}, Groups: []Group{{ID: 0, Roles: []Role{{Name: "a", Policy: "ANTI_AFFINED", VMs: []int{1, 2}}}}}}
	hosts(d, 10, 10, 10)
	c := newCase(d, &Config{})
	s := c.state()
	first, second := step{&c.vms[0], 1}, step{&c.vms[1], 2}
	now, _ := s.wave([]step{first, second})
	assert.Equal(t, []step{second}, now)
	now, _ = s.wave([]step{{&c.vms[0], 2}, second})
	assert.Len(t, now, 1)
}

// What is locked, blocked or in between is left alone.
func TestStanding(t *testing.T) {
	for name, change := range map[string]func(*VM){
		"locked": func(v *VM) { v.Locked = true }, "blocked": func(v *VM) { v.Attributes = map[string]string{"ONEDRS_BLOCKED": "YES"} },
		"migrating": func(v *VM) { v.LCM = 4 }, "powered off": func(v *VM) { v.State, v.LCM = statePoweroff, 0 },
		"with a device": func(v *VM) { v.PCI = []PCI{{}} }, "pinned": func(v *VM) { v.Topology.Pin = "CORE" }, "unread": func(v *VM) { v.Bad = "x" },
	} {
		for _, mode := range []Mode{Optimize, Place} {
			d := &Document{VMs: []VM{running(1, 0, 5), running(2, 0, 5)}, Clusters: []Cluster{{ID: 0}}}
			for i := range d.VMs {
				change(&d.VMs[i])
				d.VMs[i].Resched = mode == Place && name != "powered off" && name != "blocked"
				d.Requirements = append(d.Requirements, Requirement{VM: d.VMs[i].ID, Hosts: []int{0, 1}, Datastores: []int{100}})
			}
			hosts(d, 10, 10)
			a := decide(t, d, &Config{Mode: mode, MaxSteps: 1000, Weights: Weights{CPU: 1}})
			assert.Empty(t, a.Wave.Actions, name)
		}
	}
}
