package opennebula

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A group that is not there, or could not be read, may forbid anything.
func TestDecide_unclearGroups(t *testing.T) {
	role := []Role{{Name: "a", Policy: "ANTI_AFFINED", VMs: []int{1, 2}}}
	for why, groups := range map[string][]Group{
		"":                                      {{ID: 5, Roles: role}},
		"its VM group 5 is not in the document": {{ID: 4, Roles: role}},
		"its VM group 5 has no role \"a\"":      {{ID: 5, Roles: []Role{{Name: "b"}}}},
		"its VM group 5: ROLES/ROLE/VMS: is no list":   {{ID: 5, Roles: []Role{{Name: "a"}}, Bad: "ROLES/ROLE/VMS: is no list"}},
		"its VM group 6: TEMPLATE: there is no role z": {{ID: 5, Roles: role}, {ID: 6, Roles: []Role{{Name: "y", VMs: []int{1}}}, Bad: "TEMPLATE: there is no role z"}},
	} {
		d := &Document{VMs: []VM{{ID: 1, State: statePending, CPU: 1, Memory: 1, Roles: []Membership{{5, "a"}}}}, Groups: groups,
			Requirements: []Requirement{{VM: 1, Hosts: []int{0}, Datastores: []int{100}}}}
		hosts(d, 10)
		a := decide(t, d, &Config{MaxSteps: 1000})
		assert.Equal(t, why, a.Reasons[1])
		assert.Equal(t, why == "", len(a.Wave.Actions) == 1, why)
	}
	d := &Document{VMs: []VM{{ID: 1, State: statePending, CPU: 1, Memory: 1, Roles: []Membership{{5, "a"}}}},
		Requirements: []Requirement{{VM: 1, Hosts: []int{0}, Datastores: []int{100}}}}
	hosts(d, 10)
	assert.Contains(t, CheckPlan(d, Place, &Plan{ID: -1, Actions: []Action{{VM: 1, Operation: Deploy, Host: 0, Datastore: 100}}}),
		"VM 1: the rules of its VM group 5 are not known")
}
