package simulate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/migrate/simulate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// trouble is what goes wrong in one run, by seed: nothing in every fourth.
func trouble(seed uint64) *simulate.Options {
	o := &simulate.Options{Seed: seed}
	switch seed % 4 {
	case 1:
		o.Fail = 300
	case 2:
		o.Fail, o.Silent, o.Late, o.Duplicate = 150, 100, 100, 200
	case 3:
		o.Fail, o.Hang, o.Silent, o.Deaf, o.Late, o.Duplicate = 100, 100, 150, 100, 100, 100
	}
	return o
}

// honest fails the test unless what the execution says of each workload is the truth.
func honest(t *testing.T, w world, e *execute.Execution, s *simulate.Simulator) {
	t.Helper()
	require.True(t, e.Done())
	assert.Empty(t, s.Faults())
	o := e.Outcome()
	doubts := make(map[placement.WorkloadID]execute.Doubt)
	for _, d := range o.Doubts {
		doubts[d.Workload] = d
	}
	where := s.Where()
	assert.Len(t, where, len(w.from))
	for _, id := range keys(where) {
		sites := where[id]
		site, sure := o.At[id]
		d, doubted := doubts[id]
		switch {
		case sure == doubted:
			t.Errorf("%s is said to run on %q, and doubted: %t", id, site, doubted)
		case sure:
			assert.Equal(t, fmt.Sprint(sites), fmt.Sprintf("[%s]", site), id)
		case d.Unknown:
			for _, s := range sites {
				assert.Contains(t, d.Sites, s, id)
			}
		default:
			assert.Equal(t, fmt.Sprint(sites), fmt.Sprint(d.Sites), id)
		}
	}
}

// TestNothingIsLost carries plans out in which moves fail and hang, and commands and reports get lost, come late or twice.
func TestNothingIsLost(t *testing.T) {
	ctx := context.Background()
	made, failed, doubts, arrived, plans := 0, 0, 0, 0, 0
	for seed := range uint64(400) {
		w := randomWorld(t, seed)
		e, err := execute.New(ctx, w.problem, w.from, w.to, &execute.Options{Plan: w.plan})
		require.NoError(t, err, seed)
		s, err := simulate.New(w.problem, w.from, trouble(seed))
		require.NoError(t, err)
		require.NoError(t, execute.Run(ctx, e, s), seed)
		honest(t, w, e, s)
		o := e.Outcome()
		made += len(o.Made)
		failed += len(o.Notes)
		doubts += len(o.Doubts)
		plans += o.Plans
		if len(o.Staying)+len(o.Doubts) == 0 {
			arrived++
			assert.Equal(t, w.to, o.At)
		}
		if seed%4 == 0 {
			assert.Equal(t, 1, o.Plans, "nothing went wrong")
			assert.Empty(t, o.Notes)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, o)
		}
	}
	t.Logf("%d moves made, %d notes, %d doubts, %d plans, %d of 400 arrived", made, failed, doubts, plans, arrived)
	assert.NotZero(t, doubts)
}

var errKilled = errors.New("killed")

// killer is a simulator whose driver dies at one of its reports.
type killer struct {
	*simulate.Simulator
	left int
}

func (k *killer) Do(ctx context.Context, c execute.Command) error {
	if k.left == 0 {
		return errKilled
	}
	k.left--
	return k.Simulator.Do(ctx, c)
}

// TestKilledAnywhereAndTakenBack kills executions at every command and takes them back.
func TestKilledAnywhereAndTakenBack(t *testing.T) {
	ctx := context.Background()
	kills, home := 0, 0
	for seed := range uint64(24) {
		for kill := 0; ; kill++ {
			w := randomWorld(t, seed)
			e, err := execute.New(ctx, w.problem, w.from, w.to, &execute.Options{Plan: w.plan})
			require.NoError(t, err)
			s, err := simulate.New(w.problem, w.from, trouble(seed))
			require.NoError(t, err)
			err = execute.Run(ctx, e, &killer{s, kill})
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errKilled)
			e.Abort()
			require.NoError(t, execute.Run(ctx, e, s))
			honest(t, w, e, s)
			o := e.Outcome()
			kills++
			if len(o.Staying)+len(o.Doubts) == 0 {
				home++
				assert.Equal(t, w.from, o.At)
			}
			if t.Failed() {
				t.Fatalf("seed %d kill %d: %+v", seed, kill, o)
			}
		}
	}
	t.Logf("%d kills, %d came home whole", kills, home)
}

// TestAStartThatArrivesAfterTheAnswerDoesNothing: the answer said that the attempt does not move.
func TestAStartThatArrivesAfterTheAnswerDoesNothing(t *testing.T) {
	ctx := context.Background()
	p, from := hosts()
	s, err := simulate.New(p, from, nil)
	require.NoError(t, err)
	plan, err := migrate.Order(ctx, p, from, placement.Assignment{"shop/db": "c", "shop/web": "b"}, nil)
	require.NoError(t, err)
	look := execute.Command{Do: execute.Look, Attempt: 1, Ask: 1, Move: plan.Moves[0]}
	require.NoError(t, s.Do(ctx, look))
	r, err := s.Next(ctx, 1_000_000)
	require.NoError(t, err)
	assert.Equal(t, execute.Found, r.Kind)
	assert.False(t, r.Moving)
	look.Do = execute.Start
	require.NoError(t, s.Do(ctx, look))
	r, err = s.Next(ctx, 1_000_000_000)
	require.NoError(t, err)
	assert.Equal(t, execute.Passed, r.Kind)
	assert.Equal(t, []topology.SiteID{"a"}, s.Where()["shop/db"])
}

// TestTheTruthIsNotFooled has the simulator told to do what must not be done.
func TestTheTruthIsNotFooled(t *testing.T) {
	ctx := context.Background()
	p, from := hosts()
	plan, err := migrate.Order(ctx, p, from, placement.Assignment{"shop/db": "c", "shop/web": "b"}, nil)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		edit func(*migrate.Move)
		says string
	}{
		"full":      {func(m *migrate.Move) { m.To = "b" }, "overfills b"},
		"elsewhere": {func(m *migrate.Move) { m.From = "c" }, "but runs on"},
		"too fast":  {func(m *migrate.Move) { m.Rate = 9e9 }, "overloads"},
	} {
		s, err := simulate.New(p, from, nil)
		require.NoError(t, err)
		m := plan.Moves[0]
		c.edit(&m)
		require.NoError(t, s.Do(ctx, execute.Command{Do: execute.Start, Attempt: 1, Move: m}))
		_, err = s.Next(ctx, 1_000_000)
		require.NoError(t, err)
		require.NotEmpty(t, s.Faults(), name)
		assert.Contains(t, s.Faults()[0], c.says, name)
	}
	_, err = simulate.New(p, placement.Assignment{"shop/x": "a"}, &simulate.Options{})
	assert.ErrorIs(t, err, migrate.ErrInvalid)
	_, err = simulate.New(p, from, &simulate.Options{Fail: 1001, Slowest: -1})
	assert.ErrorContains(t, err, "fail")
}
