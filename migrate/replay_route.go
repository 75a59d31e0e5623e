package migrate

import (
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// judgeRoute walks the route of a move link by link.
func (r *replay) judgeRoute(i int) error {
	m, w := &r.plan.Moves[i], r.byMove[i]
	route := &m.Route
	var permitted latency.Transit
	if r.problem.Transit != nil {
		var err error
		if permitted, err = r.problem.Transit.Transit(r.ctx, r.scope, w.Data); err != nil {
			return err
		}
	}
	if route.From != m.From.Node() || route.To != m.To.Node() || len(route.Hops) == 0 {
		r.blame(m.Start, i, "its route leads from %s to %s over %d hops", route.From, route.To, len(route.Hops))
		return nil
	}
	at := route.From
	crossed := make(map[topology.Jurisdiction]bool)
	for k, hop := range route.Hops {
		link, ok := r.problem.Continuum.Link(hop.Link)
		if !ok || hop.From != at || !(link.A == hop.From && link.B == hop.To || link.B == hop.From && link.A == hop.To) {
			r.blame(m.Start, i, "hop %d over %q from %s to %s is no link from %s", k, hop.Link, hop.From, hop.To, at)
			return nil
		}
		if link.Operator != hop.Operator || !slices.Equal(link.Jurisdictions, hop.Jurisdictions) {
			r.blame(m.Start, i, "hop %d does not say what %s is", k, link.ID)
		}
		if !permitted.Allows(link) {
			r.blame(m.Start, i, "data of class %q may not cross %s (operator %q, %v)", w.Data, link.ID, link.Operator, link.Jurisdictions)
		}
		if m.Rate > link.Bandwidth {
			r.blame(m.Start, i, "%d bit/s are too much for %s", m.Rate, link.ID)
		}
		for _, j := range link.Jurisdictions {
			crossed[j] = true
		}
		if at = hop.To; k < len(route.Hops)-1 {
			r.judgeInner(i, permitted, at, crossed)
		}
	}
	if at != route.To {
		r.blame(m.Start, i, "its route ends at %s", at)
	}
	if bad, crosses := permitted.Crosses(*route); crosses {
		r.blame(m.Start, i, "data of class %q may not cross %s", w.Data, bad.Link)
	}
	if stated := slices.Sorted(maps.Keys(crossed)); !slices.Equal(stated, route.Jurisdictions) {
		r.blame(m.Start, i, "its route crosses %v, not %v", stated, route.Jurisdictions)
	}
	return nil
}

// judgeInner judges a node on the way by its country.
func (r *replay) judgeInner(i int, permitted latency.Transit, at topology.NodeID, crossed map[topology.Jurisdiction]bool) {
	m := &r.plan.Moves[i]
	_, country, ok := r.problem.Continuum.Place(at)
	if !ok {
		r.blame(m.Start, i, "its route passes %s, which does not exist", at)
		return
	}
	if country != "" {
		crossed[country] = true
	}
	// A link of an operator that the transit allows for sure: that of the hop just judged would do, but the country alone
	// is in question here.
	for _, hop := range m.Route.Hops {
		if hop.To != at {
			continue
		}
		stand := topology.Link{Operator: hop.Operator, Jurisdictions: []topology.Jurisdiction{country}}
		if !permitted.Allows(&stand) {
			r.blame(m.Start, i, "data of class %q may not pass %s in %s", r.byMove[i].Data, at, country)
		}
	}
}
