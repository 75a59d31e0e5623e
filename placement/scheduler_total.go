package placement

import (
	"fmt"
	"maps"
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// schedTotal is what all workloads that a scheduler knows ask for. It is never changed once it is made.
type schedTotal struct {
	demand   map[topology.Dimension]int64
	priority int64
}

// with returns the totals with some applications more and one, where it is not nil, less; an error where they do not fit 64
// bits, as validate has it of a whole problem.
func (t *schedTotal) with(more []Application, less *Application) (*schedTotal, error) {
	sum := &schedTotal{demand: maps.Clone(t.demand), priority: t.priority}
	if sum.demand == nil {
		sum.demand = make(map[topology.Dimension]int64)
	}
	if less != nil {
		for k := range less.Workloads {
			for dim, amount := range less.Workloads[k].Demand {
				sum.demand[dim] -= amount
			}
			sum.priority -= less.Workloads[k].Priority
		}
	}
	for a := range more {
		for k := range more[a].Workloads {
			w := &more[a].Workloads[k]
			for dim, amount := range w.Demand {
				if amount > math.MaxInt64-sum.demand[dim] {
					return nil, fmt.Errorf("%w: workload %s: the sum of all demands for %s overflows", ErrInvalid, w.ID, dim)
				}
				sum.demand[dim] += amount
			}
			if w.Priority > math.MaxInt64-sum.priority {
				return nil, fmt.Errorf("%w: workload %s: the sum of all priorities overflows", ErrInvalid, w.ID)
			}
			sum.priority += w.Priority
		}
	}
	return sum, nil
}
