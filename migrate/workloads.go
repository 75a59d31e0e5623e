package migrate

import (
	"iter"
	"slices"

	"github.com/domicile-eu/domicile/placement"
)

// edited returns a copy of a problem whose workloads may be changed, but not what their maps and lists hold.
func edited(p *placement.Problem) *placement.Problem {
	out := *p
	out.Applications = slices.Clone(p.Applications)
	for i := range out.Applications {
		out.Applications[i].Workloads = slices.Clone(out.Applications[i].Workloads)
	}
	return &out
}

// workloads goes through the workloads of a problem.
func workloads(p *placement.Problem) iter.Seq[*placement.Workload] {
	return func(yield func(*placement.Workload) bool) {
		for i := range p.Applications {
			for k := range p.Applications[i].Workloads {
				if !yield(&p.Applications[i].Workloads[k]) {
					return
				}
			}
		}
	}
}

func workloadsByID(p *placement.Problem) map[placement.WorkloadID]*placement.Workload {
	out := make(map[placement.WorkloadID]*placement.Workload)
	for w := range workloads(p) {
		out[w.ID] = w
	}
	return out
}
