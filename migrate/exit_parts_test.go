package migrate

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func TestReadinessIsTheSumOfItsReasons(t *testing.T) {
	full := exitOf(t, estate(), "2026-11-23").Readiness
	b := estate()
	b.rules.deny("app/db", "q-one")
	b.rules.deny("app/db", "q-two")
	less := exitOf(t, b, "2026-11-23").Readiness
	for _, r := range []Readiness{full, less} {
		sum, of := 0, 0
		for _, c := range r.Criteria {
			sum, of = sum+c.Points, of+c.Of
			assert.NotEmpty(t, c.Reason, c.Name)
			assert.LessOrEqual(t, c.Points, c.Of)
		}
		assert.Equal(t, r.Score, sum)
		assert.Equal(t, 100, of)
	}
	assert.Equal(t, 40, full.Criteria[0].Points)
	assert.Equal(t, 20, less.Criteria[0].Points, "%+v", less.Criteria[0])
	assert.Less(t, less.Score, full.Score)
}

func TestReadinessLosesWhatTheTimeDoesNotReachFor(t *testing.T) {
	r := exitOf(t, estate(), "2026-11-23")
	at := func(period topology.Micros) int {
		for _, c := range r.readiness(&placement.Problem{}, period).Criteria {
			if c.Name == "time" {
				return c.Points
			}
		}
		return -1
	}
	assert.Equal(t, 15, at(3*r.Plan.Makespan))
	assert.InDelta(t, 7, at(3*r.Plan.Makespan/2), 1)
	assert.LessOrEqual(t, at(r.Plan.Makespan/100), 0)
}

func TestAnExitIsProvenByTheCheckers(t *testing.T) {
	r := exitOf(t, estate(), "2026-11-23")
	assert.True(t, r.Proof.Holds())
	assert.Equal(t, 2*len(r.Plan.Moves), r.Proof.Asked)
	assert.Equal(t, r.Target.Digest, r.Proof.Target)
	assert.Len(t, r.Proof.Plan, 64)
	again := exitOf(t, estate(), "2026-11-23")
	assert.Equal(t, r.Proof, again.Proof, "the same input, the same proof")

	p := estate().problem(t)
	r.Plan.Moves[0].End-- // shorter than the model says
	proof, err := prove(t.Context(), p, &r.Drained, nil)
	require.NoError(t, err)
	assert.False(t, proof.Holds())
	assert.NotEmpty(t, proof.Faults)
	assert.NotEqual(t, r.Proof.Plan, proof.Plan)
}

func TestWavesAndTheWayBack(t *testing.T) {
	move := func(id int, w placement.WorkloadID, start, end topology.Micros, after ...int) Move {
		return Move{ID: id, Workload: w, From: "p", To: "q", Start: start, End: end, Bytes: 10, After: after}
	}
	plan := &Plan{Moves: []Move{move(0, "a", 0, 5), move(1, "b", 0, 9), move(2, "c", 5, 7, 0), move(3, "d", 7, 8, 2)}}
	plan.Moves[2].Route.Jurisdictions = []topology.Jurisdiction{"FR", "DE", "FR"}
	back := &Plan{Moves: []Move{{Workload: "a", From: "q", To: "p", Transfer: 4}, {Workload: "b", From: "q", To: "p", Transfer: 5},
		{Workload: "d", From: "q", To: "p", Transfer: 6}}}
	got, err := waves(plan, back)
	require.NoError(t, err)
	assert.Equal(t, []Wave{
		{Moves: []int{0, 1}, Start: 0, End: 9, Bytes: 20, Back: 2, BackTransfer: 9, Complete: true},
		{Moves: []int{2}, Start: 5, End: 7, Bytes: 10, Jurisdictions: []topology.Jurisdiction{"DE", "FR"}, Back: 2, BackTransfer: 9},
		{Moves: []int{3}, Start: 7, End: 8, Bytes: 10, Back: 3, BackTransfer: 15},
	}, got)
}

// TestWaitingForTheFreeTariff: before 12 January 2027 the egress of the switch is charged, and waiting would spare it.
func TestWaitingForTheFreeTariff(t *testing.T) {
	r := exitOf(t, estate(), "2026-11-11") // the transition begins on 11 January
	require.NotNil(t, r.Wait)
	assert.Equal(t, "2027-01-12", r.Wait.Until)
	assert.Equal(t, r.Bill[0].Cost, r.Wait.Saving)
	assert.True(t, r.Wait.InTime)
	assert.Nil(t, exitOf(t, estate(), "2026-11-12").Wait)
	var text strings.Builder
	require.NoError(t, r.Markdown(&text))
	assert.Contains(t, text.String(), "No move before 2027-01-12 would save "+r.Wait.Saving.String())
	assert.Contains(t, text.String(), "## Exit-readiness: ")
	assert.Contains(t, text.String(), "Art. 28(8)")
}

// TestATariffThatChangesMeanwhileIsSharedByMoves: of two moves one starts before midnight and one after it.
func TestATariffThatChangesMeanwhileIsSharedByMoves(t *testing.T) {
	change := time.Date(2027, 1, 12, 0, 0, 0, 0, time.UTC)
	plan := &Plan{Moves: []Move{{Start: 0}, {Start: 7_200_000_000}}}
	sums := costs{each: []topology.MicroEUR{3, 4}}
	old, free := tariff{until: change}, tariff{from: change}
	for _, c := range []struct {
		begin     time.Time
		old, free topology.MicroEUR
		some      [2]bool
	}{
		{change.Add(-time.Hour), 3, 4, [2]bool{true, true}},
		{change.Add(-3 * time.Hour), 7, 0, [2]bool{true, false}},
		{change, 0, 7, [2]bool{false, true}},
	} {
		a, someOld := old.share(plan, sums, c.begin)
		b, someFree := free.share(plan, sums, c.begin)
		assert.Equal(t, []topology.MicroEUR{c.old, c.free}, []topology.MicroEUR{a, b}, c.begin)
		assert.Equal(t, c.some, [2]bool{someOld, someFree}, c.begin)
	}
}

// Both plans of an exit are judged by the options that each was made with: on the way back precedence is turned round.
func TestAnExitWithPrecedenceHolds(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(8), func(s *topology.Site) { s.Provider = "old" })
	b.site("b", cpu(8))
	b.star(8e9)
	b.workload("app/db", cpu(1), "a", "", memory(1e9))
	b.workload("app/web", cpu(1), "a", "", memory(1e9))
	opts := &Options{
		Before:    []Precedence{{First: Which{Components: []string{"db"}}, Then: Which{Components: []string{"web"}}}},
		Deadlines: []Deadline{{Of: Which{Components: []string{"web"}}, By: asOf.Add(7 * time.Second)}},
	}
	r, err := Exit(context.Background(), b.problem(t), "old", asOf, nil, opts)
	require.NoError(t, err)
	require.Len(t, r.Plan.Moves, 2)
	require.Len(t, r.Plan.Late, 1)
	assert.Equal(t, placement.WorkloadID("app/db"), r.Plan.Moves[0].Workload)
	assert.Equal(t, placement.WorkloadID("app/web"), r.Back.Moves[0].Workload)
	assert.True(t, r.Proof.Holds(), "%+v", r.Proof)
}
