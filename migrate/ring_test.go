package migrate

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rings builds circles of full hosts in which everything moves on by one host, and spare hosts with room for one workload.
func rings(count, size, spares int) *build {
	b := newBuild()
	for r := range count {
		for i := range size {
			b.site(fmt.Sprintf("r%03d-%d", r, i), cpu(4))
		}
	}
	for i := range spares {
		b.site(fmt.Sprintf("spare%d", i), cpu(4))
	}
	b.star(10e9)
	for r := range count {
		for i := range size {
			b.workload(fmt.Sprintf("app/r%03d.%d", r, i), cpu(4),
				fmt.Sprintf("r%03d-%d", r, i), fmt.Sprintf("r%03d-%d", r, (i+1)%size), memory(4e9))
		}
	}
	return b
}

func TestEachRingOfFullHostsTakesOneStage(t *testing.T) {
	for _, c := range []struct{ count, size, spares int }{{1, 2, 1}, {1, 3, 1}, {3, 3, 1}, {20, 3, 2}, {100, 3, 1}, {5, 7, 1}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			_, plan := rings(c.count, c.size, c.spares).plan(t)
			staged := 0
			for _, m := range plan.Moves {
				if m.Stage {
					staged++
				}
			}
			assert.Equal(t, c.count, staged)
			assert.Empty(t, plan.Stuck)
			assert.Len(t, plan.Moves, c.count*(c.size+1))
		})
	}
}

func TestARingWithoutASpareIsStuckAndSaysWhy(t *testing.T) {
	_, plan := rings(2, 3, 0).plan(t)
	assert.Empty(t, plan.Moves)
	require.Len(t, plan.Stuck, 6)
	assert.Equal(t, "app/r000.0 needs 4000 of cpu at r000-1, 0 is free; waits for app/r000.1, which waits for app/r000.2, "+
		"which waits for app/r000.0, and no site may hold one of them meanwhile", plan.Stuck[0].Message)
}

func TestARingOfWhichOneMaySpendTimeElsewhere(t *testing.T) {
	b := rings(1, 3, 1)
	b.rules.deny("app/r000.0", "spare0")
	b.rules.deny("app/r000.1", "spare0")
	_, plan := b.plan(t)
	require.NotEmpty(t, plan.Moves)
	assert.Equal(t, "app/r000.2", string(plan.Moves[0].Workload))
	assert.True(t, plan.Moves[0].Stage)

	b.rules.deny("app/r000.2", "spare0")
	_, plan = b.plan(t)
	assert.Len(t, plan.Stuck, 3)
}

func TestTheWayBackNeedsNoMoreThanTheWayThere(t *testing.T) {
	b := rings(10, 3, 1)
	p, plan := b.plan(t)
	back, err := Reverse(context.Background(), p, b.from, plan, nil)
	require.NoError(t, err)
	assert.Empty(t, back.Stuck)
	assert.Len(t, back.Moves, len(plan.Moves))
	clean(t, p, b.to, b.from, back, nil)
}

func TestNothingWaitsOnASiteThatIsBeingEmptied(t *testing.T) {
	b := rings(1, 3, 1)
	w, err := newWorld(b.problem(t), b.from, b.to, nil)
	require.NoError(t, err)
	q := newSequencer(w)
	q.avoid = map[int32]bool{w.siteIndex["spare0"]: true}
	plan, err := q.plan(context.Background())
	require.NoError(t, err)
	assert.Empty(t, plan.Moves)
	assert.Len(t, plan.Stuck, 3)
}
