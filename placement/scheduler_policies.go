package placement

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// UpdatePolicies puts other policies in force, and leaves everything else as it is: a [Scheduler.Update] of the two alone.
// Nil means what it means in a [Problem]: everything is allowed.
//
// It is atomic. A decision that began before is made by the old policies to its end, one that begins after by the new ones; none
// sees some of both, and an [Answer] that was taken before goes on being explained by the old ones. A reservation that
// was asked for before and not yet granted is judged by the new ones.
//
// Nothing is moved, released or dropped. What is placed where the new policies refuse it stays there, as a fact, and comes
// back: all that stands against it in [Check]'s words, with the reasons. That is what admission and transit refuse now, and what
// else was not broken before: a flow that must go a longer way now can miss its bound. It is for the caller to move it;
// meanwhile no other reservation is refused on its account.
//
// Where the new policies cannot be asked about what is placed, nothing changes and the error says why: the old ones stay in
// force. O(sites + workloads), and two times Check; readers go on meanwhile, other changes wait.
func (s *Scheduler) UpdatePolicies(ctx context.Context, admission Admission, transit Transit) ([]Violation, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	old := s.now.Load().answer()
	p := *old.Problem
	p.Admission, p.Transit = admission, transit
	next, _, err := s.renewed(ctx, &p, s.now.Load().world.cert, func(id WorkloadID) (topology.SiteID, bool) {
		at, placed := old.Assignment[id]
		return at, placed
	})
	if err != nil {
		return nil, err
	}
	broken, err := Check(ctx, &p, old.Assignment)
	if err != nil {
		return nil, fmt.Errorf("the new policies cannot judge what is placed: %w", err)
	}
	// Old policies that cannot be asked any more hide nothing: then all that is broken is told.
	before, err := Check(ctx, old.Problem, old.Assignment)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		before = nil
	}
	broken = slices.DeleteFunc(broken, func(v Violation) bool {
		return v.Kind != ByAdmission && v.Kind != ByTransit && slices.ContainsFunc(before, v.same)
	})
	s.now.Store(next)
	return broken, nil
}

// same says whether two violations are of the same thing.
func (v Violation) same(other Violation) bool {
	return v.Kind == other.Kind && v.Site == other.Site && slices.Equal(v.Workloads, other.Workloads)
}

// log tells of a reservation, if anybody listens. What is no decision (unknown names, policies that could not be asked) is
// told to the caller alone.
func (s *Scheduler) log(w *schedWorld, places Assignment, err error) {
	if s.decided == nil {
		return
	}
	d := Decision{Places: places}
	if err != nil && !errors.As(err, &d.Refused) {
		return
	}
	if a, ok := w.problem.Admission.(interface{ Digest() string }); ok {
		d.Policies = a.Digest()
	}
	if a, ok := w.problem.Admission.(interface{ Revision() string }); ok {
		d.Revision = a.Revision()
	}
	s.decided(d)
}
