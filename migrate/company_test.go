package migrate

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// company is six workloads that move from a to b over one link, an hour and more in all.
func company() *build {
	b := newBuild()
	b.site("a", cpu(64))
	b.site("b", cpu(64))
	b.star(8e9)
	for _, id := range []string{"shop/db", "shop/api-1", "shop/api-2", "shop/api-3", "shop/api-4", "mail/box"} {
		b.workload(id, cpu(1), "a", "b", memory(6e11))
	}
	b.opts = &Options{Start: asOf, Setup: -1, SiteMoves: 8}
	return b
}

func one(id string) Which { return Which{Workloads: []placement.WorkloadID{placement.WorkloadID(id)}} }

func TestPrecedence(t *testing.T) {
	b := company()
	api := Which{Applications: []string{"shop"}, Components: []string{"api"}}
	b.opts.Before = []Precedence{{First: api, Then: one("shop/db")}, {First: one("shop/db"), Then: one("mail/box")}}
	p, plan := b.plan(t)
	require.Len(t, plan.Moves, 6)
	assert.Equal(t, placement.WorkloadID("mail/box"), plan.Moves[5].Workload)
	assert.Equal(t, placement.WorkloadID("shop/db"), plan.Moves[4].Workload)
	back, err := Reverse(context.Background(), p, b.from, plan, b.opts)
	require.NoError(t, err)
	assert.Equal(t, placement.WorkloadID("mail/box"), back.Moves[0].Workload, "what goes last there goes first back")
	clean(t, p, after(b.from, plan), b.from, back, b.opts.Back())
}

// TestContradictions: a circle is named whole, who waits for it waits in vain, the others move; a precedence that room
// contradicts is stuck with the reason.
func TestContradictions(t *testing.T) {
	b := company()
	b.opts.Before = []Precedence{
		{one("shop/api-1"), one("shop/api-2")}, {one("shop/api-2"), one("shop/api-3")}, {one("shop/api-3"), one("shop/api-1")},
		{one("shop/api-1"), one("mail/box")},
	}
	_, plan := b.plan(t)
	var all []string
	for _, s := range plan.Stuck {
		all = append(all, string(s.Workload)+": "+s.Message)
	}
	text := strings.Join(all, "\n")
	assert.Len(t, plan.Stuck, 4, text)
	assert.Contains(t, text, "the precedences contradict each other: shop/api-1 before shop/api-2 before shop/api-3 before shop/api-1", text)
	assert.Contains(t, text, "mail/box: waits for shop/api-1, which cannot move")
	assert.Len(t, plan.Moves, 2)

	b = newBuild()
	b.site("a", cpu(4))
	b.site("b", cpu(4))
	b.site("c", cpu(4))
	b.star(8e9)
	b.workload("app/x", cpu(4), "a", "b", memory(1e9))
	b.workload("app/y", cpu(4), "b", "c", memory(1e9))
	b.opts = &Options{Before: []Precedence{{one("app/x"), one("app/y")}}}
	_, plan = b.plan(t)
	require.Len(t, plan.Stuck, 2)
	assert.Empty(t, plan.Moves)
	assert.Contains(t, plan.Stuck[0].Message, "cpu at b")
}

func TestDisruption(t *testing.T) {
	b := company()
	for i := range b.apps {
		for k := range b.apps[i].Workloads {
			w := &b.apps[i].Workloads[k]
			w.Kind, w.Migration.Memory = placement.Container, 0
			w.Attributes = map[string]any{"tier": 1}
		}
	}
	b.opts.Setup = 0
	_, plan := b.plan(t)
	assert.Equal(t, topology.Micros(5e6), plan.Makespan, "all at once")
	api := Which{Applications: []string{"shop"}, Components: []string{"api"}}
	for _, c := range []struct {
		d    Disruption
		want topology.Micros
	}{
		{Disruption{Of: api, MaxUnavailable: "1"}, 20e6}, {Disruption{Of: api, MaxUnavailable: "30%"}, 10e6},
		{Disruption{Of: api, MinAvailable: "3"}, 20e6}, {Disruption{Of: api, MinAvailable: "50%"}, 10e6},
		{Disruption{Of: Which{Attributes: map[string]string{"tier": "1"}}, MaxUnavailable: "2"}, 15e6},
	} {
		b.opts.Disruptions = []Disruption{c.d}
		_, plan = b.plan(t)
		assert.Equal(t, c.want, plan.Makespan, "%+v", c.d)
	}
	b.opts.Disruptions = []Disruption{{Name: "frozen", Of: api, MinAvailable: "100%"}}
	_, plan = b.plan(t)
	assert.Len(t, plan.Stuck, 4)
	assert.Contains(t, plan.Stuck[0].Message, "the disruption budget frozen lets none of its 4 workloads move")
}

func TestDeadlines(t *testing.T) {
	b := company()
	due := func(minutes int) time.Time { return asOf.Add(time.Duration(minutes) * time.Minute) }
	b.opts.Deadlines = []Deadline{{one("mail/box"), due(11)}, {one("shop/api-4"), due(21)}}
	_, plan := b.plan(t)
	assert.Empty(t, plan.Late, "each takes ten minutes")
	assert.Equal(t, placement.WorkloadID("mail/box"), plan.Moves[0].Workload)

	b.opts.Deadlines = []Deadline{{one("mail/box"), due(9)}}
	_, plan = b.plan(t)
	require.Len(t, plan.Late, 1)
	assert.True(t, plan.Late[0].Proven)
	assert.Contains(t, plan.Late[0].Message, "it cannot end before")
	assert.Equal(t, topology.Micros(60e6), plan.Late[0].Over)

	b.opts.Deadlines = []Deadline{{Which{Applications: []string{"shop"}}, due(45)}}
	_, plan = b.plan(t)
	require.Len(t, plan.Late, 1, "five of them take fifty minutes")
	assert.True(t, plan.Late[0].Proven)
	assert.Contains(t, plan.Late[0].Message, "the moves due by then fill it")

	b.opts.Calendars = []Calendar{{Name: "later", Windows: []Slot{{From: due(60)}}}}
	_, plan = b.plan(t)
	assert.Len(t, plan.Late, 5)
}

// TestReplayFindsBrokenCompany plants faults in plans that keep to all of it.
func TestReplayFindsBrokenCompany(t *testing.T) {
	atOnce := func(p *Plan, id string) {
		for i := range p.Moves {
			if m := &p.Moves[i]; string(m.Workload) == id {
				m.Start, m.End, m.NotBefore = 0, m.End-m.Start, 0
			}
		}
		slices.SortStableFunc(p.Moves, func(a, b Move) int { return int(min(1, max(-1, a.Start-b.Start))) })
	}
	for _, c := range []struct {
		name   string
		opts   func(o *Options) // of the replay alone
		damage func(p *Plan)
		want   string
	}{
		{"a window", func(o *Options) { o.Calendars[0].Windows[0].Start = 10 }, nil, "but calendar hours is closed at"},
		{"a blackout", func(o *Options) {
			o.Calendars[0].Blackouts = []Slot{{From: asOf.Add(5 * time.Minute), Until: asOf.Add(6 * time.Minute)}}
		}, nil, "but calendar hours is closed at"},
		{"another zone", func(o *Options) { o.Calendars[0].Zone = "Europe/Warsaw" }, nil, "is closed at"},
		{"a safe time beyond the window", nil, func(p *Plan) { p.Moves[5].Safe = 3 * 3600e6 }, "is closed at"},
		{"not before its opening", nil, func(p *Plan) { p.Moves[0].NotBefore = p.Moves[0].Start + 1 }, "may not start before"},
		{"a deadline missed silently", func(o *Options) { o.Deadlines[0].By = asOf.Add(time.Minute) }, nil, "the plan does not say so"},
		{"late by less", func(o *Options) { o.Deadlines[0].By = asOf.Add(time.Minute) }, func(p *Plan) {
			p.Late = []Late{{Workload: p.Moves[0].Workload, Move: p.Moves[0].ID, By: 60e6, Over: 1, Message: "m"}}
		}, "not as the plan says"},
		{"called late", nil, func(p *Plan) { p.Late = []Late{{Workload: "mail/box", Message: "m"}} }, "and is not"},
		{"late and not moving", nil, func(p *Plan) { p.Late = []Late{{Workload: "no/body"}} }, "late and does not move"},
		{"late without words", nil, func(p *Plan) { p.Late = []Late{{Workload: "mail/box"}} }, "without a reason"},
		{"a precedence turned round", func(o *Options) { o.Before = o.Back().Before }, nil, "wants first"},
		{"a budget", func(o *Options) { o.Disruptions[0].MaxUnavailable = "0" }, nil, "workloads of disruption budget 0"},
		{"an edge of a precedence", nil, func(p *Plan) {
			for i := range p.Moves {
				p.Moves[i].After = nil
			}
		}, "with other durations: "},
		{"moved before its turn", nil, func(p *Plan) { atOnce(p, "shop/db") }, "wants first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := company()
			b.opts.Calendars = []Calendar{{Name: "hours", Zone: "Europe/Lisbon", Windows: []Slot{{Start: 0, End: 90}}}}
			b.opts.Deadlines = []Deadline{{one("mail/box"), asOf.Add(11 * time.Minute)}}
			b.opts.Before = []Precedence{{one("shop/api-1"), one("shop/db")}}
			b.opts.Disruptions = []Disruption{{Of: Which{Applications: []string{"shop"}}, MaxUnavailable: "2"}}
			p, plan := b.plan(t)
			require.Empty(t, plan.Late)
			if c.damage != nil {
				c.damage(plan)
			}
			if c.opts != nil {
				c.opts(b.opts)
			}
			faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			var all []string
			for _, f := range faults {
				all = append(all, f.Message)
			}
			assert.Contains(t, strings.Join(all, "\n"), c.want)
		})
	}
}
