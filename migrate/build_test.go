package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// build collects what a test problem is made of.
type build struct {
	spec     topology.Spec
	apps     []placement.Application
	from, to placement.Assignment
	rules    *fakePolicy
	opts     *Options
}

var asOf = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func newBuild() *build {
	return &build{
		spec: topology.Spec{Name: "test", AsOf: asOf},
		from: placement.Assignment{}, to: placement.Assignment{},
		rules: &fakePolicy{},
	}
}

// site adds a site of provider "p" in DE unless edited.
func (b *build) site(id string, capacity topology.Resources, edit ...func(*topology.Site)) {
	s := topology.Site{
		ID: topology.SiteID(id), Name: id, Provider: "p", Country: "DE", City: id, Tier: topology.Regional,
		Location: topology.Location{Lat: 50, Lon: 8}, Capacity: capacity,
		Runtimes: []topology.Runtime{topology.BareMetal, topology.Kubernetes, topology.VM},
		Prices:   map[topology.Dimension]topology.MicroEUR{topology.CPU: 10_000},
		Energy:   topology.Energy{PUE: 1000},
	}
	for _, e := range edit {
		e(&s)
	}
	known := slices.ContainsFunc(b.spec.Providers, func(p topology.Provider) bool { return p.ID == s.Provider })
	if !known {
		b.spec.Providers = append(b.spec.Providers, topology.Provider{ID: s.Provider, Name: string(s.Provider), Country: s.Country})
	}
	b.spec.Sites = append(b.spec.Sites, s)
}

func (b *build) link(x, y string, bandwidth int64, edit ...func(*topology.Link)) {
	l := topology.Link{
		ID: topology.LinkID(x + "--" + y), A: topology.NodeID(x), B: topology.NodeID(y), Operator: "net",
		Jurisdictions: []topology.Jurisdiction{"DE"}, RTT: topology.RTT{P50: 1000, P95: 2000, P99: 3000}, Bandwidth: bandwidth,
	}
	for _, e := range edit {
		e(&l)
	}
	b.spec.Links = append(b.spec.Links, l)
}

// star links all sites to one exchange.
func (b *build) star(bandwidth int64) {
	b.spec.Exchanges = append(b.spec.Exchanges, topology.Exchange{ID: "ix", Name: "ix", Country: "DE"})
	for _, s := range b.spec.Sites {
		b.link(string(s.ID), "ix", bandwidth, func(l *topology.Link) {
			l.Jurisdictions = []topology.Jurisdiction{"DE", s.Country}
			slices.Sort(l.Jurisdictions)
			l.Jurisdictions = slices.Compact(l.Jurisdictions)
		})
	}
}

// workload adds a replica of app/component that goes from one site to another; either may be empty.
func (b *build) workload(id string, demand topology.Resources, from, to string, edit ...func(*placement.Workload)) {
	app, component, _ := strings.Cut(id, "/")
	if dash := strings.LastIndex(component, "-"); dash > 0 {
		component = component[:dash]
	}
	w := placement.Workload{
		ID: placement.WorkloadID(id), Application: app, Component: component, Kind: placement.VM, Demand: demand, Priority: 1,
	}
	for _, e := range edit {
		e(&w)
	}
	i := slices.IndexFunc(b.apps, func(a placement.Application) bool { return a.Name == app })
	if i < 0 {
		i = len(b.apps)
		b.apps = append(b.apps, placement.Application{Name: app})
	}
	b.apps[i].Workloads = append(b.apps[i].Workloads, w)
	if from != "" {
		b.from[w.ID] = topology.SiteID(from)
	}
	if to != "" {
		b.to[w.ID] = topology.SiteID(to)
	}
}

func (b *build) constrain(app string, c placement.Constraint) {
	i := slices.IndexFunc(b.apps, func(a placement.Application) bool { return a.Name == app })
	b.apps[i].Constraints = append(b.apps[i].Constraints, c)
}

func (b *build) problem(t testing.TB) *placement.Problem {
	t.Helper()
	c, err := topology.New(b.spec)
	require.NoError(t, err)
	g, err := latency.New(c, nil)
	require.NoError(t, err)
	p := &placement.Problem{Continuum: c, Latency: g, Applications: b.apps, Current: b.from, AsOf: asOf}
	if b.rules.any() {
		p.Admission, p.Transit = b.rules, b.rules
	}
	return p
}

// plan orders, and fails the test where the plan or its way back does not replay clean.
func (b *build) plan(t testing.TB) (*placement.Problem, *Plan) {
	t.Helper()
	p := b.problem(t)
	plan, err := Order(context.Background(), p, b.from, b.to, b.opts)
	require.NoError(t, err)
	clean(t, p, b.from, b.to, plan, b.opts)
	return p, plan
}

// clean fails the test where a replay finds fault.
func clean(t testing.TB, p *placement.Problem, from, to placement.Assignment, plan *Plan, opts *Options) {
	t.Helper()
	faults, err := Replay(context.Background(), p, from, to, plan, opts)
	require.NoError(t, err)
	for _, f := range faults {
		t.Errorf("fault: %+v", f)
	}
	if len(faults) > 0 {
		t.FailNow()
	}
}

func cpu(n int64) topology.Resources { return topology.Resources{topology.CPU: n * 1000} }

func memory(n int64) func(*placement.Workload) {
	return func(w *placement.Workload) { w.Migration.Memory = n }
}

// fakePolicy denies listed pairs and forbids listed jurisdictions and operators.
type fakePolicy struct {
	denied    map[string]bool                  // workload@site
	forbidden map[placement.DataClass][]string // countries and operators
}

func (f *fakePolicy) any() bool { return len(f.denied)+len(f.forbidden) > 0 }

func (f *fakePolicy) deny(workload, site string) {
	if f.denied == nil {
		f.denied = make(map[string]bool)
	}
	f.denied[workload+"@"+site] = true
}

func (f *fakePolicy) forbid(class, what string) {
	if f.forbidden == nil {
		f.forbidden = make(map[placement.DataClass][]string)
	}
	f.forbidden[placement.DataClass(class)] = append(f.forbidden[placement.DataClass(class)], what)
}

func (f *fakePolicy) Admit(_ context.Context, _ placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	out := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		out[i].Denied = f.denied[fmt.Sprintf("%s@%s", w.ID, s.ID)]
	}
	return out, nil
}

func (f *fakePolicy) Reasons(_ context.Context, _ placement.Scope, w *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	if !f.denied[fmt.Sprintf("%s@%s", w.ID, s.ID)] {
		return nil, nil
	}
	return []placement.Reason{{Code: "T-1", Title: "Denied in this test", Location: "test.rego:1"}}, nil
}

func (f *fakePolicy) Transit(_ context.Context, in placement.Scope, class placement.DataClass) (latency.Transit, error) {
	list := f.forbidden[class]
	if len(list) == 0 {
		return latency.Transit{}, nil
	}
	var permit latency.Permit
	for _, j := range []topology.Jurisdiction{"CH", "DE", "FR", "NL"} {
		if !slices.Contains(list, string(j)) {
			permit.Jurisdictions = append(permit.Jurisdictions, j)
		}
	}
	for _, o := range []string{"net", "other"} {
		if !slices.Contains(list, o) {
			permit.Operators = append(permit.Operators, o)
		}
	}
	return latency.NewTransit(permit), nil
}

func (f *fakePolicy) TransitReasons(_ context.Context, _ placement.Scope, class placement.DataClass, j topology.Jurisdiction, operator string) ([]placement.Reason, error) {
	if !slices.Contains(f.forbidden[class], string(j)+operator) {
		return nil, nil
	}
	return []placement.Reason{{Code: "T-2", Title: "May not cross " + string(j) + operator, Location: "test.rego:2"}}, nil
}
