package migrate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// shape is what a made problem looks like: either moves over sites that are filled to a share, or rings of full sites.
type shape struct {
	moves, sites int
	fill         float64
	largest      int // GB: machines have 2 GB, doubled up to this

	rings, size, spares int
}

// parseShape reads moves=N,sites=N,fill=F[,largest=GB] or rings=N,size=N,spares=N.
func parseShape(text string) (*shape, error) {
	s := &shape{largest: 4}
	numbers := map[string]*int{
		"moves": &s.moves, "sites": &s.sites, "rings": &s.rings, "size": &s.size, "spares": &s.spares,
		"largest": &s.largest,
	}
	var errs []error
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		var err error
		switch n, ok := numbers[key]; {
		case key == "fill":
			s.fill, err = strconv.ParseFloat(value, 64)
		case ok:
			*n, err = strconv.Atoi(value)
			if err == nil && (*n < 0 || *n > most) {
				err = fmt.Errorf("%d is not between 0 and %d", *n, most)
			}
		default:
			err = errors.New("is none of moves, sites, fill, largest, rings, size, spares")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%w: -synthetic: %q: %w", harness.ErrUsage, part, err))
		}
	}
	mixed := s.moves > 0 && s.sites > 1 && s.fill > 0 && s.fill <= 1 && s.largest >= 2 && s.largest <= 1024 && s.rings == 0 && s.size == 0 && s.spares == 0
	ringed := s.rings > 0 && s.size > 1 && s.rings*s.size+s.spares <= most && s.moves == 0 && s.sites == 0 && s.fill == 0
	if len(errs) == 0 && !mixed && !ringed {
		errs = append(errs, fmt.Errorf("%w: -synthetic %q: moves, at least two sites and fill up to 1, or rings, size of at least 2 and spares",
			harness.ErrUsage, text))
	}
	return s, errors.Join(errs...)
}

const (
	most     = 1_000_000 // sites or moves
	gigabyte = 1_000_000_000
	gigabit  = 1_000_000_000
)

func (s *shape) make(seed uint64) (*Case, error) {
	rng := rand.New(rand.NewPCG(seed, 6))
	if s.rings > 0 {
		return s.makeRings(rng)
	}
	return s.makeMixed(rng)
}

// drawFacts draws a machine's memory behaviour for its size in GB: the sort that the instances of mVM have.
func drawFacts(rng *rand.Rand, size int64) placement.Migration {
	m := placement.Migration{
		Memory: size * gigabyte * 3 / 4, HotSet: 5_000_000, HotPeriod: 3_000_000,
	}
	if rng.IntN(2) == 0 {
		m.HotSet, m.HotPeriod, m.DirtyRate = 96_000_000, 2_000_000, 1_000_000+rng.Int64N(9_000_000)
	}
	return m
}

// makeMixed spreads machines of 2 and 4 GB, as those of mVM have, or of more sizes, over sites of one size, evenly and at random, once for the start and once for the
// target: the largest first would be more even, and no cloud is. Each site has a link of 10 Gb/s to one switch.
func (s *shape) makeMixed(rng *rand.Rand) (*Case, error) {
	var sizes []int64
	for gb := int64(2); gb <= int64(s.largest); gb *= 2 {
		sizes = append(sizes, gb)
	}
	size := make([]int64, s.moves)
	var total int64
	for vm := range size {
		size[vm] = sizes[rng.IntN(len(sizes))]
		total += size[vm]
	}
	from, held := s.spread(rng, size, nil)
	to, wanted := s.spread(rng, size, from)
	capacity, stay := s.room(total)
	b := newBuilder("mixed")
	b.exchange(0)
	for site := range s.sites {
		b.site(site, topology.Resources{topology.Memory: max(capacity, stay+held[site], stay+wanted[site]) * gigabyte})
		b.link(topology.LinkID(fmt.Sprintf("link%05d", site)), siteID(site).Node(), switchID(0), 10*gigabit)
	}
	for vm := range size {
		b.workload(vm, topology.Resources{topology.Memory: size[vm] * gigabyte}, drawFacts(rng, size[vm]), from[vm], to[vm])
	}
	for site := range s.sites {
		if stay > 0 {
			b.workload(s.moves+site, topology.Resources{topology.Memory: stay * gigabyte}, placement.Migration{}, site, site)
		}
	}
	return b.build(fmt.Sprintf("%d moves, %d sites filled to %.2f", s.moves, s.sites, s.fill), "mixed")
}

// A host has room for at least 4 of the largest machines, as those of mVM do, a site of several hosts for 64.
const (
	hostMachines = 4
	siteMachines = 64
)

// room is the capacity of a site in GB, and how much of it is taken by what stays. Where the moving machines alone would
// fill a host, a site is a host and nothing stays. Where they are fewer, a site is several hosts, and what stays fills it up.
func (s *shape) room(total int64) (capacity, stay int64) {
	each := float64(total) / float64(s.sites)
	if capacity = int64(math.Ceil(each / s.fill)); capacity >= int64(hostMachines*s.largest) {
		return capacity, 0
	}
	capacity = int64(siteMachines * s.largest)
	return capacity, max(int64(s.fill*float64(capacity)-each), 0)
}

// spread puts machines, in random order, on the emptier of eight sites drawn, but not where they are.
func (s *shape) spread(rng *rand.Rand, size []int64, not []int) (on []int, load []int64) {
	on, load = make([]int, len(size)), make([]int64, s.sites)
	for _, vm := range rng.Perm(len(size)) {
		best := -1
		for range 8 {
			site := rng.IntN(s.sites)
			if (not == nil || not[vm] != site) && (best < 0 || load[site] < load[best]) {
				best = site
			}
		}
		if best < 0 {
			best = (not[vm] + 1) % s.sites
		}
		on[vm] = best
		load[best] += size[vm]
	}
	return on, load
}

// makeRings makes rings of full sites: each holds one machine, which is to go to the next site of its ring. One machine a
// ring has to wait elsewhere, on a spare site that has room for one.
func (s *shape) makeRings(rng *rand.Rand) (*Case, error) {
	b := newBuilder("rings")
	b.exchange(0)
	full := topology.Resources{topology.Memory: 16 * gigabyte}
	sites := s.rings*s.size + s.spares
	for site := range sites {
		b.site(site, full)
		b.link(topology.LinkID(fmt.Sprintf("link%05d", site)), siteID(site).Node(), switchID(0), 10*gigabit)
	}
	// Names tell nothing about rings.
	number := rng.Perm(sites)
	for vm := range s.rings * s.size {
		ring, place := vm/s.size, vm%s.size
		b.workload(vm, full, drawFacts(rng, 16), number[vm], number[ring*s.size+(place+1)%s.size])
	}
	slices.SortFunc(b.works, func(x, y placement.Workload) int { return cmp.Compare(x.ID, y.ID) })
	return b.build(fmt.Sprintf("%d rings of %d full sites, %d spare", s.rings, s.size, s.spares), "rings")
}
