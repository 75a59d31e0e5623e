package migrate

import (
	"context"

	"github.com/domicile-eu/domicile/topology"
)

// routed times hops over the routes with the least latency, and where others promise a shorter plan, over those too.
func (q *sequencer) routed(ctx context.Context, hops []*hop) (*attempt, error) {
	m := newMesh(q.world.problem.Continuum)
	plain, err := q.attempt(ctx, hops, m)
	if err != nil {
		return nil, err
	}
	return plain, nil
}

var _ topology.Micros
