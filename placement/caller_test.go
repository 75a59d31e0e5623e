package placement

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

var errBoom = errors.New("boom")

// bomb is all that a caller may bring, and panics where it is told to.
type bomb struct {
	hashPolicy
	in *string
}

func (b bomb) blow(where string) {
	if *b.in == where {
		panic(errBoom)
	}
}

func (b bomb) Judge(*Workload, *topology.Site) (bool, string, topology.MicroEUR) {
	b.blow("rule")
	return true, "", 1
}

func (b bomb) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	b.blow("admission")
	return b.hashPolicy.Admit(ctx, in, w, sites)
}

func (b bomb) Transit(ctx context.Context, in Scope, class DataClass) (latency.Transit, error) {
	b.blow("transit")
	return b.hashPolicy.Transit(ctx, in, class)
}

func (b bomb) RelocationCost(_, _ *topology.Site) topology.MicroEUR {
	b.blow("relocation")
	return 1
}

// TestPanicsOfTheCallerComeBackNamed: on the caller's goroutine, from every door, with what was asked and the value.
func TestPanicsOfTheCallerComeBackNamed(t *testing.T) {
	ctx := context.Background()
	for _, where := range []string{"rule", "admission", "transit", "relocation"} {
		w := newWorld(t, 3, 8, 3)
		in := ""
		b := bomb{in: &in}
		w.p.Rules, w.p.Admission, w.p.Transit, w.p.Relocation = []Rule{b}, b, b, b
		w.p.Objective[1].Terms = append(w.p.Objective[1].Terms, Term{Kind: Relocation, Weight: 1})
		s, err := NewScheduler(ctx, Answer{w.p, nil}, without)
		require.NoError(t, err)
		ids := w.workloads()
		doors := map[string]func(){
			"solve":    func() { _, _ = Solve(ctx, w.p, &Options{MaxSteps: 100}) },
			"evaluate": func() { _, _ = Evaluate(ctx, w.p, w.a) },
			"check":    func() { _, _ = Check(ctx, w.p, w.a) },
			"why": func() {
				for _, id := range ids {
					_, _ = Why(ctx, Answer{w.p, w.a}, id)
				}
			},
			"scheduler": func() {
				s, err := NewScheduler(ctx, Answer{w.p, nil}, without)
				require.NoError(t, err)
				for _, id := range ids {
					_, _ = s.Candidates(ctx, id, 3)
				}
			},
			"standing scheduler": func() {
				for _, id := range ids {
					_, _ = s.Candidates(ctx, id, 3)
				}
				_ = s.Reserve(ctx, Assignment{ids[0]: w.spec.Sites[0].ID})
			},
		}
		silent := map[string]bool{"evaluate admission": true, "check relocation": true, "standing scheduler transit": true}
		for name, door := range doors {
			in = where
			value := thrown(door)
			in = ""
			if value == nil {
				assert.True(t, silent[name+" "+where] || name == "evaluate" && where == "admission", "%s never asks %s", name, where)
				continue
			}
			err, ok := value.(error)
			require.True(t, ok, "%s %s: %v", name, where, value)
			assert.ErrorIs(t, err, errBoom)
			assert.True(t, strings.HasPrefix(err.Error(), "placement: "+where+" placement.bomb, asked about "), err.Error())
			assert.Contains(t, err.Error(), "bomb.blow", "the stack of where it began")
		}
		_, err = s.Candidates(ctx, ids[0], 3)
		require.NoError(t, err, "nothing is locked or half made")
		require.NoError(t, s.Remove(w.p.Applications[0].Name))
	}
}

func thrown(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
