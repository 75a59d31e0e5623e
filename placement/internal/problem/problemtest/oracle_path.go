package problemtest

import (
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// judgePath counts the choices of placed items that miss the bound of a path, by counting through all choices.
func judgePath(p *problem.Problem, path *problem.Path, site []int32, o *Outcome) {
	choices := 1
	for _, stage := range path.Stages {
		choices *= len(stage)
	}
next:
	for choice := range choices {
		var sum latency.Tail
		known, before := true, int32(-1)
		for n, stage := range path.Stages {
			k := choice % len(stage)
			choice /= len(stage)
			at := site[stage[k]]
			if at < 0 {
				continue next
			}
			if n == 0 && path.Into[0] != nil {
				before = 0
			}
			if path.Into[n] != nil && (n == 0 || at != before) {
				t := path.Into[n][k].Between(before, at)
				if known = known && t != nil; known {
					sum = sum.Plus(*t)
				}
			}
			before = at
		}
		if !known || int64(sum.Latency(path.Percentile)) > path.Bound {
			o.Firm++
		}
	}
}
