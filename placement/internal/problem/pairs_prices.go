package problem

import (
	"math"
	"sync/atomic"
)

// NewPrices returns the table of n sites for flows without a latency bound: pairs between which there is a way are 0 apart.
// fill sets what carrying one GB from a site costs, by target, below zero where there is no way; a site and itself are set to 0.
// All pairs of an origin are filled in when one of them is first asked for, and take a byte each where there are few prices.
// fill is called by several goroutines at a time.
func NewPrices(n int, maxEgress int64, fill func(from int32, egress []int64)) *Pairs {
	return &Pairs{MaxEgress: maxEgress, fill: fill, prices: make([]atomic.Pointer[priceRow], n)}
}

// priceRow is what lies between one site and all others.
type priceRow struct {
	codes []uint8 // by target: index in price; nil: price is by target
	price []int64
}

func (r *priceRow) at(to int32) (latency int32, egress int64) {
	x := int64(0)
	if r.codes != nil {
		x = r.price[r.codes[to]]
	} else {
		x = r.price[to]
	}
	if x < 0 {
		return Unknown, 0
	}
	return 0, x
}

// fillRow fills in an origin. Where several goroutines do, all come to the same.
func (p *Pairs) fillRow(from int32) *priceRow {
	scratch, _ := p.scratch.Get().(*[]int64)
	if scratch == nil {
		all := make([]int64, len(p.prices))
		scratch = &all
	}
	p.fill(from, *scratch)
	(*scratch)[from] = 0
	r := newPriceRow(*scratch)
	p.scratch.Put(scratch)
	p.prices[from].Store(r)
	return r
}

// newPriceRow numbers the prices in order of appearance.
func newPriceRow(egress []int64) *priceRow {
	r := &priceRow{codes: make([]uint8, len(egress))}
	known := make(map[int64]uint8)
	last, code := int64(math.MinInt64), uint8(0) // neighbours are often alike
	for k, x := range egress {
		if x != last {
			c, ok := known[x]
			if !ok {
				if len(r.price) > math.MaxUint8 {
					return &priceRow{price: append([]int64(nil), egress...)}
				}
				c = uint8(len(r.price))
				known[x] = c
				r.price = append(r.price, x)
			}
			last, code = x, c
		}
		r.codes[k] = code
	}
	return r
}

// Prepare fills in an origin of a table that NewPrices made; of others it leaves all to the first who asks. Who will ask
// about most origins can so have them filled in side by side.
func (p *Pairs) Prepare(from int32) {
	if p.prices != nil && p.prices[from].Load() == nil {
		p.fillRow(from)
	}
}
