package migrate

import (
	"context"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Fault is something a replay found wrong.
type Fault struct {
	At        topology.Micros      `json:"atMicros"`
	Move      int                  `json:"move"` // ID, -1 where none is to blame
	Message   string               `json:"message"`
	Violation *placement.Violation `json:"violation,omitempty"`
}

func Order(ctx context.Context, p *placement.Problem, from, to placement.Assignment, opts *Options) (*Plan, error) {
	panic("not yet")
}

func Replay(ctx context.Context, p *placement.Problem, from, to placement.Assignment, plan *Plan, opts *Options) ([]Fault, error) {
	panic("not yet")
}

func Reverse(ctx context.Context, p *placement.Problem, from placement.Assignment, plan *Plan, opts *Options) (*Plan, error) {
	panic("not yet")
}

func Drain(ctx context.Context, p *placement.Problem, scope Scope, solve *placement.Options, opts *Options) (*Drained, error) {
	panic("not yet")
}

func Exit(ctx context.Context, p *placement.Problem, provider topology.ProviderID, notice time.Time, solve *placement.Options, opts *Options) (*ExitReport, error) {
	panic("not yet")
}
