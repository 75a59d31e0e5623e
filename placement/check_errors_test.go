package placement

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

var errBroken = errors.New("broken")

// brokenPolicy fails in one of its methods.
type brokenPolicy struct {
	admit, reasons, transit, transitReasons error
	short                                   bool
}

func (b brokenPolicy) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	verdicts := make([]Verdict, len(sites))
	for i := range verdicts {
		verdicts[i].Denied = true
	}
	if b.short {
		verdicts = verdicts[1:]
	}
	return verdicts, b.admit
}

func (b brokenPolicy) Reasons(context.Context, Scope, *Workload, *topology.Site) ([]Reason, error) {
	return nil, b.reasons
}

func (b brokenPolicy) Transit(context.Context, Scope, DataClass) (latency.Transit, error) {
	return latency.NewTransit(latency.Permit{}), b.transit
}

func (b brokenPolicy) TransitReasons(context.Context, Scope, DataClass, topology.Jurisdiction, string) ([]Reason, error) {
	return nil, b.transitReasons
}

// A policy that cannot be asked ends the call: nothing is taken for admitted or for denied.
func TestPolicyErrorsEndTheCall(t *testing.T) {
	ctx := context.Background()
	for name, broken := range map[string]brokenPolicy{
		"admit":           {admit: errBroken},
		"reasons":         {reasons: errBroken},
		"transit":         {transit: errBroken},
		"transit reasons": {transitReasons: errBroken},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 5, 6, 3)
			w.p.Admission, w.p.Transit = broken, broken
			for _, id := range w.workloads() {
				w.a[id] = "s01"
			}
			_, err := Check(ctx, w.p, w.a)
			require.ErrorIs(t, err, errBroken)
		})
	}
	w := newWorld(t, 5, 6, 3)
	w.p.Admission = brokenPolicy{short: true}
	_, err := Check(ctx, w.p, w.a)
	require.ErrorContains(t, err, "verdicts for")
	_, err = Why(ctx, Answer{w.p, w.a}, w.workloads()[0])
	require.ErrorContains(t, err, "verdicts for")
}

// A way that policy forbids without saying why is named by what it crosses.
func TestRefusedWayWithoutReasons(t *testing.T) {
	w := newWorld(t, 5, 6, 3)
	w.p.Transit = brokenPolicy{}
	found, err := Check(context.Background(), w.p, w.a)
	require.NoError(t, err)
	named := 0
	for _, v := range found {
		if v.Kind == ByTransit {
			require.Empty(t, v.Reasons)
			require.Contains(t, v.Message, "no way from")
			named++
		}
	}
	require.Positive(t, named)
}

func TestCancelledContextEndsEveryCall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := newWorld(t, 1, 6, 3)
	ans, id := Answer{w.p, w.a}, w.workloads()[0]
	_, checkErr := Check(ctx, w.p, w.a)
	_, evaluateErr := Evaluate(ctx, w.p, w.a)
	_, whyErr := Why(ctx, ans, id)
	_, whyNotErr := WhyNot(ctx, ans, id, "s00")
	_, refusalsErr := Refusals(ctx, ans, 3)
	_, diffErr := Diff(ctx, ans, ans)
	for _, err := range []error{checkErr, evaluateErr, whyErr, whyNotErr, refusalsErr, diffErr, VerifyBounds(ctx, w.p, &Result{})} {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestMalformedProblemEndsEveryCall(t *testing.T) {
	ctx := context.Background()
	p := &Problem{}
	ans := Answer{Problem: p}
	_, checkErr := Check(ctx, p, nil)
	_, evaluateErr := Evaluate(ctx, p, nil)
	_, whyErr := Why(ctx, ans, "x")
	_, whyNotErr := WhyNot(ctx, ans, "x", "s00")
	_, refusalsErr := Refusals(ctx, ans, 3)
	_, diffErr := Diff(ctx, ans, ans)
	for _, err := range []error{checkErr, evaluateErr, whyErr, whyNotErr, refusalsErr, diffErr, VerifyBounds(ctx, nil, &Result{})} {
		require.ErrorIs(t, err, ErrInvalid)
	}
	require.ErrorContains(t, checkErr, "continuum: missing")
}
