package synthetic

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// planter makes applications around an assignment that it chooses first.
type planter struct {
	rng     *rand.Rand
	sites   []topology.Site
	areas   []area
	free    []topology.Resources
	weights []int64 // cumulated CPU capacity, to draw sites by
	graph   *latency.Graph
	eea     latency.Transit
	hub     *latency.Row // what health data reaches from Amsterdam, and so what it reaches from one another

	demands []topology.Resources
	tenants int
	apps    []placement.Application
	planted placement.Assignment
	// Workloads made so far: all, with a latency bound, in a spread.
	done, bounded, spread int
}

func newPlanter(h *hierarchy, areas []area, workloads int, rng *rand.Rand) (*planter, error) {
	continuum, err := topology.New(h.spec)
	if err != nil {
		return nil, err
	}
	g, err := latency.New(continuum, nil)
	if err != nil {
		return nil, err
	}
	p := &planter{
		rng: rng, sites: h.spec.Sites, areas: areas, graph: g,
		tenants: 1 + workloads/500, planted: placement.Assignment{},
	}
	var inside []topology.Jurisdiction
	for _, c := range h.countries {
		if !outsideEEA(string(c)) {
			inside = append(inside, c)
		}
	}
	p.eea = latency.NewTransit(latency.Permit{Jurisdictions: inside, AnyOperator: true})
	p.hub = g.Row(h.exchanges[0].id, p.eea)
	total := topology.Resources{}
	for _, s := range p.sites {
		room := topology.Resources{}
		for d, amount := range s.Capacity {
			room[d] = amount
			total[d] += amount
		}
		p.free = append(p.free, room)
		p.weights = append(p.weights, total[topology.CPU])
	}
	p.drawDemands(total, workloads)
	return p, nil
}

// mostCPU is the most that workloads need on average, in milli-cores. Where few share a large continuum it fills less.
const mostCPU = 40_000

// drawDemands draws what each workload needs so that the sums are 75 % of the continuum's CPU, 65 % of its memory and
// 45 % of its disk, a little less by rounding; one workload in 25 needs a GPU, up to 40 % of those there are.
func (p *planter) drawDemands(total topology.Resources, workloads int) {
	sizes := []int64{1, 1, 2, 2, 4, 4, 8, 12}
	type draw struct{ cpu, memory, disk int64 }
	draws, sum := make([]draw, workloads), draw{}
	for i := range draws {
		size := sizes[p.rng.IntN(len(sizes))]
		d := draw{4 * size, size * (2 + 2*p.rng.Int64N(4)), size * (1 + p.rng.Int64N(6))}
		draws[i] = d
		sum = draw{sum.cpu + d.cpu, sum.memory + d.memory, sum.disk + d.disk}
	}
	if most := int64(workloads) * mostCPU * 4 / 3; total[topology.CPU] > most {
		part := total[topology.CPU]/most + 1
		for d := range total {
			total[d] /= part
		}
	}
	share := func(percent, of, draw, sum, unit int64) int64 { // 128 bits would be needed in one step
		return max(unit, of/unit*percent/100*draw/sum*unit)
	}
	gpus := total[topology.GPU] * 40 / 100
	for _, d := range draws {
		demand := topology.Resources{
			topology.CPU:    share(75, total[topology.CPU], d.cpu, sum.cpu, 10),
			topology.Memory: share(65, total[topology.Memory], d.memory, sum.memory, 1<<20),
			topology.Disk:   share(45, total[topology.Disk], d.disk, sum.disk, 1<<30),
		}
		if p.rng.IntN(25) == 0 && gpus > 0 {
			demand[topology.GPU] = 1
			gpus--
		}
		p.demands = append(p.demands, demand)
	}
}

// component is what is being planted: replicas that share everything but their sites.
type component struct {
	name     string
	kind     placement.Kind
	replicas int
	demand   topology.Resources
	near     *area // of the users that it has a latency bound to; nil where it has none
	at       []int // the sites of the replicas
}

// seat finds sites for the replicas of a component, among those near its users where it has any, and takes the room. It
// returns false, and takes nothing, where there is none. distinct wants a provider for each.
func (p *planter) seat(c *component, distinct bool) bool {
	c.at = c.at[:0]
	for range c.replicas {
		site, ok := p.find(c, distinct)
		if !ok {
			for _, taken := range c.at {
				p.take(taken, c.demand, -1)
			}
			return false
		}
		p.take(site, c.demand, 1)
		c.at = append(c.at, site)
	}
	return true
}

func (p *planter) find(c *component, distinct bool) (int, bool) {
	fits := func(site int) bool {
		s := &p.sites[site]
		if c.kind == placement.VM && !slices.Contains(s.Runtimes, topology.VM) {
			return false
		}
		for _, other := range c.at {
			if distinct && p.sites[other].Provider == s.Provider {
				return false
			}
		}
		for d, amount := range c.demand {
			if p.free[site][d] < amount {
				return false
			}
		}
		return true
	}
	for range 20 {
		site := 0
		if c.near != nil {
			site = c.near.near[p.rng.IntN(len(c.near.near))]
		} else {
			site, _ = slices.BinarySearch(p.weights, 1+p.rng.Int64N(p.weights[len(p.weights)-1]))
		}
		if fits(site) {
			return site, true
		}
	}
	if c.near != nil {
		i := slices.IndexFunc(c.near.near, fits)
		if i < 0 {
			return 0, false
		}
		return c.near.near[i], true
	}
	for site := range p.sites {
		if fits(site) {
			return site, true
		}
	}
	return 0, false
}

func (p *planter) take(site int, demand topology.Resources, times int64) {
	for d, amount := range demand {
		p.free[site][d] -= times * amount
	}
}

// application plants an application of so many workloads and adds it. Each part sends to the next; a part that has no
// bound to its users may still serve some.
func (p *planter) application(workloads int) error {
	home := &p.areas[p.rng.IntN(len(p.areas))]
	app := placement.Application{
		Name:   fmt.Sprintf("app-%06d", len(p.apps)),
		Tenant: fmt.Sprintf("tenant-%04d", p.rng.IntN(p.tenants)),
	}
	for left, before := workloads, ""; left > 0; {
		c := &component{name: fmt.Sprintf("part-%d", workloads-left), kind: placement.Container, replicas: 1, demand: p.demands[p.done]}
		if p.rng.IntN(5) == 0 {
			c.kind = placement.VM
		}
		spread := left >= 2 && p.spread*5 <= p.done
		if spread {
			c.replicas = min(left, 2+p.rng.IntN(2))
		}
		if p.bounded*2 <= p.done {
			c.near = home
		}
		if !p.plant(c, spread) {
			return fmt.Errorf("synthetic: no room for %s of %s", c.name, app.Name)
		}
		p.add(&app, c, spread, home)
		if before != "" {
			app.Flows = append(app.Flows, placement.Flow{FromComponent: before, To: c.name, Rate: p.rate()})
		}
		before = c.name
		left -= c.replicas
	}
	p.apps = append(p.apps, app)
	return nil
}

// plant finds sites for a component; where there are none near its users, anywhere, and without a GPU if need be.
func (p *planter) plant(c *component, spread bool) bool {
	if p.seat(c, spread) {
		return true
	}
	c.near = nil
	if p.seat(c, spread) {
		return true
	}
	c.demand = maps.Clone(c.demand)
	delete(c.demand, topology.GPU)
	return p.seat(c, spread)
}

// add adds a planted component: its workloads, what its data demands, its users and its spread.
func (p *planter) add(app *placement.Application, c *component, spread bool, home *area) {
	data, residency := p.classify(c, home)
	w := placement.Workload{
		Application: app.Name, Tenant: app.Tenant, Component: c.name, Kind: c.kind, Demand: c.demand,
		Data: data, Priority: 1 + p.rng.Int64N(10), MoveCost: topology.MicroEUR(10_000 * p.rng.Int64N(50)),
	}
	if len(residency) > 0 {
		w.Attributes = map[string]any{"residency": residency}
	}
	for i, site := range c.at {
		w.ID = placement.WorkloadID(app.Name + "/" + c.name)
		if c.replicas > 1 {
			w.ID += placement.WorkloadID(fmt.Sprintf("-%d", i+1))
		}
		app.Workloads = append(app.Workloads, w)
		p.planted[w.ID] = p.sites[site].ID
	}
	if spread {
		app.Constraints = append(app.Constraints, placement.Spread{Components: []string{c.name}, Over: "provider", AtLeast: 2})
		p.spread += c.replicas
	}
	if c.near != nil {
		f := placement.Flow{FromAccess: home.access, To: c.name, Rate: p.rate(), Bound: p.bound(c, data), Percentile: latency.P95}
		app.Flows = append(app.Flows, f)
		p.bounded += c.replicas
	}
	p.done += c.replicas
}

// classify draws a class of data that the sites of a component may hold, and the countries that its owner names: those
// of the sites and two more, none for data that nobody guards.
func (p *planter) classify(c *component, home *area) (placement.DataClass, []any) {
	sensitive, reachable := true, true
	countries := []string{}
	for _, site := range c.at {
		s := &p.sites[site]
		countries = append(countries, string(s.Country))
		sensitive = sensitive && !outsideEEA(string(s.Country)) && s.Provider != "cloud-0"
		_, ok := p.hub.Leg(s.ID.Node())
		reachable = reachable && ok
	}
	if _, ok := p.hub.Leg(home.access.Node()); !ok || !sensitive {
		reachable = false
	}
	draw := p.rng.IntN(100)
	if !sensitive || draw >= 60 {
		return "", nil
	}
	for range 2 {
		countries = append(countries, string(p.areas[p.rng.IntN(len(p.areas))].country))
	}
	slices.Sort(countries)
	var residency []any
	for _, country := range slices.Compact(countries) {
		residency = append(residency, country)
	}
	if draw < 20 && reachable {
		return "health", residency
	}
	return "personal", residency
}

// bound is a latency that the planted sites keep, with 20 to 100 % to spare, in tenths of a millisecond.
func (p *planter) bound(c *component, data placement.DataClass) topology.Micros {
	transit := latency.Transit{}
	if data == "health" {
		transit = p.eea
	}
	row := p.graph.Row(c.near.access.Node(), transit)
	worst := topology.Micros(0)
	for _, site := range c.at {
		l, _ := row.Latency(p.sites[site].ID.Node(), latency.P95)
		worst = max(worst, l)
	}
	return (worst*topology.Micros(120+p.rng.IntN(81))/100/100 + 1) * 100
}

func (p *planter) rate() int64 { return 1_000_000 * (1 + p.rng.Int64N(50)) }
