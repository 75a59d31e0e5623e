package migrate

import "fmt"

// certificate writes the best prices, or the longest hop, down.
func (p *pricer) certificate(ids []int) Certificate {
	holds := holdsRoutes
	if p.slow {
		holds = holdsRates
	}
	if p.best.prices == nil {
		return Certificate{Kind: "move", Holds: holds, Moves: []int{ids[p.best.hop]}}
	}
	c := Certificate{Kind: "prices", Holds: holds}
	for i, price := range p.best.prices {
		if price > 0 {
			c.Prices = append(c.Prices, Price{p.lane(i), price})
		}
	}
	return c
}

// witness says the same in words.
func (p *pricer) witness() string {
	if p.best.prices == nil {
		w := p.s.stocks.world
		return fmt.Sprintf("%s alone moves for %s over the widest of its routes", w.works[p.s.hops[p.best.hop].work].ID, p.best.bound)
	}
	most, lanes, payers := 0, 0, 0
	for i, price := range p.best.prices {
		if price > p.best.prices[most] {
			most = i
		}
		if price > 0 {
			lanes++
		}
	}
	p.value(p.best.prices, func(_ int, f fare) {
		if f.toll+f.places > 0 {
			payers++
		}
	})
	name := p.name(most)
	if lanes > 1 {
		name = fmt.Sprintf("%d lanes at their prices, such as %s", lanes, name)
	}
	whichever := "whichever routes they take"
	if p.slow {
		whichever += ", at whatever rates"
	}
	return fmt.Sprintf("%s: %d moves fill it for %s, %s", name, payers, p.best.bound, whichever)
}

// name describes what a price is for to people.
func (p *pricer) name(i int) string {
	links := len(p.mesh.links)
	switch l := p.lane(i); {
	case i >= 5*links:
		return p.s.net.name(int32(i - 5*links))
	case i >= 4*links:
		return fmt.Sprintf("the %d moves over %s at once", p.s.stocks.world.opts.LinkMoves, l.Name)
	default:
		return fmt.Sprintf("link %s from %s", l.Name, l.At)
	}
}
