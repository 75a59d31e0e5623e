package opennebula

import "fmt"

// The states and sub-states of oned that a decision hangs on.
const (
	statePending   = 1
	stateActive    = 3
	stateSuspended = 5
	stateFailed    = 7
	statePoweroff  = 8
	lcmRunning     = 3
	lcmUnknown     = 16
)

// onHost says whether a VM holds room on the host of its last record. One that is stopped, undeployed or pending does not.
func (v *VM) onHost() bool {
	if v.Running == nil || v.Running.Host < 0 {
		return false
	}
	switch v.State {
	case stateActive, stateSuspended, stateFailed, statePoweroff:
		return true
	}
	return false
}

// role is what may be done with a VM.
type role uint8

const (
	absent  role = iota // takes no part
	fixed               // stays where it is
	deploy              // wants a place
	leave               // must leave its host
	movable             // may leave its host
	spare               // may leave its host so that another finds room
)

// standing returns the role of a VM, and for one that wants something or could be moved the reason why nothing is done with it.
func (c *worldCase) standing(v *VM) (role, string) {
	stay := absent
	if v.onHost() {
		stay = fixed
	}
	req := c.doc.requirement(v.ID)
	switch {
	case v.Bad != "":
		return stay, v.Bad
	case req == nil:
		if c.cfg.Mode == Place && !c.cfg.NoMakeRoom && stay == fixed && c.unpinned(v) == "" && c.plain(v) {
			return spare, ""
		}
		return stay, ""
	case req.Bad != "":
		return stay, req.Bad
	case v.Locked:
		return stay, "it is locked"
	}
	if c.cfg.Mode == Place {
		switch {
		case v.State == statePending:
			return deploy, ""
		case !v.Resched || stay != fixed:
			return stay, ""
		}
		if why := c.unpinned(v); why != "" {
			return stay, why
		}
		return leave, ""
	}
	if stay != fixed {
		return stay, ""
	}
	if why := c.unpinned(v); why != "" {
		if v.Resched {
			return stay, why
		}
		return stay, ""
	}
	return movable, ""
}

// unpinned says why a VM that is on a host cannot be migrated, or is empty.
func (c *worldCase) unpinned(v *VM) string {
	switch {
	case v.State == statePoweroff && v.Resched && c.cfg.Mode == Place:
	case v.State != stateActive || v.LCM != lcmRunning && v.LCM != lcmUnknown:
		return fmt.Sprintf("in state %d, %d it cannot be migrated", v.State, v.LCM)
	}
	switch {
	case len(v.PCI) > 0:
		return "it holds PCI devices, which a live migration cannot take along"
	case v.Topology.Pin != "" || v.Topology.HugePage > 0:
		return "it is pinned to cores or huge pages, which a live migration cannot take along"
	case yes(v.Attributes["ONEDRS_BLOCKED"]) && !v.Resched:
		return "ONEDRS_BLOCKED is set"
	case c.doc.host(v.Running.Host) == nil:
		return fmt.Sprintf("its host %d is not among those that oned offers", v.Running.Host)
	}
	return ""
}

// plain says whether a VM that oned lists no requirements for can be moved within its cluster without breaking any: it states
// none of its own, and those that oned made know nothing but clusters.
func (c *worldCase) plain(v *VM) bool {
	if v.Attributes["SCHED_REQUIREMENTS"] != "" || v.Locked || v.UID != 0 {
		return false // of other owners it is not known which hosts they may use
	}
	switch v.Automatic {
	case "", "!(PIN_POLICY = PINNED)", fmt.Sprintf("(CLUSTER_ID = %d) & !(PIN_POLICY = PINNED)", v.Running.Cluster):
		return true
	}
	return false
}
