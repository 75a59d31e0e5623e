package latency

import (
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// Transit says which links traffic may cross. The zero value allows every link.
//
// A restricted Transit is a list of what is allowed, so that what nobody declared is refused: a link passes if its
// operator is allowed and it names at least one jurisdiction and all that it names are allowed. Nodes on the way are
// judged by their country in the same manner; the two ends of a route are not judged, they are the business of
// admission. Transit is comparable and serves as a map key; equal permissions make equal values.
type Transit struct {
	restricted    bool
	anyOperator   bool
	jurisdictions string // sorted names, each between separators; see list
	operators     string // same form; empty where anyOperator
}

// Permit describes a Transit to [NewTransit].
type Permit struct {
	Jurisdictions []topology.Jurisdiction
	// Operators lists who may carry the traffic. AnyOperator lifts the restriction, for unknown operators too.
	Operators   []string
	AnyOperator bool
}

// NewTransit returns the restricted Transit of what p permits. Order and repetition do not matter; empty names permit
// nothing. The zero Permit allows no link at all.
func NewTransit(p Permit) Transit {
	t := Transit{restricted: true, anyOperator: p.AnyOperator, jurisdictions: list(p.Jurisdictions)}
	if !p.AnyOperator {
		t.operators = list(p.Operators)
	}
	return t
}

// Restricted says whether there is anything that t does not allow.
func (t Transit) Restricted() bool { return t.restricted }

// Allows says whether t lets traffic pass a link.
func (t Transit) Allows(l *topology.Link) bool { return t.passes(l.Operator, l.Jurisdictions) }

// AllowsJurisdiction says whether t lets traffic pass a country; an unknown one ("") only if t is not restricted.
func (t Transit) AllowsJurisdiction(j topology.Jurisdiction) bool {
	return !t.restricted || listed(t.jurisdictions, string(j))
}

// AllowsOperator says whether t lets an operator carry traffic; an unknown one ("") only if any may.
func (t Transit) AllowsOperator(operator string) bool {
	return !t.restricted || t.anyOperator || listed(t.operators, operator)
}

// Crosses returns the first hop of r that t does not allow, and whether there is one. A hop is not allowed either if it
// leads to a node in a country that is not, unless the route ends there.
func (t Transit) Crosses(r Route) (Hop, bool) {
	for i, h := range r.Hops {
		inner := i < len(r.Hops)-1
		if !t.passes(h.Operator, h.Jurisdictions) || inner && !t.AllowsJurisdiction(h.Country) {
			return h, true
		}
	}
	return Hop{}, false
}

func (t Transit) passes(operator string, crossed []topology.Jurisdiction) bool {
	if !t.restricted {
		return true
	}
	if !t.AllowsOperator(operator) || len(crossed) == 0 {
		return false
	}
	for _, j := range crossed {
		if !t.AllowsJurisdiction(j) {
			return false
		}
	}
	return true
}

// separator stands around each name of a list. A name that contains it is neither permitted nor found, so that no name
// can pass for two.
const separator = "\x00"

func list[S ~string](names []S) string {
	sorted := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" && !strings.Contains(string(n), separator) {
			sorted = append(sorted, string(n))
		}
	}
	if len(sorted) == 0 {
		return ""
	}
	slices.Sort(sorted)
	return separator + strings.Join(slices.Compact(sorted), separator) + separator
}

func listed(list, name string) bool {
	return name != "" && !strings.Contains(name, separator) && strings.Contains(list, separator+name+separator)
}
