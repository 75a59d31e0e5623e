package latency

import "github.com/domicile-eu/domicile/topology"

// Transit says which links traffic may cross. The zero value allows every link.
//
// A restricted Transit is a list of what is allowed, so that what nobody declared is refused: a link passes if its
// operator is allowed and it names at least one jurisdiction and all that it names are allowed. Nodes on the way are
// judged by their country in the same manner; the two ends of a route are not judged, they are the business of
// admission. Transit is comparable and serves as a map key; equal permissions make equal values.
type Transit struct {
	restricted    bool
	jurisdictions string // ",DE,FR," sorted
	operators     string // same form; anyOperator for all, the unknown ones included
}

// Permit describes a Transit to [NewTransit].
type Permit struct {
	Jurisdictions []topology.Jurisdiction
	// Operators lists who may carry the traffic. AnyOperator lifts the restriction, for unknown operators too.
	Operators   []string
	AnyOperator bool
}
