package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Readiness is how ready one is to leave, from 0 to 100: the sum of what its criteria give. The weights are this
// project's own: half for whether everything finds a place and the plan holds, the rest for how little is lost or guessed.
type Readiness struct {
	Score    int         `json:"score"`
	Criteria []Criterion `json:"criteria"`
}

// Criterion is one reason for a [Readiness].
type Criterion struct {
	Name   string `json:"name"`
	Points int    `json:"points"`
	Of     int    `json:"of"`
	Reason string `json:"reason"`
}

// readiness judges a report that is complete but for it.
func (r *ExitReport) readiness(p *placement.Problem, period topology.Micros) Readiness {
	n := len(r.Inventory)
	placed, whole, choice, back, stated := 0, 0, 0, 0, 0
	for i := range r.Inventory {
		item := &r.Inventory[i]
		placed += count(item.Target != "")
		whole += count(item.Target != "" && len(item.NotPortable) == 0)
		choice += count(len(item.Alternatives) > 0)
	}
	for i := range r.Plan.Moves {
		back += count(r.Plan.Moves[i].NoReturn == "")
	}
	facts := statedFacts(p)
	for i := range r.Inventory {
		stated += count(facts[r.Inventory[i].Workload])
	}
	var out Readiness
	add := func(name string, of, have, all int, reason string) {
		points := of
		if all > 0 {
			points = int(int64(of) * int64(have) / int64(all))
		}
		out.Score += points
		out.Criteria = append(out.Criteria, Criterion{Name: name, Points: points, Of: of, Reason: reason})
	}
	add("a place to go", 40, placed, n, fmt.Sprintf("%d of %d workloads have a target and a way there", placed, n))
	holds := count(r.Proof.Holds())
	add("the plan holds", 10, holds, 1, fmt.Sprintf("%d violations and %d faults found by the checkers",
		len(r.Proof.Violations), len(r.Proof.Faults)+len(r.Proof.BackFaults)))
	slow := min(r.Plan.Makespan, longest*100) * safety
	share := int64(100)
	if slow > period {
		share = int64(period / max(slow/100, 1))
	}
	add("time", 15, int(share), 100, fmt.Sprintf("the moves take %s, %d times that is %d %% of the transition period",
		r.Plan.Makespan, safety, int64(slow)/max(int64(period)/100, 1)))
	add("portability", 10, whole, n, fmt.Sprintf("%d of %d workloads come along as they are", whole, n))
	add("a choice", 10, choice, n, fmt.Sprintf("%d of %d workloads have another site to go to as well", choice, n))
	add("a way back", 10, back, len(r.Plan.Moves), fmt.Sprintf("%d of %d moves can be taken back", back, len(r.Plan.Moves)))
	add("known facts", 5, stated, n, fmt.Sprintf("memory or disk and how fast they change are stated for %d of %d workloads; for the others they are assumed", stated, n))
	return out
}

// statedFacts says of which workloads what moving them takes is stated.
func statedFacts(p *placement.Problem) map[placement.WorkloadID]bool {
	out := make(map[placement.WorkloadID]bool)
	for w := range workloads(p) {
		m := &w.Migration
		out[w.ID] = m.Memory > 0 && (m.DirtyRate > 0 || m.HotSet > 0) || m.Disk > 0 && m.DiskWrite > 0 || w.Kind == placement.Machine && m.Disk > 0
	}
	return out
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
