package policy

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// transit is what traffic of one class of data may cross.
type transit struct {
	allowed latency.Transit
	// endless holds the rules that did not end, which are not asked again.
	endless map[crossed][]*rule
}

// crossed is a country or an operator that is judged. Empty of its kind, it stands for one that nobody names.
type crossed struct {
	operator bool
	name     string
}

func (x crossed) key() string {
	if x.operator {
		return "operator"
	}
	return "jurisdiction"
}

// Transit returns what traffic of the class may cross, of all countries and operators that the continuum knows. Where no
// rule forbids anything, an unknown country and an unknown operator included, it allows every way. Where anything is
// forbidden it is a list of what is allowed, so that links with unknown operators or countries are refused too. A rule that fails
// or rests on an expired table forbids everything. Errors are as in Admit.
func (s *Set) Transit(ctx context.Context, in placement.Scope, class placement.DataClass) (latency.Transit, error) {
	t, err := s.transit(ctx, in, class)
	if err != nil {
		return latency.Transit{}, err
	}
	return t.allowed, nil
}

// TransitReasons lists why the class may not cross a country or, with an empty country, an operator's network, in order of
// code; none where it may. With both empty it judges what nobody names. Errors are as in Admit.
func (s *Set) TransitReasons(
	ctx context.Context, in placement.Scope, class placement.DataClass, j topology.Jurisdiction, operator string,
) ([]placement.Reason, error) {
	t, err := s.transit(ctx, in, class)
	if err != nil {
		return nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, err
	}
	asked := []crossed{{name: string(j)}}
	switch {
	case j == "" && operator == "":
		asked = append(asked, crossed{operator: true})
	case j == "":
		asked = []crossed{{operator: true, name: operator}}
	}
	var reasons []placement.Reason
	for _, x := range asked {
		more, _, err := s.forbids(ctx, day, class, x, t.endless[x])
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, more...)
	}
	if len(reasons) == 0 && t.allowed != (latency.Transit{}) && !named(in.Continuum, asked) {
		reasons = append(reasons, placement.Reason{
			Code: codeUnknown, Title: "Unknown country or operator", Side: side{}.String(), Location: "links",
			Message: "data of class \"" + string(class) + "\" is restricted, so it may not cross what the continuum does not name",
		})
	}
	return reasons, nil
}

// transit judges a class, once for each version of the continuum and day.
func (s *Set) transit(ctx context.Context, in placement.Scope, class placement.DataClass) (*transit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	day, err := dayOf(in)
	if err != nil {
		return nil, err
	}
	m := s.recall()
	p := m.picture(s, in.Continuum, day)
	m.mu.Lock()
	t, ok := p.transits[class]
	m.mu.Unlock()
	if ok {
		return t, nil
	}
	if t, err = s.judgeTransit(ctx, day, in.Continuum, class); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if first, ok := p.transits[class]; ok {
		return first, nil
	}
	p.transits[class] = t
	m.held += 256
	return t, nil
}

func (s *Set) judgeTransit(ctx context.Context, day string, c *topology.Continuum, class placement.DataClass) (*transit, error) {
	t := &transit{endless: map[crossed][]*rule{}}
	var permit latency.Permit
	restricted := false
	for _, x := range append(crossings(c), crossed{}, crossed{operator: true}) {
		reasons, tired, err := s.forbids(ctx, day, class, x, nil)
		if err != nil {
			return nil, err
		}
		if len(tired) > 0 {
			t.endless[x] = tired
		}
		switch {
		case len(reasons) > 0:
			restricted = true
		case x.name == "":
		case x.operator:
			permit.Operators = append(permit.Operators, x.name)
		default:
			permit.Jurisdictions = append(permit.Jurisdictions, topology.Jurisdiction(x.name))
		}
	}
	if restricted {
		t.allowed = latency.NewTransit(permit)
	}
	return t, nil
}

// forbids returns why rules forbid a crossing, and which of them did not end. Those known not to end are not asked again.
func (s *Set) forbids(
	ctx context.Context, day string, class placement.DataClass, x crossed, known []*rule,
) (reasons []placement.Reason, tired []*rule, err error) {
	input := transitInput(day, class, x.key(), x.name)
	for _, r := range s.rules {
		if r.Kind != "transit" {
			continue
		}
		var expired []string
		for _, name := range r.reads.tables {
			if s.tables[name].expired(day) {
				expired = append(expired, name)
			}
		}
		if len(expired) > 0 {
			reasons = append(reasons, s.expiry(r, expired)...)
			continue
		}
		err := errEndless
		if !slices.Contains(known, r) {
			var more []placement.Reason
			held, e := s.evaluate(ctx, r, input)
			if e == nil {
				more = r.details(held)
			}
			reasons = append(reasons, more...)
			err = e
		}
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case errors.Is(err, errEndless):
			tired = append(tired, r)
			reasons = append(reasons, r.failure(err))
		case err != nil:
			reasons = append(reasons, r.failure(err))
		}
	}
	return reasons, tired, nil
}

// crossings lists all countries and operators that the continuum names, in order.
func crossings(c *topology.Continuum) []crossed {
	seen := map[crossed]bool{}
	country := func(j topology.Jurisdiction) { seen[crossed{name: string(j)}] = true }
	for s := range c.Sites() {
		country(s.Country)
	}
	for a := range c.AccessPoints() {
		country(a.Country)
	}
	for x := range c.Exchanges() {
		country(x.Country)
	}
	for l := range c.Links() {
		for _, j := range l.Jurisdictions {
			country(j)
		}
		seen[crossed{operator: true, name: l.Operator}] = true
	}
	delete(seen, crossed{})
	delete(seen, crossed{operator: true})
	list := make([]crossed, 0, len(seen))
	for x := range seen {
		list = append(list, x)
	}
	slices.SortFunc(list, crossed.compare)
	return list
}

func (x crossed) compare(y crossed) int {
	if x.operator != y.operator {
		if x.operator {
			return 1
		}
		return -1
	}
	return strings.Compare(x.name, y.name)
}

// named says whether the continuum names all of these.
func named(c *topology.Continuum, asked []crossed) bool {
	list := crossings(c)
	return !slices.ContainsFunc(asked, func(x crossed) bool { return !slices.Contains(list, x) })
}
