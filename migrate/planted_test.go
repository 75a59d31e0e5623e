package migrate

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// plantable is a problem whose plan exercises everything that a replay judges: a ring that takes a stage, data that may
// not leave the country, a conflict, a spread, an affinity, a policy and two providers.
func plantable() *build {
	b := rings(1, 3, 1)
	other := func(s *topology.Site) { s.Provider, s.Egress = "q", 20_000 }
	b.site("wide", cpu(64), other)
	b.site("far", cpu(64), func(s *topology.Site) { s.Country = "FR" })
	b.link("wide", "ix", 10e9)
	b.link("far", "ix", 10e9, func(l *topology.Link) { l.Jurisdictions = []topology.Jurisdiction{"DE", "FR"} })
	b.link("wide", "spare0", 20e9, func(l *topology.Link) {
		l.Jurisdictions = []topology.Jurisdiction{"DE", "FR"}
		l.RTT = topology.RTT{P50: 9000, P95: 9000, P99: 9000}
	})
	b.site("home", cpu(64))
	b.link("home", "ix", 10e9)
	secret := func(w *placement.Workload) {
		w.Data, w.Migration.Memory, w.Migration.Disk = "secret", 8e9, 20e9
	}
	b.workload("pair/a-0", cpu(1), "home", "wide", secret)
	b.site("third", cpu(64), func(s *topology.Site) { s.Provider = "r" })
	b.link("third", "ix", 10e9)
	b.workload("pair/a-1", cpu(1), "wide", "third", secret)
	b.workload("pair/b", cpu(1), "home", "wide", memory(1e9))
	b.constrain("pair", placement.Spread{Components: []string{"a"}, Over: "provider", AtLeast: 2})
	b.constrain("pair", placement.Affinity{Components: []string{"b"}, With: []string{"a"}, Over: "site"})
	b.workload("solo/x", cpu(1), "far", "home", memory(2e9))
	b.workload("solo/y", cpu(1), "home", "far", memory(2e9))
	b.constrain("solo", placement.Conflict{Components: []string{"x", "y"}, Over: "country", AtMost: 2})
	idle := func(w *placement.Workload) { w.Kind = placement.Container }
	b.workload("web/u", cpu(1), "home", "far", idle)
	b.workload("web/v", cpu(1), "home", "far", idle)
	b.rules.forbid("secret", "FR")
	b.rules.deny("pair/a-0", "home")
	b.rules.deny("app/r000.0", "wide")
	b.opts = &Options{SiteMoves: 2, Passes: -1}
	return b
}

func find(t *testing.T, plan *Plan, workload placement.WorkloadID, stage bool) *Move {
	t.Helper()
	for i := range plan.Moves {
		if plan.Moves[i].Workload == workload && plan.Moves[i].Stage == stage {
			return &plan.Moves[i]
		}
	}
	t.Fatalf("no move of %s (stage %v)", workload, stage)
	return nil
}

// TestReplayFindsEveryPlantedFault damages a sound plan in one way at a time.
func TestReplayFindsEveryPlantedFault(t *testing.T) {
	shift := func(m *Move, by topology.Micros) { m.Start, m.End = m.Start+by, m.End+by }
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, p *Plan)
		want   string
	}{
		{"a move is missing", func(t *testing.T, p *Plan) { p.Moves = p.Moves[:len(p.Moves)-1] }, "ends on"},
		{"a move is there twice", func(t *testing.T, p *Plan) {
			p.Moves = append(p.Moves, p.Moves[len(p.Moves)-1])
		}, "two moves have the ID"},
		{"a workload is unknown", func(t *testing.T, p *Plan) { p.Moves[0].Workload = "who" }, "unknown"},
		{"a site is unknown", func(t *testing.T, p *Plan) { p.Moves[0].To = "where" }, "unknown"},
		{"it leads to another site", func(t *testing.T, p *Plan) { find(t, p, "solo/x", false).To = "wide" }, "ends on wide"},
		{"it starts from another site", func(t *testing.T, p *Plan) { find(t, p, "solo/x", false).From = "wide" }, "not on wide"},
		{"it ends before it starts", func(t *testing.T, p *Plan) { p.Moves[0].End = p.Moves[0].Start }, "lasts from"},
		{"moves are out of order", func(t *testing.T, p *Plan) { slices.Reverse(p.Moves) }, "out of order"},
		{"a stage is not marked", func(t *testing.T, p *Plan) {
			for i := range p.Moves {
				p.Moves[i].Stage = false
			}
		}, "not marked as a stage"},
		{"the last move is marked a stage", func(t *testing.T, p *Plan) { find(t, p, "solo/x", false).Stage = true }, "left on a stage"},
		{"a forbidden method", func(t *testing.T, p *Plan) { p.Moves[0].Method = placement.BlueGreen }, "may not be moved by blue-green"},
		{"too quick", func(t *testing.T, p *Plan) { m := &p.Moves[len(p.Moves)-1]; m.End -= 5000 }, "duration"},
		{"a safe duration below the expected one", func(t *testing.T, p *Plan) { p.Moves[0].Safe = p.Moves[0].End - p.Moves[0].Start }, "safe duration"},
		{"no safe duration", func(t *testing.T, p *Plan) { p.Moves[0].Safe = 0 }, "safe duration"},
		{"too little downtime", func(t *testing.T, p *Plan) { p.Moves[0].Downtime = 0 }, "downtime"},
		{"too few bytes", func(t *testing.T, p *Plan) { p.Moves[0].Bytes /= 2 }, "bytes of"},
		{"sends without a rate", func(t *testing.T, p *Plan) { p.Moves[0].Rate = 0 }, "at 0 bit/s"},
		{"a rate above the link", func(t *testing.T, p *Plan) { p.Moves[0].Rate *= 2 }, "too much for"},
		{"a hop is missing", func(t *testing.T, p *Plan) {
			m := &p.Moves[0]
			m.Route.Hops = m.Route.Hops[1:]
		}, "is no link from"},
		{"a route that ends early", func(t *testing.T, p *Plan) {
			m := &p.Moves[0]
			m.Route.Hops = m.Route.Hops[:1]
		}, "its route ends at"},
		{"a link that does not exist", func(t *testing.T, p *Plan) { p.Moves[0].Route.Hops[0].Link = "air" }, "is no link from"},
		{"a route for somebody else", func(t *testing.T, p *Plan) { p.Moves[0].Route.To = "far" }, "its route leads from"},
		{"a hop under a false flag", func(t *testing.T, p *Plan) { p.Moves[0].Route.Hops[0].Operator = "other" }, "does not say what"},
		{"jurisdictions left out", func(t *testing.T, p *Plan) {
			find(t, p, "solo/x", false).Route.Jurisdictions = []topology.Jurisdiction{"DE"}
		}, "its route crosses"},
		{"a hop that its data may not take", func(t *testing.T, p *Plan) {
			m := find(t, p, "pair/a-0", false)
			m.Route.Hops = append(slices.Clone(m.Route.Hops[:1]),
				latency.Hop{Link: "spare0--ix", From: "ix", To: "spare0", Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"}},
				latency.Hop{Link: "wide--spare0", From: "spare0", To: "wide", Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE", "FR"}})
		}, `data of class "secret" may not cross wide--spare0`},
		{"a refused stage", func(t *testing.T, p *Plan) {
			find(t, p, "app/r000.0", true).To = "wide"
			find(t, p, "app/r000.0", false).From = "wide"
		}, "policies refuse app/r000.0 on wide"},
		{"swapped times", func(t *testing.T, p *Plan) {
			a, b := find(t, p, "app/r000.1", false), find(t, p, "app/r000.2", false)
			a.Start, a.End, b.Start, b.End = b.Start, b.End, a.Start, a.End
			a.ID, b.ID = b.ID, a.ID
			sortMoves(p)
		}, "overfills"},
		{"two copies share a link", func(t *testing.T, p *Plan) {
			shift(find(t, p, "pair/b", false), find(t, p, "pair/a-0", false).Start-find(t, p, "pair/b", false).Start)
			sortMoves(p)
		}, "which carries"},
		{"spread members move together", func(t *testing.T, p *Plan) {
			a, b := find(t, p, "pair/a-0", false), find(t, p, "pair/a-1", false)
			shift(a, -a.Start)
			shift(b, -b.Start)
			a.After, b.After = nil, nil
			b.End = a.End + 1
			sortMoves(p)
		}, "leaves a spread"},
		{"an edge that goes nowhere", func(t *testing.T, p *Plan) { p.Moves[0].After = []int{99} }, "is no move"},
		{"an edge against time", func(t *testing.T, p *Plan) { p.Moves[0].After = []int{p.Moves[len(p.Moves)-1].ID} }, "which ends at"},
		{"stuck for no reason", func(t *testing.T, p *Plan) { p.Stuck = append(p.Stuck, Stuck{Workload: "app/r000.0"}) }, "both moved and stuck"},
		{"makespan", func(t *testing.T, p *Plan) { p.Makespan++ }, "makespan"},
		{"bytes", func(t *testing.T, p *Plan) { p.Bytes++ }, "bytes: the plan says"},
		{"transfer", func(t *testing.T, p *Plan) { p.Transfer++ }, "transfer: the plan says"},
		{"transfer of a move", func(t *testing.T, p *Plan) { find(t, p, "pair/a-1", false).Transfer-- }, "its transfer costs"},
		{"double", func(t *testing.T, p *Plan) { p.Double-- }, "double running"},
		{"peak", func(t *testing.T, p *Plan) { p.PeakDouble[topology.CPU]-- }, "is held twice"},
		{"bound", func(t *testing.T, p *Plan) { p.Bound = p.Makespan + 1 }, "no lower bound"},
		{"gap", func(t *testing.T, p *Plan) { p.Gap += 0.01 }, "the gap is"},
		{"a return that there is not", func(t *testing.T, p *Plan) {
			m := find(t, p, "pair/a-0", false)
			m.Undo, m.NoReturn = "just go back", ""
		}, "claims that it can be undone"},
		{"point of no return", func(t *testing.T, p *Plan) { p.NoReturn = -1 }, "point of no return"},
		{"somebody new", func(t *testing.T, p *Plan) { p.Initial = append(p.Initial, "pair/a-0") }, "placed for the first time"},
		{"somebody gone", func(t *testing.T, p *Plan) { p.Removed = append(p.Removed, "pair/a-0") }, "to be removed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := plantable()
			p, plan := b.plan(t)
			require.GreaterOrEqual(t, plan.NoReturn, 0)
			for i := range plan.Moves {
				plan.Moves[i].Route.Hops = slices.Clone(plan.Moves[i].Route.Hops)
			}
			c.damage(t, plan)
			faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			found := slices.ContainsFunc(faults, func(f Fault) bool { return strings.Contains(f.Message, c.want) })
			assert.True(t, found, "%+v", faults)
		})
	}
}

func sortMoves(p *Plan) {
	slices.SortFunc(p.Moves, func(a, b Move) int {
		if a.Start != b.Start {
			return int(a.Start - b.Start)
		}
		return a.ID - b.ID
	})
}

// TestReplayFindsChangesOfTheWorld keeps the plan and changes what it was made for.
func TestReplayFindsChangesOfTheWorld(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(b *build)
		want   string
	}{
		{"less room", func(b *build) {
			for i := range b.spec.Sites {
				b.spec.Sites[i].Capacity = cpu(4)
			}
		}, "overfills"},
		{"less bandwidth", func(b *build) { b.spec.Links[0].Bandwidth /= 2 }, "too much for"},
		{"a site is closed", func(b *build) { b.spec.Sites[0].State = topology.Cordoned }, "takes nothing new"},
		{"a site is down", func(b *build) { b.spec.Sites[0].State = topology.Down }, "nothing can be copied"},
		{"no runtime", func(b *build) { b.spec.Sites[0].Runtimes = []topology.Runtime{topology.Kubernetes} }, "does not run"},
		{"pinned", func(b *build) { b.apps[0].Workloads[0].Site = "r000-0" }, "belongs on"},
		{"another tier", func(b *build) { b.apps[0].Workloads[0].Tiers = []topology.Tier{topology.Cloud} }, "wrong tier"},
		{"a label", func(b *build) { b.apps[0].Workloads[0].Labels = map[string]string{"zone": "a"} }, "lacks a label"},
		{"a denial", func(b *build) { b.rules.deny("app/r000.1", "r000-2") }, "policies refuse"},
		{"a border", func(b *build) { b.rules.forbid("secret", "net") }, "may not cross"},
		{"a conflict", func(b *build) {
			b.constrain("app", placement.Conflict{Components: []string{"r000.0", "r000.1"}, Over: "provider", AtMost: 1})
			b.spec.Sites[0].Provider, b.spec.Sites[3].Provider = "q", "q"
		}, "workloads of a conflict"},
		{"an affinity", func(b *build) {
			b.constrain("solo", placement.Affinity{Components: []string{"x"}, With: []string{"y"}, Over: "country"})
			b.from["solo/y"] = "far"
			b.to["solo/y"] = "far"
		}, "is broken at the end"},
		{"more at once than allowed", func(b *build) { b.opts.SiteMoves = 1 }, "at once"},
		{"a longer setup", func(b *build) { b.opts.Setup = 50_000_000 }, "duration"},
		{"a budget", func(b *build) { b.apps[0].Workloads[0].Migration.Downtime = 1000 }, "may be down for"},
		{"dirty memory", func(b *build) { b.apps[0].Workloads[0].Migration.DirtyRate = 5e9 }, "dirty faster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := plantable()
			_, plan := b.plan(t)
			c.change(b)
			faults, err := Replay(context.Background(), b.problem(t), b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			found := slices.ContainsFunc(faults, func(f Fault) bool { return strings.Contains(f.Message, c.want) })
			assert.True(t, found, "%+v", faults)
		})
	}
}

// TestReplayMissesNoEdgeThatMatters drops one edge at a time. Where the replay finds nothing, the edge must follow from
// others.
func TestReplayMissesNoEdgeThatMatters(t *testing.T) {
	b := plantable()
	p, plan := b.plan(t)
	dropped := 0
	for i := range plan.Moves {
		edges := plan.Moves[i].After
		for k, id := range edges {
			plan.Moves[i].After = slices.Delete(slices.Clone(edges), k, k+1)
			faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			if len(faults) == 0 {
				assert.True(t, follows(plan, i, id), "the edge from %d to %d", id, plan.Moves[i].ID)
			}
			dropped++
		}
		plan.Moves[i].After = edges
	}
	assert.Greater(t, dropped, 5)
}

// follows says whether a move waits for another through others.
func follows(p *Plan, i, id int) bool {
	for _, first := range p.Moves[i].After {
		if first == id || follows(p, first, id) {
			return true
		}
	}
	return false
}
