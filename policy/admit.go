package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
// where all are known a pair takes some nanoseconds. Who asks about the same sites all the time asks a [Screen]. What cannot be
// judged is denied. The error is that of ctx, or names what is nil.
func (s *Set) Admit(
	ctx context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site,
) ([]placement.Verdict, error) {
	q, err := s.ask(ctx, in, w)
	if err == nil {
		err = missing(sites)
	}
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
	if x, err := q.screen(in, len(sites)); err != nil {
		return nil, err
	} else if x != nil {
		if at, ok := x.find(sites); ok {
			var of bitset
			if len(at) < x.sites.n {
				of = newBitset(x.sites.n)
				for _, i := range at {
					of.put(i, true)
				}
			}
			j, err := x.judge(ctx, w, of, q)
			if err != nil {
				return nil, err
			}
			return j.verdicts(at), nil
		}
	}
	for n, k := range q.sites(sites) {
		if verdicts[n].Denied = k.err != nil; k.err == nil {
			if verdicts[n], err = q.judge(sites[n], k); err != nil {
				return nil, err
			}
		}
	}
	return verdicts, nil
}

// missing is the error of a site that is nil.
func missing(sites []*topology.Site) error {
	if i := slices.Index(sites, nil); i >= 0 {
		return fmt.Errorf("policy: sites[%d] is nil", i)
	}
	return nil
}

// fewSites is how many sites are judged one by one, and manySites that part of all from which a screen of all is worth making.
const (
	fewSites  = 32
	manySites = 8
)

// screen returns the screen of all sites of the continuum where so many are asked about that it pays; nil where it does not.
func (q *question) screen(in placement.Scope, asked int) (*Screen, error) {
	m, p := q.memory, q.picture
	m.mu.RLock()
	x := p.screen
	m.mu.RUnlock()
	if asked <= fewSites || x == nil && asked*manySites < in.Continuum.NumSites() {
		return nil, nil
	}
	if x != nil {
		return x, nil
	}
	x, err := q.followed(in)
	if x == nil && err == nil {
		x, err = q.Screen(q.ctx, in, slices.Collect(in.Continuum.Sites()))
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.screen == nil {
		p.screen = x
	}
	return p.screen, nil
}

// Reasons lists why the pair is denied: what every rule has to say, the continuum's first, then the tenant's, then the
// owner's, each by code; none where the pair is admitted. Errors are as in Admit.
func (s *Set) Reasons(
	ctx context.Context, in placement.Scope, w *placement.Workload, site *topology.Site,
) ([]placement.Reason, error) {
	q, err := s.ask(ctx, in, w)
	if err == nil {
		err = missing([]*topology.Site{site})
	}
	if err != nil {
		return nil, err
	}
	if q.err != nil {
		return []placement.Reason{unjudged(q.err)}, nil
	}
	known := q.sites([]*topology.Site{site})[0]
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

// followed makes the screen of all sites from that of a version of the continuum that had the same ones; nil where there is
// none.
func (q *question) followed(in placement.Scope) (*Screen, error) {
	q.memory.mu.RLock()
	pictures := q.memory.pictures
	q.memory.mu.RUnlock()
	for k := len(pictures) - 1; k >= 0; k-- {
		q.memory.mu.RLock()
		old := pictures[k].screen
		q.memory.mu.RUnlock()
		if old == nil {
			continue
		}
		ids, ok := in.Continuum.SitesSince(old.in.Continuum)
		same := func(id topology.SiteID) bool {
			_, before := old.in.Continuum.Site(id)
			_, now := in.Continuum.Site(id)
			return before == now
		}
		if ok && !slices.ContainsFunc(ids, func(id topology.SiteID) bool { return !same(id) }) {
			return old.Update(q.ctx, in)
		}
	}
	return nil, nil
}

// question is what one call asks about one workload.
type question struct {
	*Set
	ctx      context.Context
	memory   *memory
	picture  *picture
	load     *placement.Workload
	workload *ast.Term // once a rule is asked
	classes  []int32   // of the workload, by view
	asked    []int     // indices of the rules that speak to its tenant: deny rules, then prefer rules
	err      error     // why the workload cannot be judged
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
	q := &question{Set: s, ctx: ctx, memory: s.recall(), load: w}
	q.picture = q.memory.picture(s, in.Continuum, day)
	return q, q.classify()
}

// classify finds out which rules speak to the workload, and its classes.
func (q *question) classify() error {
	if err := q.ctx.Err(); err != nil {
		return err
	}
	if q.load == nil {
		return errors.New("policy: the workload is nil")
	}
	q.asked = q.Set.asked
	if q.tenants {
		q.asked = slices.DeleteFunc(slices.Clone(q.asked), func(i int) bool { return !q.rules[i].speaksTo(q.load.Tenant) })
	}
	q.classes, q.err = q.memory.workload(q.Set, q.picture.day, q.load)
	return nil
}

// class returns the class of the workload to a rule.
func (q *question) class(rule int) int32 { return q.classes[q.rules[rule].workloadView] }

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

// sites returns what is known of sites.
func (q *question) sites(sites []*topology.Site) []*known {
	knowns, all := q.remembered(sites)
	if all {
		return knowns
	}
	q.memory.mu.Lock()
	defer q.memory.mu.Unlock()
	for i, k := range knowns {
		if k == nil {
			knowns[i] = q.memory.site(q.Set, q.picture, sites[i])
		}
	}
	return knowns
}

// remembered returns what is remembered of sites, and whether that is all of them.
func (q *question) remembered(sites []*topology.Site) (knowns []*known, all bool) {
	knowns, all = make([]*known, len(sites)), true
	q.memory.mu.RLock()
	defer q.memory.mu.RUnlock()
	for i, site := range sites {
		knowns[i] = q.memory.remembered(q.picture, site)
		all = all && knowns[i] != nil
	}
	return knowns, all
}

// judge asks all rules about one site, until one denies.
func (q *question) judge(site *topology.Site, k *known) (v placement.Verdict, err error) {
	for _, i := range q.asked {
		if v.Denied || !q.rules[i].speaksOf(string(site.Provider)) {
			continue
		}
		c := q.picture.settled[i]
		if c == unasked {
			if c, _, err = q.answer(i, site, k.class(q.rules[i].siteView)); err != nil {
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

// answer returns a rule's answer for a site of a class, asking the rule where it is not known. Reasons are returned only where
// the rule was asked now.
func (q *question) answer(rule int, site *topology.Site, class int32) (cell, []placement.Reason, error) {
	q.memory.mu.RLock()
	row := q.memory.answered(rule, q.class(rule))
	c := unasked
	if int(class) < len(row) {
		c = row[class]
	}
	q.memory.mu.RUnlock()
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
	if at := &q.memory.row(q.Set, rule, q.class(rule))[class]; *at == unasked {
		*at = c
	} else if *at != c {
		return *at, nil, nil
	}
	return c, reasons, nil
}

// reasons returns why a rule denies the site.
func (q *question) reasons(rule int, site *topology.Site, k *known) ([]placement.Reason, error) {
	c, reasons, err := q.answer(rule, site, k.class(q.rules[rule].siteView))
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

// maxParts is how many sites' parts of the input are kept: rules are mostly asked about the same ones for many workloads.
const maxParts = 512

// partBytes is about what the part of a site with a dozen facts takes.
const partBytes = 4096

// input returns the input for a site, which is built once in a call. Site and workload can be judged.
func (q *question) input(site *topology.Site) *ast.Term {
	if in, ok := q.inputs[site]; ok {
		return in
	}
	if q.workload == nil {
		q.workload, _ = workloadPart(q.load)
		q.inputs = map[*topology.Site]*ast.Term{}
	}
	term, provider := q.part(site)
	in := admissionInput(q.picture.day, q.workload, term, provider)
	q.inputs[site] = in
	return in
}

// part returns the parts of the input that a site and its provider are.
func (q *question) part(site *topology.Site) (term, provider *ast.Term) {
	m := q.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.site(q.Set, q.picture, site)
	provider = m.operator(q.Set, q.picture, site.Provider).term
	term, ok := m.parts[k]
	if !ok {
		term, _, _ = m.part(q.Set, q.picture, site)
		if len(m.parts) >= maxParts {
			m.held -= partBytes * len(m.parts)
			clear(m.parts)
		}
		m.held += partBytes
		m.parts[k] = term
	}
	return term, provider
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
