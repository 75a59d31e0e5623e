package latency

import "github.com/domicile-eu/domicile/topology"

// Graph is the latency graph of one version of a continuum. It is immutable and safe for concurrent use; rows are
// computed once per (origin, Transit) and kept. (provisional bodies)
type Graph struct{ continuum *topology.Continuum }

// New builds the graph of a continuum. It fails where an observation names an unknown node or is malformed.
func New(c *topology.Continuum, opts *Options) (*Graph, error) { return &Graph{continuum: c}, nil }

// Continuum returns what the graph was built from.
func (g *Graph) Continuum() *topology.Continuum { return g.continuum }

// Row returns the ways from origin to every node that traffic under t may take. An unknown origin gives a row that
// reaches nothing.
func (g *Graph) Row(origin topology.NodeID, t Transit) *Row { panic("not yet") }

// Route returns the way from one node to another under t with the least mean, and whether there is one.
func (g *Graph) Route(from, to topology.NodeID, t Transit) (Route, bool) { panic("not yet") }

// Percentile returns a percentile of a route's round trip.
func (g *Graph) Percentile(r Route, p Percentile) topology.Micros { panic("not yet") }

// Row holds the ways from one origin. It is immutable.
type Row struct{}

// Leg returns what is known about the way to a node, and false where it is not reached.
func (r *Row) Leg(to topology.NodeID) (Leg, bool) { panic("not yet") }

// Latency returns a percentile of the round trip to a node, and false where it is unknown. Where the way with the least
// mean has a worse tail than another that was tried, the better of the two counts.
func (r *Row) Latency(to topology.NodeID, p Percentile) (topology.Micros, bool) { panic("not yet") }

// NewTransit returns the restricted Transit of what p permits.
func NewTransit(p Permit) Transit { panic("not yet") }

// Crosses returns the first hop of r that t does not allow, and whether there is one.
func (t Transit) Crosses(r Route) (Hop, bool) { panic("not yet") }

// Allows says whether t lets traffic pass a link.
func (t Transit) Allows(l *topology.Link) bool { panic("not yet") }
