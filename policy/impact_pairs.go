package policy

import (
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// countPairs counts the pairs that each set admits.
func (x *impact) countPairs() error {
	var workloads []*placement.Workload
	for _, app := range x.before.Applications {
		for i := range app.Workloads {
			workloads = append(workloads, &app.Workloads[i])
		}
	}
	sites := slices.Collect(x.before.Continuum.Sites())
	r := x.report
	r.Pairs = int64(len(workloads)) * int64(len(sites))
	var err error
	if r.PairsBefore, err = x.admissible(x.before.Admission, workloads, sites); err != nil {
		return err
	}
	r.PairsAfter, err = x.admissible(x.proposed, workloads, sites)
	return err
}

// admissible counts the pairs that an admission admits, asking about one of each class where it has classes.
func (x *impact) admissible(by placement.Admission, workloads []*placement.Workload, sites []*topology.Site) (int64, error) {
	if by == nil {
		return x.report.Pairs, nil
	}
	scope := placement.Scope{Continuum: x.before.Continuum, AsOf: x.before.AsOf}
	workloadsOf, sitesOf := ones(len(workloads)), ones(len(sites))
	if c, ok := by.(placement.Classifier); ok {
		ofWorkloads, ofSites, err := c.Classes(x.ctx, scope, workloads, sites)
		if err != nil {
			return 0, err
		}
		workloads, workloadsOf = representatives(workloads, ofWorkloads)
		sites, sitesOf = representatives(sites, ofSites)
	}
	total := int64(0)
	for i, w := range workloads {
		verdicts, err := by.Admit(x.ctx, scope, w, sites)
		if err != nil {
			return 0, err
		}
		for k, v := range verdicts {
			if !v.Denied {
				total += workloadsOf[i] * sitesOf[k]
			}
		}
	}
	return total, nil
}

func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }

// representatives returns the first of each class, and how many there are of it.
func representatives[T any](all []T, classOf []int32) (first []T, count []int64) {
	at := map[int32]int{}
	for i, c := range classOf {
		k, ok := at[c]
		if !ok {
			k = len(first)
			at[c] = k
			first, count = append(first, all[i]), append(count, 0)
		}
		count[k]++
	}
	return first, count
}
