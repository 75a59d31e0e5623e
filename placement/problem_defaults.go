package placement

import (
	"github.com/domicile-eu/domicile/latency"
)

// objective returns what to minimise.
func (p *Problem) objective() Objective {
	if len(p.Objective) == 0 {
		return DefaultObjective
	}
	return p.Objective
}

// scope returns the picture that policies judge in.
func (p *Problem) scope() Scope {
	in := Scope{Continuum: p.Continuum, AsOf: p.AsOf}
	if in.AsOf.IsZero() {
		in.AsOf = p.Continuum.AsOf()
	}
	return in
}

// graph returns the latency graph, built with the problem's only now where none was given.
func (p *Problem) graph() (*latency.Graph, error) {
	if p.Latency != nil {
		return p.Latency, nil
	}
	return latency.New(p.Continuum, &latency.Options{AsOf: p.scope().AsOf})
}
