package plan

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	policyv1 "k8s.io/api/policy/v1"
)

func TestRead(t *testing.T) {
	p, err := Read("plan.json", strings.NewReader(`{"moves":[{"id":1,"workload":"shop/web","from":"a","to":"b"},{"id":2,"workload":"shop/db","from":"a","to":"b","after":[1]}]}`))
	require.NoError(t, err)
	assert.Len(t, p.Moves, 2)
	_, err = Read("plan.json", strings.NewReader(`{"moves":[{"id":1,"from":"a","to":"a"},{"id":1,"workload":"x","from":"a","to":"b","after":[7]}]}`))
	for _, want := range []string{"moves[0].workload: is missing", "moves[0].to: from and to", "moves[1].id: 1 is there twice", "moves[1].after: there is no move 7"} {
		assert.ErrorContains(t, err, want)
	}
	assert.ErrorIs(t, err, ErrInvalid)
	_, err = Read("plan.json", strings.NewReader(`[`))
	assert.ErrorIs(t, err, ErrInvalid)
}

func FuzzRead(f *testing.F) {
	f.Add(`{"moves":[{"id":1,"workload":"shop/web-1","from":"site-a","to":"b","after":[2]},{"id":2,"workload":"x","from":"a","to":"b","after":[1]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Read("plan.json", strings.NewReader(text))
		if err != nil {
			return
		}
		e, err := Make(p, find(pod("web-1", "web")), []policyv1.PodDisruptionBudget{budget("web", "web", 1)}, home)
		require.NoError(t, err)
		if len(e.Steps)+len(e.Refused) != len(p.Moves) {
			t.Fatalf("%d moves, %d steps and %d refused", len(p.Moves), len(e.Steps), len(e.Refused))
		}
	})
}
