package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	extenderv1 "k8s.io/kube-scheduler/extender/v1"

	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// compare asks the library's explainer, which knows nothing of the adapter, about some of the shapes on some nodes.
func (r *runner) compare(ctx context.Context) error {
	c, err := topology.New(r.made.Spec)
	if err != nil {
		return err
	}
	set, err := policy.Load([]policy.Source{{FS: os.DirFS(filepath.Join(r.dir, synthetic.PoliciesDir))}}, nil)
	if err != nil {
		return err
	}
	for k := range min(8, len(r.shapes)) {
		s := &r.shapes[k]
		names := r.sample()
		body, err := r.body(s, k, names)
		if err != nil {
			return err
		}
		text, _, err := r.ask(ctx, "filter", body)
		if err != nil {
			return err
		}
		var answer extenderv1.ExtenderFilterResult
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		e, err := placement.Explain(ctx, placement.Answer{Problem: &placement.Problem{
			Continuum: c, Applications: []placement.Application{s.app}, Admission: set, Transit: set, AsOf: r.asOf,
		}})
		if err != nil {
			return err
		}
		for n := 0; n < len(names); n += max(1, len(names)/50) {
			why, err := e.WhyNot(ctx, s.app.Workloads[0].ID, r.siteOf[names[n]])
			if err != nil {
				return err
			}
			refused := slices.ContainsFunc(why.Violations, func(v placement.Violation) bool { return v.Kind != placement.ByCapacity })
			_, hard := answer.FailedAndUnresolvableNodes[names[n]]
			r.result.sampled++
			if refused != hard {
				r.result.bad = append(r.result.bad, fmt.Sprintf("%s on %s: the extender refuses: %v, the library: %v", s.app.Name, names[n], hard, why.Violations))
			}
		}
	}
	return nil
}
