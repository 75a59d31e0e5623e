package migrate

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func TestBadInputIsNamedAllOfIt(t *testing.T) {
	ctx := context.Background()
	b := newBuild()
	b.site("a", cpu(8))
	b.site("b", cpu(8))
	b.star(1e9)
	b.workload("app/w", cpu(1), "a", "b", memory(1e9))
	p := b.problem(t)
	bad := placement.Assignment{"app/w": "nowhere", "app/ghost": "a"}

	_, err := Order(ctx, p, bad, b.to, nil)
	require.ErrorIs(t, err, ErrInvalid)
	assert.ErrorContains(t, err, `from: there is no workload "app/ghost"`)
	assert.ErrorContains(t, err, `from: app/w: there is no site "nowhere"`)
	_, err = Replay(ctx, p, b.from, bad, &Plan{}, nil)
	require.ErrorIs(t, err, ErrInvalid)
	assert.ErrorContains(t, err, "app/ghost")
	assert.ErrorContains(t, err, "nowhere")

	for _, call := range []func() error{
		func() error { _, err := Order(ctx, nil, nil, nil, nil); return err },
		func() error { _, err := Order(ctx, p, b.from, b.to, &Options{SiteMoves: -1}); return err },
		func() error { _, err := Order(ctx, p, b.from, b.to, &Options{Setup: math.MaxInt64}); return err },
		func() error { _, err := Replay(ctx, p, b.from, b.to, nil, nil); return err },
		func() error { _, err := Reverse(ctx, p, b.from, nil, nil); return err },
		func() error {
			_, err := Reverse(ctx, p, b.from, &Plan{Moves: []Move{{Workload: "app/w", From: "b", To: "a"}}}, nil)
			return err
		},
		func() error { _, err := Drain(ctx, p, Scope{}, nil, nil); return err },
		func() error { _, err := Drain(ctx, p, Scope{Sites: []topology.SiteID{"x"}}, nil, nil); return err },
		func() error {
			_, err := Drain(ctx, p, Scope{Providers: []topology.ProviderID{"x"}}, nil, nil)
			return err
		},
		func() error { _, err := Drain(ctx, nil, Scope{}, nil, nil); return err },
		func() error { _, err := Exit(ctx, p, "x", asOf, nil, nil); return err },
	} {
		assert.ErrorIs(t, call(), ErrInvalid)
	}
}

func TestSumsThatOverflowAreErrors(t *testing.T) {
	for name, spoil := range map[string]func(b *build){
		"demand": func(b *build) {
			b.apps[0].Workloads[0].Demand = topology.Resources{topology.CPU: math.MaxInt64 / 3}
			b.apps[0].Workloads[1].Demand = topology.Resources{topology.CPU: math.MaxInt64 / 3}
		},
		"negative demand":    func(b *build) { b.apps[0].Workloads[0].Demand = topology.Resources{topology.CPU: -1} },
		"negative migration": func(b *build) { b.apps[0].Workloads[0].Migration.Disk = -1 },
		"twice":              func(b *build) { b.apps[0].Workloads[0].ID = b.apps[0].Workloads[1].ID },
		"transfer":           func(b *build) { b.spec.Sites[0].Egress = math.MaxInt64 / 2 },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuild()
			b.site("a", cpu(80))
			b.site("b", cpu(80), func(s *topology.Site) { s.Provider = "q" })
			b.star(1e9)
			b.workload("app/v", cpu(5), "a", "b", memory(1e11))
			b.workload("app/w", cpu(5), "a", "b", memory(1e11))
			spoil(b)
			_, err := Order(context.Background(), b.problem(t), b.from, b.to, nil)
			require.ErrorIs(t, err, ErrInvalid)
		})
	}
}

// failing is a policy that cannot judge.
type failing struct{ fakePolicy }

var errFailing = errors.New("no judgement today")

func (f *failing) Admit(context.Context, placement.Scope, *placement.Workload, []*topology.Site) ([]placement.Verdict, error) {
	return nil, errFailing
}

func TestErrorsOfPoliciesEndTheOrder(t *testing.T) {
	b := rings(1, 3, 1)
	p := b.problem(t)
	p.Admission = &failing{}
	_, err := Order(context.Background(), p, b.from, b.to, nil)
	assert.ErrorIs(t, err, errFailing)
	p.Admission = nil
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Order(ctx, p, b.from, b.to, nil)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestNothingToDo(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(8))
	b.workload("app/w", cpu(1), "a", "a")
	_, plan := b.plan(t)
	assert.Equal(t, &Plan{Moves: []Move{}, Witness: "nothing moves", Certificate: Certificate{Kind: "nothing"}, NoReturn: -1, PeakDouble: topology.Resources{}}, plan)
}

func TestSitesThatNothingConnects(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(8))
	b.site("b", cpu(8))
	b.workload("app/w", cpu(1), "a", "b", memory(1e9))
	_, plan := b.plan(t)
	require.Len(t, plan.Stuck, 1)
	assert.Equal(t, "there is no way from a to b", plan.Stuck[0].Message)
}

// What is not there at all is an error too, whoever is asked.
func TestNothingIsBadInput(t *testing.T) {
	ctx := context.Background()
	b := newBuild()
	b.site("a", cpu(8))
	b.site("b", cpu(8))
	b.star(1e9)
	b.workload("app/w", cpu(1), "a", "b", memory(1e9))
	p := b.problem(t)
	for name, call := range map[string]func() error{
		"no move": func() error { _, _, err := NextStart(p, nil, 0, nil); return err },
		"nobody runs": func() error {
			_, err := Reverse(ctx, p, nil, &Plan{Moves: []Move{{Workload: "app/w", To: "b"}}}, nil)
			return err
		},
		"a way back from nil": func() error { _, err := Reverse(ctx, nil, b.from, &Plan{}, nil); return err },
		"nobody to move":      func() error { _, err := Predict(nil, placement.PreCopy, 1e9, nil); return err },
		"a rebalance of nil":  func() error { _, err := Rebalance(ctx, nil, nil, nil, nil); return err },
		"an exit from nil":    func() error { _, err := Exit(ctx, nil, "p", asOf, nil, nil); return err },
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorIs(t, call(), ErrInvalid) })
	}
}
