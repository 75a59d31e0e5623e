package migrate

import (
	"math/big"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayPrices checks that prices prove a bound for all routes: it looks for the cheapest way of each move by itself, over
// the links of the continuum that the data of its class may take.
type replayPrices struct {
	*replay
	link  map[topology.LinkID]*[4]int64 // prices: from A, from B, alone from A, alone from B
	count map[topology.LinkID]int64     // for places over a link
	place map[Lane]int64
	slow  bool // what is claimed has to hold at any rate
	sum   int64
	rates []int64 // bandwidths of links, least first
	at    map[topology.NodeID]int
	nodes []topology.NodeID
	nets  map[replayView]*replayNet
}

// Prices are at most 2^20; what moves pay is counted in units of 2^-22, rounded down, which is to the good of the plan's
// makespan and to the harm of its bound.
const (
	replayMostPrice = 1 << 20
	replayFine      = 22
	replayNoWay     = int64(-1)
)

// judgePrices makes sure that a bound follows from prices.
func (r *replay) judgePrices(c *Certificate, bound topology.Micros) {
	p := &replayPrices{
		replay: r, link: make(map[topology.LinkID]*[4]int64), count: make(map[topology.LinkID]int64),
		place: make(map[Lane]int64), nets: make(map[replayView]*replayNet), at: make(map[topology.NodeID]int),
	}
	p.slow = c.Holds == "rates"
	p.look()
	if c.Kind == "move" {
		p.judgeWidest(c, bound)
		return
	}
	for _, price := range c.Prices {
		if !p.take(price) {
			r.note(0, "certificate: a price of %d for %s %q from %q makes no sense", price.Price, price.Lane.Kind, price.Lane.Name, price.Lane.At)
			return
		}
		p.sum += price.Price
	}
	if p.sum == 0 || len(c.Prices) > 1<<18 {
		r.note(0, "certificate: %d prices prove nothing", len(c.Prices))
		return
	}
	paid := new(big.Int)
	for i := range r.plan.Moves {
		pays, err := p.pays(i)
		if err != nil {
			r.note(0, "certificate: %v", err)
			return
		}
		paid.Add(paid, pays)
	}
	worth := new(big.Int).Lsh(big.NewInt(p.sum), replayFine)
	least := new(big.Rat).SetFrac(paid, worth)
	if replaySub(replayInt(int64(bound)), least).Cmp(big.NewRat(1, 1)) >= 0 { // rounded up to whole microseconds
		r.note(0, "certificate: the bound is %d us, %s us follow from the prices", bound, least.FloatString(0))
	}
}

// take reads a price.
func (p *replayPrices) take(price Price) bool {
	l := price.Lane
	if price.Price <= 0 || price.Price > replayMostPrice {
		return false
	}
	once := func(known *int64) bool {
		fresh := *known == 0
		*known = price.Price
		return fresh
	}
	switch l.Kind {
	case "link", "linkAlone", "linkMoves":
		link, ok := p.problem.Continuum.Link(topology.LinkID(l.Name))
		if !ok {
			return false
		}
		if l.Kind == "linkMoves" {
			n := p.count[link.ID]
			p.count[link.ID] = price.Price
			return p.opts.LinkMoves > 0 && n == 0
		}
		if p.link[link.ID] == nil {
			p.link[link.ID] = new([4]int64)
		}
		slot := 0
		if l.Kind == "linkAlone" {
			slot = 2
		}
		switch l.At {
		case link.A:
			return once(&p.link[link.ID][slot])
		case link.B:
			return once(&p.link[link.ID][slot+1])
		}
		return false
	case "siteOut", "siteIn", "providerOut", "providerIn", "moves":
		n := p.place[Lane{Kind: l.Kind, Name: l.Name}]
		p.place[Lane{Kind: l.Kind, Name: l.Name}] = price.Price
		return n == 0 && l.At == "" && (l.Kind != "moves" || l.Name == "")
	}
	return false
}

// look gathers nodes and bandwidths.
func (p *replayPrices) look() {
	seen := func(id topology.NodeID) {
		if _, ok := p.at[id]; !ok {
			p.at[id] = len(p.nodes)
			p.nodes = append(p.nodes, id)
		}
	}
	for l := range p.problem.Continuum.Links() {
		seen(l.A)
		seen(l.B)
		if l.Bandwidth > 0 {
			p.rates = append(p.rates, l.Bandwidth)
		}
	}
	slices.Sort(p.rates)
	p.rates = slices.Compact(p.rates)
}

// pays returns what a move pays at least, in units of 2^-22 for microseconds. One that runs when the plan starts pays
// nothing: it may hold more than there is.
func (p *replayPrices) pays(i int) (*big.Int, error) {
	m := &p.plan.Moves[i]
	if p.left(i) > 0 {
		return new(big.Int), nil
	}
	places := p.places(i)
	product := func(time topology.Micros, toll int64) *big.Int {
		return new(big.Int).Mul(big.NewInt(int64(time)), big.NewInt(toll))
	}
	if m.Rate == 0 {
		return product(m.End-m.Start, places), nil
	}
	permitted, err := p.permitted(i)
	if err != nil {
		return nil, err
	}
	from, okFrom := p.at[m.From.Node()]
	to, okTo := p.at[m.To.Node()]
	if !okFrom || !okTo {
		return new(big.Int), nil
	}
	var best *big.Int
	for _, rate := range p.rates {
		way := p.net(permitted, rate).way(from, to)
		if way == replayNoWay {
			break // nor is there one over wider links alone
		}
		if way+places == 0 {
			return new(big.Int), nil
		}
		time, works := p.timeAt(i, rate)
		if !works {
			continue
		}
		pays := product(p.copies(i, time), way)
		if pays.Add(pays, product(time, places)); best == nil || pays.Cmp(best) < 0 {
			best = pays
		}
	}
	if best == nil {
		best = new(big.Int)
	}
	return best, nil
}

// timeAt returns how long a move takes at a rate, rounded down, and whether it works.
func (p *replayPrices) timeAt(i int, rate int64) (topology.Micros, bool) {
	m := &p.plan.Moves[i]
	if rate == m.Rate || m.Rate == 0 {
		return m.End - m.Start, true
	}
	least := p.least(p.byMove[i], m.Method, rate)
	if least.never != "" {
		return 0, false
	}
	us := replayMul(least.seconds, replayInt(1_000_000))
	return topology.Micros(new(big.Int).Quo(us.Num(), us.Denom()).Int64()), true
}

// copies is how long a move that takes a time pays for links: at any rate, it has to send no fewer bits than at the full
// rate of its route without the setups.
func (p *replayPrices) copies(i int, time topology.Micros) topology.Micros {
	if !p.slow {
		return time
	}
	setups := int64(1)
	if p.plan.Moves[i].Method == placement.Rolling {
		setups = max(1, p.byMove[i].Migration.Nodes)
	}
	for ; setups > 0 && time > 0 && p.setup > 0; setups-- {
		time -= p.setup
	}
	return max(0, time)
}

// judgeWidest makes sure that a move takes as long as a bound says over any of its routes.
func (p *replayPrices) judgeWidest(c *Certificate, bound topology.Micros) {
	i := -1
	if len(c.Moves) == 1 && len(c.Prices) == 0 {
		if k, ok := p.index[c.Moves[0]]; ok && p.left(k) == 0 {
			i = k
		}
	}
	if i < 0 {
		p.note(0, "certificate: %d moves and %d prices are not one move over any route", len(c.Moves), len(c.Prices))
		return
	}
	permitted, err := p.permitted(i)
	if err != nil {
		p.note(0, "certificate: %v", err)
		return
	}
	m := &p.plan.Moves[i]
	from, okFrom := p.at[m.From.Node()]
	to, okTo := p.at[m.To.Node()]
	for _, rate := range p.rates {
		if m.Rate > 0 && (!okFrom || !okTo || p.net(permitted, rate).way(from, to) == replayNoWay) {
			break
		}
		if time, works := p.timeAt(i, rate); works && time < bound {
			p.note(0, "certificate: at %d bit/s move %d takes %d us, the bound is %d us", rate, m.ID, time, bound)
			return
		}
	}
}

// permitted is what the data of a move may cross.
func (p *replayPrices) permitted(i int) (latency.Transit, error) {
	if p.problem.Transit == nil {
		return latency.Transit{}, nil
	}
	return p.problem.Transit.Transit(p.ctx, p.scope, p.byMove[i].Data)
}

// places is what a move pays for its places among those at once at its ends.
func (p *replayPrices) places(i int) int64 {
	m := &p.plan.Moves[i]
	share := func(kind, name string, most int) int64 {
		if most <= 0 {
			return 0
		}
		return p.place[Lane{Kind: kind, Name: name}] << replayFine / int64(most)
	}
	return share("moves", "", p.opts.Moves) +
		share("siteOut", string(m.From), p.siteMoves) + share("siteIn", string(m.To), p.siteMoves) +
		share("providerOut", string(p.fromSite[i].Provider), p.opts.ProviderMoves) +
		share("providerIn", string(p.toSite[i].Provider), p.opts.ProviderMoves)
}

// share is what a move at a rate pays to enter a link.
func (p *replayPrices) share(l *topology.Link, forward bool, rate int64) int64 {
	sum := int64(0)
	if n := p.count[l.ID]; n > 0 {
		sum = n << replayFine / int64(p.opts.LinkMoves)
	}
	prices := p.link[l.ID]
	if prices == nil {
		return sum
	}
	way := 0
	if !forward {
		way = 1
	}
	hi, lo := bits.Mul64(uint64(prices[way])<<replayFine, uint64(rate))
	part, _ := bits.Div64(hi, lo, uint64(l.Bandwidth))
	sum += int64(part)
	if rate > l.Bandwidth-rate && !p.slow {
		sum += prices[2+way] << replayFine
	}
	return sum
}
