package placement

import (
	"context"
	"maps"
	"slices"
)

// A Solver solves a problem again and again as it changes, in time and moves that go with the change. The zero value is
// ready for use. It is not safe for concurrent use.
//
// It keeps the last problem and its answer. Of the next problem it judges and prices anew only what changed, takes the
// shadow prices of the last answer, places what is new or has lost its site, and searches with the share of the budget
// that changed: the part of the workloads that are new, have another site to find or stand on a site whose description is
// another, and the part of the sites that are described otherwise. Where nothing changed, nothing moves.
//
// It compares by identity: a continuum made by Update shares what did not change, and so must applications. So neither a
// problem nor what it points to may be changed in place afterwards; a changed application is a new one, with workloads of its
// own, in a new slice. Much is taken over while links, access points and exchanges, and the providers, countries, places and
// egress prices of all sites stay, and Latency, Admission, Transit, AsOf and Objective are the same, without Rules. Otherwise
// the problem is compiled anew, and what is left of the last answer is where workloads start.
//
// The memory of the last problem is held until the next answer.
type Solver struct {
	last   *compiled
	answer *Result
}

// Solve returns an answer as [Solve] does, with the same errors. Where Problem.Current has no site for a workload, it starts
// where the last answer placed it. Options say what a solve from nothing may take.
//
// The answer depends on the problems and options since the Solver was made, in their order, and on nothing else. A Solver's
// first answer is that of Solve. After an error, or when ctx has ended before there was an answer, the Solver knows what it
// knew before.
func (s *Solver) Solve(ctx context.Context, p *Problem, opts *Options) (*Result, error) {
	o := opts.Resolved()
	if err := validateOptions(&o); err != nil {
		return nil, err
	}
	if p != nil { // what the caller does to the top level of his problem is harmless
		own := *p
		own.Applications, own.Budgets = slices.Clone(p.Applications), slices.Clone(p.Budgets)
		p = &own
	}
	c, err := recompile(ctx, p, s.last)
	if err != nil {
		return nil, err
	}
	if o.Progress != nil {
		o.Progress(Progress{})
	}
	var r *Result
	if s.answer == nil {
		r = c.solve(ctx, o)
	} else {
		c.hint = maps.Clone(s.answer.Assignment)
		maps.Copy(c.hint, p.Current)
		r = c.solveAgain(ctx, o, s.answer)
	}
	c.last = nil // or all problems since the first would be held
	s.last, s.answer = c, r
	return r, nil
}
