package placement

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// soundProblem is one without defects: two components, a flow, a constraint.
func soundProblem(t *testing.T) *Problem {
	work := func(component string, n string) Workload {
		return Workload{
			ID: WorkloadID("shop/" + component + n), Application: "shop", Tenant: "acme", Component: component, Kind: VM,
			Demand: topology.Resources{topology.CPU: 1000}, Priority: 1,
		}
	}
	return &Problem{
		Continuum: mustContinuum(t, topology.Spec{
			Providers:    []topology.Provider{{ID: "p", Country: "DE"}},
			Sites:        []topology.Site{{ID: "s", Provider: "p", Country: "DE", Tier: topology.Edge}},
			AccessPoints: []topology.AccessPoint{{ID: "users", Country: "DE"}},
		}),
		Applications: []Application{{
			Name: "shop", Tenant: "acme",
			Workloads:   []Workload{work("api", "-1"), work("api", "-2"), work("db", "")},
			Flows:       []Flow{{FromAccess: "users", To: "api"}, {FromComponent: "api", To: "db"}},
			Constraints: []Constraint{Spread{[]string{"api"}, "site", 2}},
		}},
	}
}

func TestSoundProblem(t *testing.T) {
	require.NoError(t, validate(soundProblem(t)))
	p := soundProblem(t)
	p.Objective = DefaultObjective
	p.Current = Assignment{"gone/x": "s", "shop/db": "gone"} // what is gone is ignored
	require.NoError(t, validate(p))
	p.Objective = Objective{{"all", []Term{
		{Kind: Unplaced, Weight: 1}, {Kind: Excess, Weight: 1, Dimension: "nobody-has-it", Per: 1000}, {Kind: Excess, Dimension: "cpu"},
		{Kind: Balance, Weight: 1, Dimension: "nobody-has-it", Against: "cpu", Ratio: 3}, {Kind: Relocation, Weight: 1}, {Kind: GroupMoves},
	}}}
	p.Transient = []topology.Dimension{"nobody-has-it", "cpu"}
	p.Budgets = []Budget{
		MoveBudget{}, MoveBudget{5}, ShareBudget{"label:rack", "nobody-has-it", 0}, ShareBudget{"site", "cpu", 1000},
		CostBudget{[]Term{{Kind: Price, Weight: 1}, {Kind: Traffic}}, 0},
	}
	require.NoError(t, validate(p))
}

type otherConstraint struct{ Gang }

// Every defect is named with its field.
func TestDefects(t *testing.T) {
	app := func(p *Problem) *Application { return &p.Applications[0] }
	work := func(p *Problem) *Workload { return &p.Applications[0].Workloads[0] }
	flow := func(p *Problem) *Flow { return &p.Applications[0].Flows[0] }
	constrain := func(c ...Constraint) func(*Problem) {
		return func(p *Problem) { app(p).Constraints = c }
	}
	terms := func(t ...Term) func(*Problem) {
		return func(p *Problem) {
			p.Objective = Objective{{"a", []Term{{Kind: Unplaced, Weight: 1}}}, {"b", t}}
		}
	}
	budget := func(b Budget) func(*Problem) { return func(p *Problem) { p.Budgets = []Budget{b} } }
	for want, plant := range map[string]func(*Problem){
		"continuum: missing":               func(p *Problem) { p.Continuum = nil },
		"rules[0]: missing":                func(p *Problem) { p.Rules = []Rule{nil} },
		"applications[0] ().name: missing": func(p *Problem) { app(p).Name = "" },
		`applications[1] (shop).name: also the name of applications[0]`: func(p *Problem) {
			p.Applications = append(p.Applications, Application{Name: "shop"})
		},
		`applications[0] (shop).workloads[1].id: "shop/api-1" is also the ID of applications[0] (shop).workloads[0]`: func(p *Problem) {
			app(p).Workloads[1].ID = "shop/api-1"
		},
		"applications[0] (shop).workloads[0].id: missing":                                               func(p *Problem) { work(p).ID = "" },
		"applications[0] (shop).workloads[0].component: missing":                                        func(p *Problem) { work(p).Component = "" },
		`applications[0] (shop).workloads[0].application: "shoe", but it stands in application "shop"`:  func(p *Problem) { work(p).Application = "shoe" },
		`applications[0] (shop).workloads[0].tenant: "evil", but its application is of tenant "acme"`:   func(p *Problem) { work(p).Tenant = "evil" },
		`applications[0] (shop).workloads[0].kind: "pod" is none of vm, container, machine and cluster`: func(p *Problem) { work(p).Kind = "pod" },
		"applications[0] (shop).workloads[0].demand.cpu: -5 is negative":                                func(p *Problem) { work(p).Demand = topology.Resources{"cpu": -5} },
		"applications[0] (shop).workloads[0].demand: a dimension has no name":                           func(p *Problem) { work(p).Demand = topology.Resources{"": 5} },
		"applications[0] (shop).workloads[0].priority: 0 is below 1":                                    func(p *Problem) { work(p).Priority = 0 },
		"applications[0] (shop).workloads[0].tiers: there is no tier 9":                                 func(p *Problem) { work(p).Tiers = []topology.Tier{9} },
		"applications[0] (shop).workloads[0].labels: a label has no key":                                func(p *Problem) { work(p).Labels = map[string]string{"": "x"} },
		"applications[0] (shop).workloads[0].attributes.n: a value of type int cannot stand in a file":  func(p *Problem) { work(p).Attributes = map[string]any{"n": 1} },
		"applications[0] (shop).workloads[0].attributes.n.m[1]: NaN is no finite number":                func(p *Problem) { work(p).Attributes = map[string]any{"n": map[string]any{"m": []any{"", math.NaN()}}} },
		"applications[0] (shop).workloads[0].attributes.n: is empty":                                    func(p *Problem) { work(p).Attributes = map[string]any{"n": nil} },
		"applications[0] (shop).workloads[0].moveCost: -1 is negative":                                  func(p *Problem) { work(p).MoveCost = -1 },
		"applications[0] (shop).workloads[0].migration.dirtyRate: -1 is negative":                       func(p *Problem) { work(p).Migration.DirtyRate = -1 },
		"applications[0] (shop).workloads[0].migration.downtime: -1 is negative":                        func(p *Problem) { work(p).Migration.Downtime = -1 },
		`applications[0] (shop).workloads[0].migration.methods: "beam" is none of pre-copy, post-copy, stop-and-copy, blue-green and rolling`: func(p *Problem) {
			work(p).Migration.Methods = []Method{"beam"}
		},
		"applications[0] (shop).workloads[0].migration.methods: pre-copy is named twice": func(p *Problem) {
			work(p).Migration.Methods = []Method{PreCopy, PreCopy}
		},
		`applications[0] (shop).workloads[0] (shop/api-1).site: there is no site "moon"`: func(p *Problem) { work(p).Site = "moon" },
		"applications[0] (shop).workloads[2].component: the replicas of api do not stand together": func(p *Problem) {
			w := app(p).Workloads
			w[1], w[2] = w[2], w[1]
		},
		`applications[0] (shop).flows[0].fromAccess: there is no access point "mars"`:                  func(p *Problem) { flow(p).FromAccess = "mars" },
		"applications[0] (shop).flows[0]: comes from nowhere: fromAccess or from must be set":          func(p *Problem) { flow(p).FromAccess = "" },
		"applications[0] (shop).flows[0].from: fromAccess is set, too":                                 func(p *Problem) { flow(p).FromComponent = "db" },
		`applications[0] (shop).flows[1].from: there is no component "ghost"`:                          func(p *Problem) { app(p).Flows[1].FromComponent = "ghost" },
		`applications[0] (shop).flows[0].to: there is no component "ghost"`:                            func(p *Problem) { flow(p).To = "ghost" },
		"applications[0] (shop).flows[0].to: missing":                                                  func(p *Problem) { flow(p).To = "" },
		"applications[0] (shop).flows[0].rate: -1 is negative":                                         func(p *Problem) { flow(p).Rate = -1 },
		"applications[0] (shop).flows[0].bound: -1 is negative":                                        func(p *Problem) { flow(p).Bound = -1 },
		"applications[0] (shop).flows[0].percentile: 1000 is none":                                     func(p *Problem) { flow(p).Percentile = latency.Percentile(1000) },
		"applications[0] (shop).constraints[0]: missing":                                               constrain(nil),
		"applications[0] (shop).constraints[0]: *placement.Gang is none of":                            constrain(&Gang{[]string{"api"}}),
		"applications[0] (shop).constraints[0]: placement.otherConstraint is none of":                  constrain(otherConstraint{}),
		"applications[0] (shop).constraints[0].spread.components: missing":                             constrain(Spread{nil, "site", 1}),
		`applications[0] (shop).constraints[0].spread.components: there is no component "x"`:           constrain(Spread{[]string{"x"}, "site", 1}),
		"applications[0] (shop).constraints[0].spread.components: api is named twice":                  constrain(Spread{[]string{"api", "api"}, "site", 1}),
		"applications[0] (shop).constraints[0].spread.atLeast: 0 is below 1":                           constrain(Spread{[]string{"api"}, "site", 0}),
		"applications[0] (shop).constraints[0].spread.over: missing":                                   constrain(Spread{[]string{"api"}, "", 1}),
		`applications[0] (shop).constraints[0].spread.over: "rack" is none of site, provider, country`: constrain(Spread{[]string{"api"}, "rack", 1}),
		"applications[0] (shop).constraints[0].conflict.over: label: without a key":                    constrain(Conflict{[]string{"api"}, "label:", 1}),
		"applications[0] (shop).constraints[0].conflict.atMost: 0 is below 1: nothing could be placed": constrain(Conflict{[]string{"api"}, "site", 0}),
		`applications[0] (shop).constraints[0].affinity.with: there is no component "x"`:               constrain(Affinity{[]string{"api"}, []string{"x"}, "site"}),
		"applications[0] (shop).constraints[0].affinity.with: api is to be with itself":                constrain(Affinity{[]string{"api"}, []string{"api"}, "site"}),
		"applications[0] (shop).constraints[0].gang.components: missing":                               constrain(Gang{}),
		"applications[0] (shop).constraints[0].spread: contradicts constraints[1], which wants all of api, db on one provider": constrain(
			Spread{[]string{"api"}, "provider", 2}, Affinity{[]string{"api", "db"}, nil, "provider"}),
		"applications: the sum of all demands for cpu overflows": func(p *Problem) { work(p).Demand = topology.Resources{"cpu": math.MaxInt64} },
		"applications: the sum of all priorities overflows":      func(p *Problem) { work(p).Priority = math.MaxInt64 },
		"objective[0] ().name: missing":                          func(p *Problem) { p.Objective = Objective{{"", []Term{{Kind: Unplaced, Weight: 1}}}} },
		"objective[1] (a).name: used twice":                      func(p *Problem) { p.Objective = Objective{{"a", []Term{{Kind: Unplaced, Weight: 1}}}, {Name: "a"}} },
		`objective[0] (a).terms[1].kind: there is no term "joy"`: func(p *Problem) {
			p.Objective = Objective{{"a", []Term{{Kind: Unplaced, Weight: 1}, {Kind: "joy", Weight: 1}}}}
		},
		"objective[0] (a).terms[1].kind: unplaced stands in this tier twice": func(p *Problem) {
			p.Objective = Objective{{"a", []Term{{Kind: Unplaced, Weight: 1}, {Kind: Unplaced, Weight: 1}}}}
		},
		"objective[0] (a).terms[1].weight: -1 is negative": func(p *Problem) {
			p.Objective = Objective{{"a", []Term{{Kind: Unplaced, Weight: 1}, {Kind: Price, Weight: -1}}}}
		},
		"objective[1] (b).terms[2].kind: balance of cpu against memory stands in this tier twice": terms(
			Term{Kind: Balance, Dimension: "cpu", Against: "memory", Ratio: 1}, Term{Kind: Balance, Dimension: "memory", Against: "cpu"},
			Term{Kind: Balance, Dimension: "cpu", Against: "memory", Ratio: 2}),
		"objective[1] (b).terms[1].kind: excess of cpu stands in this tier twice": terms(
			Term{Kind: Excess, Dimension: "cpu"}, Term{Kind: Excess, Dimension: "cpu", Per: 5}),
		"objective[1] (b).terms[0].dimension: missing":                                     terms(Term{Kind: Excess}),
		"objective[1] (b).terms[0].against: missing":                                       terms(Term{Kind: Balance, Dimension: "cpu"}),
		"objective[1] (b).terms[0].dimension: load has none":                               terms(Term{Kind: Load, Dimension: "cpu"}),
		"objective[1] (b).terms[0].against: excess has none":                               terms(Term{Kind: Excess, Dimension: "cpu", Against: "memory"}),
		"objective[1] (b).terms[0].ratio: excess has none":                                 terms(Term{Kind: Excess, Dimension: "cpu", Ratio: 1}),
		"objective[1] (b).terms[0].per: relocation has none":                               terms(Term{Kind: Relocation, Per: 1}),
		"objective[1] (b).terms[0].per: -1 is negative":                                    terms(Term{Kind: Excess, Dimension: "cpu", Per: -1}),
		"objective[1] (b).terms[0].ratio: -1 is negative":                                  terms(Term{Kind: Balance, Dimension: "cpu", Against: "x", Ratio: -1}),
		"objective[1] (b).terms[0].weight: -2 is negative":                                 terms(Term{Kind: GroupMoves, Weight: -2}),
		"transient[1]: a dimension has no name":                                            func(p *Problem) { p.Transient = []topology.Dimension{"cpu", ""} },
		"transient[2]: cpu is named twice":                                                 func(p *Problem) { p.Transient = []topology.Dimension{"cpu", "x", "cpu"} },
		"budgets[0]: missing":                                                              budget(nil),
		"budgets[0]: *placement.MoveBudget is none of":                                     budget(&MoveBudget{}),
		"budgets[0].moves.atMost: -1 is negative":                                          budget(MoveBudget{AtMost: -1}),
		"budgets[0].cost.atMost: -1 is negative":                                           budget(CostBudget{[]Term{{Kind: Price, Weight: 1}}, -1}),
		"budgets[0].cost.terms: missing":                                                   budget(CostBudget{nil, 1}),
		`budgets[0].cost.terms[0].kind: there is no term "j"`:                              budget(CostBudget{[]Term{{Kind: "j"}}, 1}),
		"budgets[0].cost.terms[1].kind: price stands in this budget twice":                 budget(CostBudget{[]Term{{Kind: Price}, {Kind: Price}}, 1}),
		"budgets[0].cost.terms[0].kind: load is no cost of single workloads and flows":     budget(CostBudget{[]Term{{Kind: Load}}, 1}),
		"budgets[0].cost.terms[0].kind: unplaced is no cost of single workloads and flows": budget(CostBudget{[]Term{{Kind: Unplaced}}, 1}),
		"budgets[0].cost.terms[0].weight: -1 is negative":                                  budget(CostBudget{[]Term{{Kind: Price, Weight: -1}}, 1}),
		"budgets[0].share.over: missing":                                                   budget(ShareBudget{Dimension: "cpu"}),
		`budgets[0].share.over: "rack" is none of site, provider, country`:                 budget(ShareBudget{"rack", "cpu", 1}),
		"budgets[0].share.dimension: missing":                                              budget(ShareBudget{Over: "site"}),
		"budgets[0].share.thousandths: 1001 is not within 0 and 1000":                      budget(ShareBudget{"site", "cpu", 1001}),
		"budgets[0].share.thousandths: -1 is not within 0 and 1000":                        budget(ShareBudget{"site", "cpu", -1}),
		"objective[0] (a).terms: the first tier must count unplaced workloads": func(p *Problem) {
			p.Objective = Objective{{"a", []Term{{Kind: Price, Weight: 1}}}, {"b", []Term{{Kind: Unplaced, Weight: 1}}}}
		},
	} {
		t.Run(want, func(t *testing.T) {
			p := soundProblem(t)
			plant(p)
			err := validate(p)
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, want)
		})
	}
	require.ErrorIs(t, validate(nil), ErrInvalid)
}

// All defects are named at once, up to a number that nobody reads beyond.
func TestManyDefects(t *testing.T) {
	p := soundProblem(t)
	p.Applications[0].Flows[0].Rate = -1
	p.Applications[0].Workloads[2].Priority = 0
	require.Len(t, strings.Split(validate(p).Error(), "\n"), 2)
	for range 120 {
		p.Applications[0].Flows = append(p.Applications[0].Flows, Flow{FromAccess: "users", To: "api", Rate: -1})
	}
	lines := strings.Split(validate(p).Error(), "\n")
	require.Len(t, lines, 101)
	require.Equal(t, "invalid problem: and 22 more", lines[100])
}
