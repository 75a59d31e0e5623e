package migrate

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayBound checks a certificate.
type replayBound struct {
	*replay
	times [2]map[int]topology.Micros // heads and tails by index in plan.Moves
	used  [2]map[replayRoom]int64    // at the start and at the end
	near  [2][]int                   // the move of the same workload before and after each one; -1: none
	// gives are the moves out of, and into, each site: who gives back there, forwards and backwards in time.
	gives [2]map[topology.SiteID][]int
}

// judgeBound makes sure that the bound of the plan follows from its certificate.
func (r *replay) judgeBound() {
	c := &r.plan.Certificate
	if !r.judgeHolds() || r.plan.Bound == 0 {
		return
	}
	if c.Holds == "routes" || c.Holds == "rates" {
		r.judgePrices(c, r.plan.Bound)
		return
	}
	b := &replayBound{replay: r}
	if !b.take(c) {
		return
	}
	b.look()
	if c.Kind == "search" {
		b.judgeSearch(c)
		return
	}
	for way, claims := range [][]MoveTime{c.Heads, c.Tails} {
		for _, claim := range claims {
			if i := r.index[claim.Move]; b.claims(way, i).Cmp(replayInt(int64(claim.Time))) < 0 {
				r.note(0, "certificate: move %d: %d us before or after it do not follow", claim.Move, claim.Time)
				return
			}
		}
	}
	time := b.busy(c)
	if time == nil {
		return
	}
	sum := replayAdd(time, replayInt(int64(c.Head)+int64(c.Tail)))
	if replaySub(replayInt(int64(r.plan.Bound)), sum).Cmp(big.NewRat(1, 1)) >= 0 { // rounded up to whole microseconds
		r.note(0, "certificate: the bound is %d us, %s us follow", r.plan.Bound, sum.FloatString(0))
	}
}

// judgeHolds makes sure that certificates say of themselves what they hold for, and judges that for all routes.
func (r *replay) judgeHolds() bool {
	ok := true
	for _, c := range []*Certificate{&r.plan.Certificate, r.plan.RouteCertificate} {
		if c == nil {
			continue
		}
		ends := c.Head > 0 || c.Tail > 0
		switch kind := c.Kind; c.Holds {
		case "":
			ok = kind == "nothing" && len(r.plan.Moves) == 0 || r.plan.Bound == 0
		case "routes", "rates":
			ok = (kind == "prices" || kind == "move") && !ends && (c.Holds == "rates" || !r.slower())
		case "chosen":
			ok = (kind == "lane" || kind == "move") && !ends
		case "direct":
			ok = (kind == "lane" || kind == "move") && ends || kind == "search" && !ends
		default:
			ok = false
		}
		if !ok {
			r.note(0, "certificate: of kind %q it does not hold for %q", c.Kind, c.Holds)
			return false
		}
	}
	switch c, bound := r.plan.RouteCertificate, r.plan.RouteBound; {
	case bound < 0 || bound > r.plan.Bound:
		r.note(0, "certificate: the bound for all routes is %d us, that for some %d us", bound, r.plan.Bound)
	case c != nil && (c.Holds == "routes" || c.Holds == "rates"):
		r.judgePrices(c, bound)
	case c != nil || bound != 0 && (bound != r.plan.Bound || r.plan.Certificate.Holds != "routes" && r.plan.Certificate.Holds != "rates"):
		r.note(0, "certificate: nothing proves the bound for all routes")
	}
	return true
}

// slower says whether a move is slower than its route.
func (r *replay) slower() bool {
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if m.Rate == 0 || r.left(i) > 0 {
			continue
		}
		least := int64(-1)
		for _, hop := range m.Route.Hops {
			if link, ok := r.problem.Continuum.Link(hop.Link); ok && (least < 0 || link.Bandwidth < least) {
				least = link.Bandwidth
			}
		}
		if m.Rate < least {
			return true
		}
	}
	return false
}

// take reads the times that a certificate claims.
func (b *replayBound) take(c *Certificate) bool {
	for way, claims := range [][]MoveTime{c.Heads, c.Tails} {
		b.times[way] = make(map[int]topology.Micros)
		for _, claim := range claims {
			i, ok := b.index[claim.Move]
			if _, twice := b.times[way][i]; !ok || twice || claim.Time < 0 || claim.Time > b.plan.Makespan {
				b.note(0, "certificate: %d us of move %d make no sense", claim.Time, claim.Move)
				return false
			}
			b.times[way][i] = claim.Time
		}
	}
	seen := make(map[int]bool)
	for _, id := range c.Moves {
		i, ok := b.index[id]
		if !ok || seen[id] || b.times[0][i] < c.Head || b.times[1][i] < c.Tail {
			b.note(0, "certificate: move %d is none of those it speaks of", id)
			return false
		}
		seen[id] = true
	}
	return c.Head >= 0 && c.Tail >= 0
}

// look gathers what is used at both ends, who gives back where, and the moves of each workload.
func (b *replayBound) look() {
	end := make(placement.Assignment)
	for id, site := range b.from {
		end[id] = site
	}
	last := make(map[placement.WorkloadID]int)
	for way := range 2 {
		b.used[way] = make(map[replayRoom]int64)
		b.gives[way] = make(map[topology.SiteID][]int)
		b.near[way] = make([]int, len(b.plan.Moves))
	}
	for i := range b.plan.Moves {
		m := &b.plan.Moves[i]
		b.gives[0][m.From] = append(b.gives[0][m.From], i)
		b.gives[1][m.To] = append(b.gives[1][m.To], i)
		b.near[0][i], b.near[1][i] = -1, -1
		if k, ok := last[m.Workload]; ok {
			b.near[0][i], b.near[1][k] = k, i
		}
		last[m.Workload] = i
		end[m.Workload] = m.To
	}
	for way, at := range []placement.Assignment{b.from, end} {
		for id, site := range at {
			for dim, amount := range b.works[id].Demand {
				b.used[way][replayRoom{site, dim}] += amount
			}
		}
	}
}

// lasts is how long a move takes from the start of the plan on.
func (b *replayBound) lasts(i int) topology.Micros {
	if left := b.left(i); left > 0 {
		return left
	}
	return b.plan.Moves[i].End - b.plan.Moves[i].Start
}

// claims returns the most that can be claimed for a move, given what is claimed for the others. In any plan, taking the
// moves in order of their starts, each claim holds because those it rests on do: so all hold.
func (b *replayBound) claims(way, i int) *big.Rat {
	m := &b.plan.Moves[i]
	site, most := m.To, topology.Micros(0)
	if way == 1 {
		site = m.From
	} else if b.left(i) > 0 {
		return new(big.Rat)
	} else {
		most = b.opts.Ready[m.To]
	}
	if k := b.near[way][i]; k >= 0 {
		most = max(most, b.times[way][k]+b.lasts(k))
	}
	best := replayInt(int64(most))
	s, _ := b.problem.Continuum.Site(site)
	for dim, amount := range b.byMove[i].Demand {
		lacking := amount - (s.Capacity[dim] - b.used[way][replayRoom{site, dim}])
		if amount == 0 || lacking <= 0 {
			continue
		}
		for _, time := range []*big.Rat{b.given(way, site, dim, lacking), b.givenInTurn(way, site, dim, lacking)} {
			if time.Cmp(best) > 0 {
				best = time
			}
		}
	}
	return best
}

// given returns when enough of a dimension can have been given back at a site at the earliest.
func (b *replayBound) given(way int, site topology.SiteID, dim topology.Dimension, lacking int64) *big.Rat {
	givers := slices.Clone(b.gives[way][site])
	at := func(i int) topology.Micros { return b.times[way][i] + b.lasts(i) }
	slices.SortFunc(givers, func(x, y int) int { return cmp.Compare(at(x), at(y)) })
	time := topology.Micros(0)
	for _, i := range givers {
		if amount := b.byMove[i].Demand[dim]; lacking > 0 && amount > 0 {
			lacking -= amount
			time = at(i)
		}
	}
	return replayInt(int64(time))
}

// givenInTurn is the same where all that give have to go over one link one after another: the quickest per amount first,
// the last one in part.
func (b *replayBound) givenInTurn(way int, site topology.SiteID, dim topology.Dimension, lacking int64) *big.Rat {
	var givers []int
	for _, i := range b.gives[way][site] {
		if b.byMove[i].Demand[dim] > 0 {
			givers = append(givers, i)
		}
	}
	if !b.inTurn(givers) {
		return new(big.Rat)
	}
	pace := func(i int) *big.Rat { return big.NewRat(int64(b.lasts(i)), b.byMove[i].Demand[dim]) }
	slices.SortFunc(givers, func(x, y int) int { return pace(x).Cmp(pace(y)) })
	first := b.plan.Makespan
	for _, i := range givers {
		first = min(first, b.times[way][i])
	}
	sum := replayInt(int64(first))
	for _, i := range givers {
		part := min(lacking, b.byMove[i].Demand[dim])
		if part <= 0 {
			break
		}
		sum = replayAdd(sum, replayMul(pace(i), replayInt(part)))
		lacking -= part
	}
	return sum
}

// inTurn says whether there is a direction of a link of which each move needs more than half.
func (b *replayBound) inTurn(moves []int) bool {
	if len(moves) == 0 {
		return false
	}
	for _, hop := range b.plan.Moves[moves[0]].Route.Hops {
		lane := Lane{"link", string(hop.Link), hop.From}
		if slices.IndexFunc(moves, func(i int) bool { n, of := b.share(&lane, i); return n <= 0 || n <= of/2 }) < 0 {
			return true
		}
	}
	return false
}

// share returns how much of a lane a move needs, and how much there is; zero where it does not use it.
func (b *replayBound) share(l *Lane, i int) (amount, of int64) {
	m := &b.plan.Moves[i]
	count := func(uses bool, most int) (int64, int64) {
		if !uses || most <= 0 {
			return 0, 0
		}
		return 1, int64(most)
	}
	crosses := false
	for _, hop := range m.Route.Hops {
		if string(hop.Link) != l.Name || m.Rate == 0 {
			continue
		}
		crosses = true
		if link, ok := b.problem.Continuum.Link(hop.Link); ok && l.Kind == "link" && hop.From == l.At {
			return m.Rate, link.Bandwidth
		}
	}
	switch l.Kind {
	case "linkMoves":
		return count(crosses, b.opts.LinkMoves)
	case "siteOut":
		return count(string(m.From) == l.Name, b.siteMoves)
	case "siteIn":
		return count(string(m.To) == l.Name, b.siteMoves)
	case "providerOut":
		return count(string(b.fromSite[i].Provider) == l.Name, b.opts.ProviderMoves)
	case "providerIn":
		return count(string(b.toSite[i].Provider) == l.Name, b.opts.ProviderMoves)
	case "moves":
		return count(true, b.opts.Moves)
	}
	return 0, 0
}

// busy returns how long the moves of a certificate take together at least, nil where it does not say.
func (b *replayBound) busy(c *Certificate) *big.Rat {
	var indices []int
	for _, id := range c.Moves {
		indices = append(indices, b.index[id])
	}
	if c.Kind == "move" && len(indices) == 1 {
		return replayInt(int64(b.lasts(indices[0])))
	}
	if c.Kind != "lane" || c.Lane == nil || len(indices) == 0 {
		b.note(0, "certificate: %q of %d moves is none", c.Kind, len(indices))
		return nil
	}
	load, alone := new(big.Rat), new(big.Rat)
	for _, i := range indices {
		amount, of := b.share(c.Lane, i)
		if amount <= 0 || of <= 0 {
			b.note(0, "certificate: move %d does not use %s %s", b.plan.Moves[i].ID, c.Lane.Kind, c.Lane.Name)
			return nil
		}
		time := replayInt(int64(b.lasts(i)))
		load = replayAdd(load, replayMul(time, big.NewRat(amount, of)))
		if amount > of/2 {
			alone = replayAdd(alone, time)
		}
	}
	if alone.Cmp(load) > 0 {
		return alone
	}
	return load
}
