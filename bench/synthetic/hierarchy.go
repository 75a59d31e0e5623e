package synthetic

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/domicile-eu/domicile/topology"
)

// Hierarchy returns a continuum of so many nodes on the map of Europe: a core of exchanges (100, or 1 % of the nodes if
// that is fewer, but at least 4) with 8 links each, and below it sites: 2 % clouds and 8 % regional sites at the core,
// 20 % edge sites below the regional ones and 70 % towers below the edge. Every regional site has two links into the
// core and a mesh around it, a third of the edge sites have a second home, and one tower in twenty. About two thirds of
// the nodes have one link, and there are about 1.42 links a node.
//
// Sites have no capacity and no runtimes; [Scale] gives them some.
func Hierarchy(nodes int, seed uint64) topology.Spec {
	core := max(min(100, nodes/100), min(4, nodes))
	return newHierarchy(core, nodes-core, seed).spec
}

func newHierarchy(core, sites int, seed uint64) *hierarchy {
	h := &hierarchy{rng: rand.New(rand.NewPCG(seed, 2)), above: map[topology.NodeID]int{}}
	h.spec = topology.Spec{Name: fmt.Sprintf("hierarchy-%d", core+sites), AsOf: asOf}
	clouds, regionals, edges := sites*2/100, sites*8/100, sites*20/100
	h.core(core)
	if regionals == 0 { // too few for tiers
		clouds, edges = sites, 0
	}
	h.clouds(clouds)
	h.regionals(regionals)
	h.edges(edges)
	if edges > 0 {
		h.towers(sites - clouds - regionals - edges)
	}
	h.providers()
	return h
}

// hierarchy builds a continuum from the core outwards.
type hierarchy struct {
	rng  *rand.Rand
	spec topology.Spec

	exchanges []place
	mesh      [][]place               // regional sites by exchange
	homes     []place                 // edge sites
	siblings  [][]int                 // edge sites by regional site, as indices of homes
	above     map[topology.NodeID]int // the exchange that each site is below
	countries []topology.Jurisdiction
	seen      map[topology.Jurisdiction]bool
}

// place is a node with what its surroundings need to know of it.
type place struct {
	id      topology.NodeID
	at      topology.Location
	country topology.Jurisdiction
	parent  int // index of what it hangs on, in the list of its kind
}

// core lays the exchanges along a tour from city to city and links each with the next, the second, fifth and eleventh.
func (h *hierarchy) core(n int) {
	h.seen = map[topology.Jurisdiction]bool{}
	for i := range n {
		c := cities[i%len(cities)]
		at := topology.Location{Lat: c.lat, Lon: c.lon}
		if i >= len(cities) {
			at = h.near(at, 20)
		}
		p := place{id: topology.NodeID(fmt.Sprintf("core-%03d", i)), at: at, country: c.country}
		h.exchanges = append(h.exchanges, p)
		h.spec.Exchanges = append(h.spec.Exchanges, topology.Exchange{ID: p.id, City: c.name, Country: p.country, Location: p.at})
		if !h.seen[p.country] {
			h.seen[p.country] = true
			h.countries = append(h.countries, p.country)
		}
	}
	order := tour(h.exchanges)
	linked := map[[2]int]bool{}
	for i := range order {
		for _, step := range []int{1, 2, 5, 11} {
			a, b := order[i], order[(i+step)%n]
			if pair := [2]int{min(a, b), max(a, b)}; a != b && !linked[pair] {
				linked[pair] = true
				h.link(h.exchanges[a], h.exchanges[b], "backbone-"+string("ab"[(a+b)%2]), 100e9)
			}
		}
	}
	h.mesh = make([][]place, n)
}

// tour visits every place once, always going on to the nearest that is left.
func tour(places []place) []int {
	order, left := []int{0}, map[int]bool{}
	for i := 1; i < len(places); i++ {
		left[i] = true
	}
	for len(left) > 0 {
		here, next, best := places[order[len(order)-1]], -1, math.Inf(1)
		for i := range places {
			if left[i] {
				if d := kilometres(here.at, places[i].at); d < best {
					next, best = i, d
				}
			}
		}
		order = append(order, next)
		delete(left, next)
	}
	return order
}

func (h *hierarchy) clouds(n int) {
	for i := range n {
		up := h.rng.IntN(len(h.exchanges))
		p := h.child(fmt.Sprintf("cloud-%05d", i), h.exchanges[up], up, 30)
		h.above[p.id] = up
		h.site(p, topology.Cloud, fmt.Sprintf("cloud-%d", i%clouds))
		h.link(p, h.exchanges[up], "backbone-a", 100e9)
		if other := h.rng.IntN(len(h.exchanges)); other != up {
			h.link(p, h.exchanges[other], "backbone-b", 100e9)
		}
	}
}

func (h *hierarchy) regionals(n int) {
	for i := range n {
		up := i % len(h.exchanges)
		p := h.child(fmt.Sprintf("regional-%06d", i), h.exchanges[up], up, 120)
		h.above[p.id] = up
		h.site(p, topology.Regional, fmt.Sprintf("host-%d", i%hosts))
		h.link(p, h.exchanges[up], "backbone-a", 40e9)
		if other := (up + 1) % len(h.exchanges); other != up {
			h.link(p, h.exchanges[other], "backbone-b", 40e9)
		}
		around := h.mesh[up]
		for back := 1; back <= min(3, len(around)); back++ {
			h.link(p, around[len(around)-back], telco(p.country), 40e9)
		}
		h.mesh[up] = append(around, p)
		h.siblings = append(h.siblings, nil)
	}
}

func (h *hierarchy) edges(n int) {
	for i := range n {
		regional := i % len(h.siblings)
		core, at := regional%len(h.exchanges), regional/len(h.exchanges)
		group := h.mesh[core]
		p := h.child(fmt.Sprintf("edge-%06d", i), group[at], regional, 25)
		h.above[p.id] = core
		h.site(p, topology.Edge, telco(p.country))
		h.link(p, group[at], telco(p.country), 10e9)
		if other := h.rng.IntN(len(group)); i%3 == 0 && other != at {
			h.link(p, group[other], telco(p.country), 10e9)
		}
		h.siblings[regional] = append(h.siblings[regional], len(h.homes))
		h.homes = append(h.homes, p)
	}
}

func (h *hierarchy) towers(n int) {
	for i := range n {
		edge := i % len(h.homes)
		home := h.homes[edge]
		p := h.child(fmt.Sprintf("tower-%07d", i), home, edge, 4)
		h.above[p.id] = h.above[home.id]
		h.site(p, topology.FarEdge, telco(p.country))
		h.link(p, home, telco(p.country), 10e9)
		around := h.siblings[home.parent]
		if other := around[h.rng.IntN(len(around))]; i%20 == 0 && other != edge {
			h.link(p, h.homes[other], telco(p.country), 10e9)
		}
	}
}

// child puts a node somewhere around another one, in the same country.
func (h *hierarchy) child(id string, parent place, index int, spreadKm float64) place {
	return place{id: topology.NodeID(id), at: h.near(parent.at, spreadKm), country: parent.country, parent: index}
}

// near draws a location around another, rounded to what files carry.
func (h *hierarchy) near(at topology.Location, spreadKm float64) topology.Location {
	const degreeKm = 111
	round := func(x float64) float64 { return math.Round(x*1e4) / 1e4 }
	north, east := h.rng.NormFloat64()*spreadKm/degreeKm, h.rng.NormFloat64()*spreadKm/degreeKm
	return topology.Location{Lat: round(at.Lat + north), Lon: round(at.Lon + east/math.Cos(at.Lat*math.Pi/180))}
}

func (h *hierarchy) site(p place, tier topology.Tier, provider string) {
	h.spec.Sites = append(h.spec.Sites, topology.Site{
		ID: topology.SiteID(p.id), Provider: topology.ProviderID(provider), Country: p.country, Location: p.at, Tier: tier,
	})
}

func (h *hierarchy) link(a, b place, operator string, bandwidth int64) {
	crossed := []topology.Jurisdiction{min(a.country, b.country)}
	if a.country != b.country {
		crossed = append(crossed, max(a.country, b.country))
	}
	h.spec.Links = append(h.spec.Links, topology.Link{
		ID: topology.LinkID(a.id + "--" + b.id), A: a.id, B: b.id, Operator: operator, Jurisdictions: crossed,
		RTT: spread(overFibre(a.at, b.at)), Bandwidth: bandwidth, Egress: 500,
	})
}

// How many providers operate the clouds and the regional sites. One of the clouds belongs to an organisation in the US.
const (
	clouds = 4
	hosts  = 12
)

// telco names who operates the towers and edge sites of a country.
func telco(country topology.Jurisdiction) string { return "telco-" + lower(country) }

func lower(country topology.Jurisdiction) string {
	return string([]byte{country[0] | 0x20, country[1] | 0x20})
}

func (h *hierarchy) providers() {
	add := func(id string, country topology.Jurisdiction, owners ...topology.Stake) {
		h.spec.Providers = append(h.spec.Providers, topology.Provider{
			ID: topology.ProviderID(id), Country: country, Owners: owners,
			Certifications: []topology.Certification{{Scheme: "ISO-27001", ValidUntil: "2030-12-31", Source: "synthetic"}},
		})
	}
	add("overseas", "US")
	for i := range clouds {
		if i == 0 {
			add("cloud-0", "IE", topology.Stake{Owner: "overseas", Share: 10_000})
			continue
		}
		add(fmt.Sprintf("cloud-%d", i), h.countries[i%len(h.countries)])
	}
	for i := range hosts {
		add(fmt.Sprintf("host-%d", i), h.countries[i%len(h.countries)])
	}
	for _, c := range h.countries {
		add(telco(c), c)
	}
}
