package placement

import (
	"context"
	"fmt"
	"sync"

	"github.com/domicile-eu/domicile/topology"
)

// Explainer answers questions about one answer. What was looked up for one question is kept for the next. It is safe for
// concurrent use; questions wait for one another.
type Explainer struct {
	mu sync.Mutex
	c  *checker
}

// Explain prepares questions about an answer: [Explainer.Why] and [Explainer.WhyNot] then look only at what they concern.
// An assignment that names unknown workloads or sites is an error. O(problem). The problem and the assignment must not be
// changed while the explainer is in use.
func Explain(ctx context.Context, ans Answer) (*Explainer, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, err
	}
	if err := c.known(); err != nil {
		return nil, err
	}
	return &Explainer{c: c}, nil
}

// Why says why a workload is where it is: what it costs and gets there, how many sites could take it as things stand and
// what refuses the others, and the best of the others with what it would change. Of a workload that is not placed, Line
// has no site and Terms are what leaving it out costs. An unknown workload is an error. O(sites x (flows and constraints
// of the workload)), plus one evaluation where costs are limited by a budget; Admission is asked once about all sites.
func (e *Explainer) Why(ctx context.Context, w WorkloadID) (*WhyAnswer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	it, err := e.ask(ctx, w)
	if err != nil {
		return nil, err
	}
	return e.c.why(it)
}

// WhyNot says why a workload is not on a site: all constraints that it would break there, each with its numbers and,
// where policies refuse it, their reasons, and what the move would change in the objective. For the site where it is, it
// says what is broken there now. An unknown workload or site is an error. O(flows and constraints of the workload), plus
// the rows of its flows.
func (e *Explainer) WhyNot(ctx context.Context, w WorkloadID, s topology.SiteID) (*WhyNotAnswer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	it, err := e.ask(ctx, w)
	if err != nil {
		return nil, err
	}
	site, ok := e.c.p.Continuum.Site(s)
	if !ok {
		return nil, fmt.Errorf("%w: there is no site %q", ErrInvalid, s)
	}
	return e.c.whyNot(it, site)
}

// ask finds the workload that a question is about. The checker asks policies with the context of the question.
func (e *Explainer) ask(ctx context.Context, w WorkloadID) (*checkItem, error) {
	it, ok := e.c.byID[w]
	if !ok {
		return nil, fmt.Errorf("%w: there is no workload %q", ErrInvalid, w)
	}
	e.c.ctx = ctx
	return it, nil
}
