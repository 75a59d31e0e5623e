package placement

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

const worlds = 60

// forWorlds runs a property on random worlds. Every one of them was seen to fail under a planted bug.
func forWorlds(t *testing.T, property func(t *testing.T, w *checkWorld, r *rand.Rand)) {
	for seed := range uint64(worlds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			world := newWorld
			if seed%2 > 0 {
				world = wholeWorld
			}
			property(t, world(t, seed, 8, 3), rand.New(rand.NewPCG(seed, 2)))
		})
	}
}

// What a move changes is the difference between two full evaluations, to the last unit.
func TestWhyNotDeltasAreDifferencesOfEvaluations(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		ctx := context.Background()
		before, err := Evaluate(ctx, w.p, w.a)
		require.NoError(t, err)
		for _, id := range w.workloads() {
			s := randomSite(r, w.spec).ID
			answer, err := WhyNot(ctx, Answer{w.p, w.a}, id, s)
			require.NoError(t, err)
			after, err := Evaluate(ctx, w.p, w.with(id, s))
			require.NoError(t, err)
			for i, delta := range answer.Tiers {
				require.Equal(t, after.Tiers[i].Value-before.Tiers[i].Value, delta.Delta, "%s to %s: %s", id, s, delta.Name)
			}
		}
	})
}

// From a sound assignment, WhyNot finds exactly what Check finds after the move; capacity in its own words.
func TestWhyNotAgreesWithCheck(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		ctx := context.Background()
		w.settle(t)
		for _, id := range w.workloads() {
			s := randomSite(r, w.spec).ID
			answer, err := WhyNot(ctx, Answer{w.p, w.a}, id, s)
			require.NoError(t, err)
			found, err := Check(ctx, w.p, w.with(id, s))
			require.NoError(t, err)
			require.Equal(t, told(found), told(answer.Violations), "%s to %s", id, s)
		}
	})
}

// told is a list of violations without what differs between the view of a move and that of a whole assignment.
func told(found []Violation) []string {
	lines := []string{}
	for _, v := range found {
		v.Before, v.Inherited = 0, false
		if v.Kind == ByCapacity {
			lines = append(lines, fmt.Sprint(v.Kind, v.Site, v.Have, v.Want, v.Unit))
		} else {
			lines = append(lines, fmt.Sprint(v))
		}
	}
	slices.Sort(lines)
	return lines
}

// Why counts as WhyNot judges, and its runner-up is the best site that WhyNot has nothing against.
func TestWhyAgreesWithWhyNot(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		ctx, ids := context.Background(), w.workloads()
		id := ids[r.IntN(len(ids))]
		why, err := Why(ctx, Answer{w.p, w.a}, id)
		require.NoError(t, err)
		admissible, refused := 0, make(map[ConstraintKind]int)
		var best *WhyNotAnswer
		for _, site := range w.spec.Sites {
			not, err := WhyNot(ctx, Answer{w.p, w.a}, id, site.ID)
			require.NoError(t, err)
			if len(not.Violations) == 0 {
				admissible++
			}
			if site.ID == w.a[id] {
				continue
			}
			kinds := make(map[ConstraintKind]bool)
			for _, v := range not.Violations {
				kinds[v.Kind] = true
			}
			for kind := range kinds {
				refused[kind]++
			}
			if len(kinds) == 0 && (best == nil || compareDeltas(not.Tiers, best.Tiers) < 0) {
				best = not
			}
		}
		require.Equal(t, admissible, why.Admissible)
		require.Equal(t, refused, why.Refused)
		if best == nil {
			require.Nil(t, why.RunnerUp)
		} else {
			require.Equal(t, &Alternative{best.Site, best.Tiers}, why.RunnerUp)
		}
	})
}

// Refused moves would have paid, are refused, and are one per component.
func TestRefusalsAreRefusedAndWouldPay(t *testing.T) {
	some := 0
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		ctx := context.Background()
		w.settle(t)
		all, err := Refusals(ctx, Answer{w.p, w.a}, 100)
		require.NoError(t, err)
		components := make(map[string]bool)
		for _, answer := range all {
			not, err := WhyNot(ctx, Answer{w.p, w.a}, answer.Workload, answer.Site)
			require.NoError(t, err)
			require.Equal(t, *not, answer)
			require.NotEmpty(t, answer.Violations)
			require.Negative(t, compareDeltas(answer.Tiers, make([]TierDelta, len(answer.Tiers))))
			component := strings.TrimRight(string(answer.Workload), "-0123456789")
			require.False(t, components[component], "%s twice", component)
			components[component] = true
		}
		some += len(all)
		few, err := Refusals(ctx, Answer{w.p, w.a}, 2)
		require.NoError(t, err)
		require.Equal(t, all[:min(2, len(all))], few)
	})
	require.Greater(t, some, worlds)
}

// everything is all answers about a world, in words.
func everything(t *testing.T, p *Problem, a Assignment) string {
	ctx := context.Background()
	found, err := Check(ctx, p, a)
	require.NoError(t, err)
	worth, err := Evaluate(ctx, p, a)
	require.NoError(t, err)
	text := fmt.Sprintln(found) + fmt.Sprintln(worth.Tiers, worth.Terms, worth.Unplaced)
	for _, line := range worth.Lines {
		users := line.Users
		line.Users = nil
		text += fmt.Sprintln(line)
		if users != nil {
			text += fmt.Sprintln(*users)
		}
	}
	refused, err := Refusals(ctx, Answer{p, a}, 5)
	require.NoError(t, err)
	more, err := json.Marshal(refused)
	require.NoError(t, err)
	return text + string(more)
}

// The order in which a problem lists things says nothing.
func TestOrderDoesNotMatter(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		want := everything(t, w.p, w.a)
		spec := w.spec
		spec.Sites, spec.Links = slices.Clone(spec.Sites), slices.Clone(spec.Links)
		r.Shuffle(len(spec.Sites), func(i, j int) { spec.Sites[i], spec.Sites[j] = spec.Sites[j], spec.Sites[i] })
		r.Shuffle(len(spec.Links), func(i, j int) { spec.Links[i], spec.Links[j] = spec.Links[j], spec.Links[i] })
		p := *w.p
		p.Continuum = mustContinuum(t, spec)
		p.Applications = slices.Clone(p.Applications)
		slices.Reverse(p.Applications)
		for i := range p.Applications {
			app := &p.Applications[i]
			app.Workloads, app.Flows, app.Constraints = slices.Clone(app.Workloads), slices.Clone(app.Flows), slices.Clone(app.Constraints)
			slices.Reverse(app.Workloads) // keeps replicas together
			r.Shuffle(len(app.Flows), func(i, j int) { app.Flows[i], app.Flows[j] = app.Flows[j], app.Flows[i] })
			slices.Reverse(app.Constraints)
		}
		require.Equal(t, want, everything(t, &p, w.a))
	})
}

// A site that nothing uses and nothing may use changes no value and no violation.
func TestUnusedSiteDoesNotMatter(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		want := everything(t, w.p, w.a)
		spec := w.spec
		spec.Sites = append(slices.Clone(spec.Sites), topology.Site{
			ID: "s00a", Provider: "p0", Country: "DE", Tier: topology.Edge, State: topology.Down,
		})
		p := *w.p
		p.Continuum = mustContinuum(t, spec)
		require.Equal(t, want, everything(t, &p, w.a))
	})
}

// Other names in the same order give the same answers in other words.
func TestNamesDoNotMatter(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		want := everything(t, w.p, w.a)
		p, rename := *w.p, strings.NewReplacer("app", "uvw")
		p.Applications = slices.Clone(p.Applications)
		for i := range p.Applications {
			app := &p.Applications[i]
			app.Name, app.Tenant = rename.Replace(app.Name), rename.Replace(app.Tenant)
			app.Workloads = slices.Clone(app.Workloads)
			for k := range app.Workloads {
				load := &app.Workloads[k]
				load.ID = WorkloadID(rename.Replace(string(load.ID)))
				load.Application, load.Tenant = app.Name, app.Tenant
			}
		}
		renamed := func(a Assignment) Assignment {
			out := make(Assignment)
			for id, s := range a {
				out[WorkloadID(rename.Replace(string(id)))] = s
			}
			return out
		}
		p.Current = renamed(p.Current)
		require.Equal(t, rename.Replace(want), everything(t, &p, renamed(w.a)))
	})
}

// Nothing that is asked changes the problem or the assignment.
func TestProblemIsNotChanged(t *testing.T) {
	for seed := range uint64(worlds) {
		ctx := context.Background()
		used, fresh := wholeWorld(t, seed, 8, 3), wholeWorld(t, seed, 8, 3)
		everything(t, used.p, used.a)
		id := used.workloads()[0]
		_, err := Why(ctx, Answer{used.p, used.a}, id)
		require.NoError(t, err)
		_, err = Diff(ctx, Answer{used.p, used.a}, Answer{used.p, used.with(id, "s00")})
		require.NoError(t, err)
		require.Error(t, VerifyBounds(ctx, used.p, &Result{Assignment: used.a}))
		require.Equal(t, fresh.a, used.a)
		require.Equal(t, fresh.p.Applications, used.p.Applications)
		require.Equal(t, fresh.p.Current, used.p.Current)
		require.Equal(t, fresh.p.Budgets, used.p.Budgets)
		require.Equal(t, fresh.p.Objective, used.p.Objective)
		require.Equal(t, fresh.p.Continuum.Digest(), used.p.Continuum.Digest())
	}
}

// Moving there and back is no difference, and two differences add up to one.
func TestDiffAddsUp(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		ctx := context.Background()
		other, third := maps.Clone(w.a), maps.Clone(w.a)
		for _, id := range w.workloads() {
			other[id], third[id] = randomSite(r, w.spec).ID, randomSite(r, w.spec).ID
		}
		diff := func(from, to Assignment) *Difference {
			d, err := Diff(ctx, Answer{w.p, from}, Answer{w.p, to})
			require.NoError(t, err)
			return d
		}
		one, two, both, back := diff(w.a, other), diff(other, third), diff(w.a, third), diff(other, w.a)
		require.Equal(t, both.Price, one.Price+two.Price)
		require.Equal(t, both.Traffic, one.Traffic+two.Traffic)
		require.Equal(t, both.Emissions, one.Emissions+two.Emissions)
		for i, tier := range both.Tiers {
			require.Equal(t, tier.Delta, one.Tiers[i].Delta+two.Tiers[i].Delta, tier.Name)
		}
		require.Len(t, both.Tiers, len(w.p.Objective))
		require.Equal(t, -one.Price, back.Price)
		require.Equal(t, one.Restored, back.Broken)
		require.Equal(t, len(one.Moved), len(back.Moved))
		for country, n := range one.Countries {
			require.Equal(t, -n, back.Countries[country])
		}
		same := diff(w.a, w.a)
		require.Empty(t, same.Moved)
		require.Zero(t, same.Price)
		require.Zero(t, same.Latency)
	})
}
