package synthetic

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Scaled is a placement problem of the suite `scale`, with an assignment that satisfies everything in it: what the
// problem asks for was read off that assignment, so that leaving nothing out is possible.
type Scaled struct {
	Spec         topology.Spec
	Applications []placement.Application
	Policies     map[string]string // file name to text
	Planted      placement.Assignment
}

// LeastSites is the size below which there are not all tiers.
const LeastSites = 50

// Scale makes a problem of so many sites in a [Hierarchy] and so many workloads. Capacity has four dimensions and is
// filled to three quarters in the tightest, CPU. Workloads stand in applications of one to six with flows between them;
// half of them have a latency bound to users, a fifth stand in a spread over providers, all are under policies.
func Scale(sites, workloads int, seed uint64) (*Scaled, error) {
	if sites < LeastSites || workloads < 1 {
		return nil, fmt.Errorf("synthetic: %d sites and %d workloads: at least %d and 1 are needed", sites, workloads, LeastSites)
	}
	h := newHierarchy(max(4, min(100, sites/100)), sites, seed)
	h.spec.Name = fmt.Sprintf("scale-%d-%d", sites, workloads)
	h.equip()
	areas := h.users(max(4, sites/50))
	p, err := newPlanter(h, areas, workloads, rand.New(rand.NewPCG(seed, 6)))
	if err != nil {
		return nil, err
	}
	for p.done < workloads {
		if err := p.application(min(workloads-p.done, 1+p.rng.IntN(6))); err != nil {
			return nil, err
		}
	}
	return &Scaled{Spec: h.spec, Applications: p.apps, Policies: policies(), Planted: p.planted}, nil
}

// equip gives the sites capacity, prices and energy by tier. Prices rise towards the users, capacity falls.
func (h *hierarchy) equip() {
	type kind struct {
		scale, price int64 // times that of a tower, percent of that of a cloud
		gpuShare     int   // percent of the sites that have any
		gpus         int64
		runtimes     []topology.Runtime
	}
	kinds := map[topology.Tier]kind{
		topology.FarEdge:  {1, 300, 10, 1, []topology.Runtime{topology.Kubernetes}},
		topology.Edge:     {4, 200, 20, 2, []topology.Runtime{topology.Kubernetes, topology.VM}},
		topology.Regional: {20, 130, 50, 8, []topology.Runtime{topology.Kubernetes, topology.VM}},
		topology.Cloud:    {100, 100, 100, 64, []topology.Runtime{topology.Kubernetes, topology.VM}},
	}
	intensity := map[topology.Jurisdiction]int64{}
	for _, c := range h.countries {
		intensity[c] = 20 + 10*h.rng.Int64N(60)
	}
	for i := range h.spec.Sites {
		s := &h.spec.Sites[i]
		k := kinds[s.Tier]
		size := func(tower int64) int64 { return tower * k.scale * (75 + h.rng.Int64N(51)) / 100 }
		s.Runtimes = k.runtimes
		s.Capacity = topology.Resources{topology.CPU: 1000 * size(16), topology.Memory: size(64) << 30, topology.Disk: size(1000) << 30}
		if h.rng.IntN(100) < k.gpuShare {
			s.Capacity[topology.GPU] = k.gpus
		}
		price := func(cloud int64) topology.MicroEUR {
			return topology.MicroEUR(cloud * k.price * (80 + h.rng.Int64N(41)) / 10_000)
		}
		s.Prices = map[topology.Dimension]topology.MicroEUR{
			topology.CPU: price(12_000), topology.Memory: price(2_000), topology.Disk: price(80), topology.GPU: price(900_000),
		}
		s.Egress = price(8_000)
		s.Energy = topology.Energy{
			Intensity: intensity[s.Country], PUE: 1150 + 10*h.rng.Int64N(50),
			Power: map[topology.Dimension]int64{topology.CPU: 5_000, topology.Memory: 300, topology.GPU: 300_000},
		}
	}
}

// area is where users are and what stands around them.
type area struct {
	access  topology.AccessPointID
	country topology.Jurisdiction
	near    []int // sites that serve them at low latency, as indices of the spec's
}

// users adds access points, exchange by exchange, by turns of people at home, on a line to a regional site, and on the
// move, on 5G radio to a tower.
func (h *hierarchy) users(n int) []area {
	around := h.surroundings()
	areas := make([]area, 0, n)
	for i := range n {
		near := around[i%len(around)]
		tier, rtt := topology.Regional, topology.RTT{P50: 4_000, P95: 6_500, P99: 9_500}
		if i%2 == 1 {
			tier, rtt = topology.FarEdge, topology.RTT{P50: 14_000, P95: 30_000, P99: 41_100}
		}
		s := h.oneOf(near, tier)
		a := topology.AccessPoint{ID: topology.AccessPointID(fmt.Sprintf("users-%05d", i)), Country: s.Country, Location: h.near(s.Location, 5)}
		h.spec.AccessPoints = append(h.spec.AccessPoints, a)
		from := place{id: a.ID.Node(), at: a.Location, country: a.Country}
		to := place{id: s.ID.Node(), at: s.Location, country: s.Country}
		h.link(from, to, telco(a.Country), 1e9)
		h.spec.Links[len(h.spec.Links)-1].RTT = rtt
		areas = append(areas, area{a.ID, a.Country, near})
	}
	return areas
}

// oneOf draws a site of a tier; one of another where there is none of it.
func (h *hierarchy) oneOf(list []int, tier topology.Tier) *topology.Site {
	var of []int
	for _, i := range list {
		if h.spec.Sites[i].Tier == tier {
			of = append(of, i)
		}
	}
	if len(of) == 0 {
		of = list
	}
	return &h.spec.Sites[of[h.rng.IntN(len(of))]]
}

// surroundings lists the sites below each exchange, as indices of the spec's. Exchanges without any are left out.
func (h *hierarchy) surroundings() [][]int {
	exchange := map[topology.NodeID]int{}
	for i, p := range h.exchanges {
		exchange[p.id] = i
	}
	lists := make([][]int, len(h.exchanges))
	for i, s := range h.spec.Sites {
		at := h.above[s.ID.Node()]
		lists[at] = append(lists[at], i)
	}
	return slices.DeleteFunc(lists, func(l []int) bool { return len(l) == 0 })
}
