package opennebula

import "context"

// Answer is what was decided.
type Answer struct {
	// Target is where everything should end up, by VM: those that may be placed or moved, and for each the host it should be on.
	Target map[int]Target
	// Wave is the plan to execute now: actions that depend on nothing, safe in whatever order and whatever part of them comes
	// true, and in turn over the hosts that they go to, so that none holds up the others. The next wave follows from the next
	// document.
	Wave Plan
	// Waves is how many waves lead to Target, if nothing else changes; 0 where some of it cannot be reached.
	Waves int
	// Reasons say, by VM, why it is not placed, or stays where it should not.
	Reasons map[int]string
	// Load is the greatest load over all hosts before and in Target, and what it is at least.
	Before, After, Bound Load
}

// Target is where a VM should be. Datastore is the system datastore, -1 for that which it is on.
type Target struct {
	Host, Datastore int
	NICs            []NICNetwork
}

// Load is the weighted mean over measures of the greatest share that any host has of its capacity in use, in thousandths of a
// per cent, and each of these shares by itself.
type Load struct{ Value, MeasuredCPU, CPU, Memory float64 }

// Decide decides what a document asks. "Cannot be placed" is an answer; an error wraps [ErrInvalid], or is that of ctx or of
// the Admission and Transit. It is deterministic, but for Config.Spent.
func Decide(ctx context.Context, d *Document, c *Config) (*Answer, error) {
	return nil, nil
}
