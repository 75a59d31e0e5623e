package multicluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// World is what decisions rest on besides the clusters themselves. It is not changed.
type World struct {
	// Continuum has one site for each cluster, of the cluster's name.
	Continuum *topology.Continuum
	// Latency is the graph of Continuum; nil: built from it for each decision.
	Latency      *latency.Graph
	Applications []placement.Application
	// Admission and Transit are the policies; nil admits everything.
	Admission placement.Admission
	Transit   placement.Transit
	// AsOf is the only now of a decision; zero is an error.
	AsOf time.Time
}

// Source gives the world as it is now; an error of it ends a reconciliation before anything is written.
type Source func(ctx context.Context) (*World, error)

// Options of the reconcilers.
type Options struct {
	// FieldManager owns what is applied; empty: domicile.
	FieldManager string
	// Scheduler is the schedulerName written to decisions and looked for in bindings; empty: domicile.
	Scheduler string
	// Namespace is where ClusterProfiles are read and PlacementDecisions written; empty reads all namespaces and is an error for
	// writing decisions.
	Namespace string
	// MaxAge is how old an observation in a ClusterProfile may be to count; zero: any age, negative is an error.
	MaxAge time.Duration
	// Validity is how long scores count; zero: 10 minutes.
	Validity time.Duration
	// Assume is how long a decided binding is charged to its clusters besides what they report as allocated, because reports
	// come late; zero: 2 minutes.
	Assume time.Duration
	// Steps is the search budget of one decision; zero: 200,000 moves, some tenths of a second.
	Steps int64
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

func (o Options) settled() (Options, error) {
	if o.MaxAge < 0 || o.Validity < 0 || o.Assume < 0 || o.Steps < 0 {
		return o, errors.New("multicluster: negative MaxAge, Validity, Assume or Steps")
	}
	if o.FieldManager == "" {
		o.FieldManager = "domicile"
	}
	if o.Scheduler == "" {
		o.Scheduler = "domicile"
	}
	if o.Validity == 0 {
		o.Validity = 10 * time.Minute
	}
	if o.Assume == 0 {
		o.Assume = 2 * time.Minute
	}
	if o.Steps == 0 {
		o.Steps = 200_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// problem poses the question about applications over the clusters that there are.
func (w *World) problem(c *topology.Continuum, apps []placement.Application, current placement.Assignment) *placement.Problem {
	return &placement.Problem{
		Continuum: c, Latency: w.Latency, Applications: apps, Admission: w.Admission, Transit: w.Transit, Current: current, AsOf: w.AsOf,
	}
}

// check refuses a world in which nothing may be decided.
func (w *World) check() error {
	switch {
	case w == nil || w.Continuum == nil:
		return errors.New("multicluster: there is no continuum")
	case w.AsOf.IsZero():
		return errors.New("multicluster: no time is given, and nothing is decided without one")
	}
	return nil
}

// judge solves and has the answer checked by what shares no code with the search.
func judge(ctx context.Context, p *placement.Problem, steps int64) (*placement.Result, error) {
	r, err := placement.Solve(ctx, p, &placement.Options{MaxSteps: steps, Workers: 1})
	if err != nil {
		return nil, err
	}
	faults, err := placement.Check(ctx, p, r.Assignment)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("multicluster: the answer breaks %d constraints, the first: %s", len(faults), faults[0].Message)
	}
	return r, nil
}
