package placement

import (
	"fmt"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkWay is how a flow travels between two nodes.
type checkWay struct {
	known      bool              // there is a way that its data may take
	latency    topology.Micros   // at the percentile asked for
	egress     topology.MicroEUR // price of carrying one GB along it
	restricted bool              // the data may not go everywhere
	measured   bool              // from end to end: nobody knows which way
	estimated  bool              // neither measured nor routed: the upper end of an estimate
}

// anyLatency asks for no percentile: where only the way matters, the row need not look for calmer ones.
const anyLatency latency.Percentile = 0

// transit returns what traffic of a class may cross.
func (c *checker) transit(class DataClass) (latency.Transit, error) {
	if c.p.Transit == nil {
		return latency.Transit{}, nil
	}
	if t, ok := c.transits[class]; ok {
		return t, nil
	}
	defer named(func() string { return fmt.Sprintf("transit %T, asked about data class %q,", c.p.Transit, class) })
	t, err := c.p.Transit.Transit(c.ctx, c.scope, class)
	if err != nil {
		return t, fmt.Errorf("transit of data class %q: %w", class, err)
	}
	c.transits[class] = t
	return t, nil
}

// way returns how a flow travels to a node under the transit of its data.
func (c *checker) way(origin, to topology.NodeID, class DataClass, percentile latency.Percentile) (checkWay, error) {
	if origin == to {
		return checkWay{known: true}, nil
	}
	t, err := c.transit(class)
	if err != nil {
		return checkWay{}, err
	}
	w := c.under(origin, to, t, percentile)
	w.restricted = t != (latency.Transit{})
	return w, nil
}

// pricedWay returns the way that terms of the objective are counted on: the permitted one or, where there is none, the
// unrestricted one, so that a forbidden move can still be compared.
func (c *checker) pricedWay(origin, to topology.NodeID, class DataClass, percentile latency.Percentile) (checkWay, error) {
	w, err := c.way(origin, to, class, percentile)
	if err != nil || w.known {
		return w, err
	}
	return c.under(origin, to, latency.Transit{}, percentile), nil
}

// under returns the way to a node under a transit.
func (c *checker) under(origin, to topology.NodeID, t latency.Transit, percentile latency.Percentile) checkWay {
	row := c.row(origin, t)
	leg, known := row.Leg(to)
	w := checkWay{known: known, egress: leg.Egress, measured: leg.Observed, estimated: leg.Estimated}
	if known && percentile != anyLatency {
		w.latency, w.known = row.Latency(to, percentile)
	}
	return w
}

// row returns the ways from a node. It must be the sending end: between equally good ways the choice may differ on the
// way back.
func (c *checker) row(origin topology.NodeID, t latency.Transit) *latency.Row {
	key := checkRow{origin, t}
	row := c.rows[key]
	if row == nil {
		row = c.graph.Row(origin, t)
		c.rows[key] = row
	}
	return row
}
