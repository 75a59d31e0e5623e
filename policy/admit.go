package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var (
	_ placement.Admission = (*Set)(nil)
	_ placement.Transit   = (*Set)(nil)
)

// Admit judges the workload on each of the sites, in their order. It asks the rules of the continuum, of the workload's
// tenant and of the site's owner, each once per pair of classes that it tells apart, see the package's documentation;
// where all are known a pair takes some nanoseconds for each rule. What cannot be judged is denied. The error is that of
// ctx, or names a scope without continuum.
func (s *Set) Admit(
	ctx context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site,
) ([]placement.Verdict, error) {
	q, err := s.ask(ctx, in, w)
	if err != nil {
		return nil, err
	}
	verdicts := make([]placement.Verdict, len(sites))
	if q.err != nil {
		for i := range verdicts {
			verdicts[i].Denied = true
		}
		return verdicts, nil
	}
	knowns := q.sites(sites, verdicts)
	for _, i := range q.remembered(sites, knowns, verdicts) {
		if verdicts[i], err = q.judge(sites[i], knowns[i]); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// Reasons lists why the pair is denied: what every rule has to say, the continuum's first, then the tenant's, then the
// owner's, each by code; none where the pair is admitted. Errors are as in Admit.
func (s *Set) Reasons(
	ctx context.Context, in placement.Scope, w *placement.Workload, site *topology.Site,
) ([]placement.Reason, error) {
	q, err := s.ask(ctx, in, w)
	if err != nil {
		return nil, err
	}
	if q.err != nil {
		return []placement.Reason{unjudged(q.err)}, nil
	}
	known := q.sites([]*topology.Site{site}, make([]placement.Verdict, 1))[0]
	if known.err != nil {
		return []placement.Reason{unjudged(known.err)}, nil
	}
	var reasons []placement.Reason
	for i, r := range s.rules {
		if r.Kind == "transit" || !r.speaksTo(w.Tenant) || !r.speaksOf(string(site.Provider)) {
			continue
		}
		if expired := q.picture.expired[i]; len(expired) > 0 {
			if r.Kind == "deny" {
				reasons = append(reasons, s.expiry(r, expired)...)
			}
			continue
		}
		more, err := q.reasons(i, site, known)
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, more...)
	}
	return reasons, nil
}

// question is what one call asks about one workload.
type question struct {
	*Set
	ctx      context.Context
	memory   *memory
	picture  *picture
	workload *ast.Term
	classes  []int32 // of the workload, by rule
	asked    []int   // indices of the rules that speak to its tenant: deny rules, then prefer rules
	err      error   // why the workload cannot be judged
	inputs   map[*topology.Site]*ast.Term
}

// ask prepares a question.
func (s *Set) ask(ctx context.Context, in placement.Scope, w *placement.Workload) (*question, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, err
	}
	q := &question{Set: s, ctx: ctx, memory: s.recall(), inputs: map[*topology.Site]*ast.Term{}}
	q.picture = q.memory.picture(s, in.Continuum, day)
	for _, i := range s.asked {
		if s.rules[i].speaksTo(w.Tenant) {
			q.asked = append(q.asked, i)
		}
	}
	if q.workload, q.err = workloadPart(w); q.err == nil {
		q.classes = q.memory.workload(s, day, q.workload)
	}
	return q, nil
}

// dayOf returns the day that a scope is judged on, YYYY-MM-DD in UTC.
func dayOf(in placement.Scope) (string, error) {
	if in.Continuum == nil {
		return "", errors.New("policy: Scope.Continuum is nil")
	}
	asOf := in.AsOf
	if asOf.IsZero() {
		asOf = in.Continuum.AsOf()
	}
	return asOf.UTC().Format(time.DateOnly), nil
}

// sites returns what is known of sites and denies those that cannot be judged.
func (q *question) sites(sites []*topology.Site, verdicts []placement.Verdict) []*known {
	q.memory.mu.Lock()
	defer q.memory.mu.Unlock()
	knowns := make([]*known, len(sites))
	for i, site := range sites {
		knowns[i] = q.memory.site(q.Set, q.picture, site)
		verdicts[i].Denied = knowns[i].err != nil
	}
	return knowns
}

// remembered fills in the verdicts that follow from what is known, and returns the indices of the others. It goes site by
// site, because what is known of a site stands together.
func (q *question) remembered(sites []*topology.Site, knowns []*known, verdicts []placement.Verdict) []int {
	q.memory.mu.Lock()
	defer q.memory.mu.Unlock()
	rows := make([][]cell, len(q.rules))
	for _, i := range q.asked {
		rows[i] = q.memory.row(i, q.classes[i])
	}
	var open []int
	for n, site := range sites {
		v := &verdicts[n]
		for _, i := range q.asked {
			if v.Denied {
				break
			}
			if !q.rules[i].speaksOf(string(site.Provider)) {
				continue
			}
			c := q.picture.settled[i]
			if c == unasked {
				c = rows[i][knowns[n].classes[i]]
			}
			if c == unasked {
				open = append(open, n)
				break
			}
			c.addTo(v)
		}
	}
	return open
}

// judge asks all rules about one site, until one denies.
func (q *question) judge(site *topology.Site, k *known) (v placement.Verdict, err error) {
	for _, i := range q.asked {
		if v.Denied || !q.rules[i].speaksOf(string(site.Provider)) {
			continue
		}
		c := q.picture.settled[i]
		if c == unasked {
			if c, _, err = q.answer(i, site, k); err != nil {
				return v, err
			}
		}
		c.addTo(&v)
	}
	return v, nil
}

// addTo adds a rule's answer to a verdict.
func (c cell) addTo(v *placement.Verdict) {
	if c.refuses() {
		*v = placement.Verdict{Denied: true}
	} else {
		v.Points += c.points()
	}
}

// answer returns a rule's answer for a site, asking the rule where it is not known. Reasons are returned only where the
// rule was asked now.
func (q *question) answer(rule int, site *topology.Site, k *known) (cell, []placement.Reason, error) {
	q.memory.mu.Lock()
	c := q.memory.row(rule, q.classes[rule])[k.classes[rule]]
	q.memory.mu.Unlock()
	if c != unasked {
		return c, nil, nil
	}
	c, reasons, err := q.put(rule, site)
	if err != nil {
		return unasked, nil, err
	}
	q.memory.mu.Lock()
	defer q.memory.mu.Unlock()
	// Of two that asked at a time the first to answer counts: they may differ where one met its deadline.
	if at := &q.memory.row(rule, q.classes[rule])[k.classes[rule]]; *at == unasked {
		*at = c
	} else if *at != c {
		return *at, nil, nil
	}
	return c, reasons, nil
}

// reasons returns why a rule denies the site.
func (q *question) reasons(rule int, site *topology.Site, k *known) ([]placement.Reason, error) {
	c, reasons, err := q.answer(rule, site, k)
	switch {
	case err != nil:
		return nil, err
	case c == endless:
		return []placement.Reason{q.rules[rule].failure(errEndless)}, nil
	case c != denied || reasons != nil:
		return reasons, nil
	}
	_, reasons, err = q.put(rule, site)
	return reasons, err
}

// put asks a rule about a site. Whatever the rule gets wrong is an answer that denies; the error is that of the context.
func (q *question) put(rule int, site *topology.Site) (cell, []placement.Reason, error) {
	r := q.rules[rule]
	held, err := q.evaluate(q.ctx, r, q.input(site))
	switch {
	case q.ctx.Err() != nil:
		return unasked, nil, q.ctx.Err()
	case errors.Is(err, errEndless):
		return endless, []placement.Reason{r.failure(err)}, nil
	case err != nil:
		return denied, []placement.Reason{r.failure(err)}, nil
	case r.Kind == "prefer":
		points, err := r.points(held)
		if err != nil {
			return denied, []placement.Reason{r.failure(err)}, nil
		}
		return pointsCell(points), nil, nil
	case len(held) > 0:
		return denied, r.details(held), nil
	}
	return middle, nil, nil
}

// input returns the input for a site, which is built once in a call. The site is one that can be judged.
func (q *question) input(site *topology.Site) *ast.Term {
	if in, ok := q.inputs[site]; ok {
		return in
	}
	q.memory.mu.Lock()
	provider := q.picture.provider(site.Provider).term
	term, _ := q.picture.part(site)
	q.memory.mu.Unlock()
	in := admissionInput(q.picture.day, q.workload, term, provider)
	q.inputs[site] = in
	return in
}

// unjudged is the reason of a pair that no rule could be asked about.
func unjudged(err error) placement.Reason {
	return placement.Reason{
		Code: codeError, Title: "The facts could not be read", Side: side{}.String(), Location: "input", Message: err.Error(), Final: true,
	}
}

func unknownProvider(id topology.ProviderID) error {
	return fmt.Errorf("provider %q is not in the continuum", id)
}

// expiry is why a rule that rests on tables past their last day refuses.
func (s *Set) expiry(r *rule, tables []string) []placement.Reason {
	var reasons []placement.Reason
	for _, name := range tables {
		t := s.tables[name]
		reason := r.reason()
		reason.Code, reason.Final = codeExpired, true
		reason.Title = "Table " + name + " is past its last day"
		reason.Message = fmt.Sprintf("table %s (%s) could be relied on until %s; %s refuses everything until it is renewed",
			name, t.File, t.ValidUntil, r.Code)
		reason.Detail = map[string]any{"rule": r.Code, "table": name, "validUntil": t.ValidUntil}
		reasons = append(reasons, reason)
	}
	return reasons
}
