package problem

import (
	"math"
	"sync"
	"sync/atomic"
)

// Unknown is the latency of a pair between which there is no way.
const Unknown = math.MaxInt32

// Pairs holds what lies between two sites for one kind of flow: the round trip in microseconds (Unknown where there is
// no way) and the price of carrying one GB in micro-euro. A pair is looked up when it is first asked for and then kept:
// of a large continuum only a small part is ever asked for. It is safe for concurrent use; look is called by one goroutine
// at a time.
type Pairs struct {
	// MaxEgress is at least every price in the table; none is below zero.
	MaxEgress int64
	// Restricted says that where there is no way, one is not allowed; only reports read it.
	Restricted bool

	look func(from, to int32) (latency int32, egress int64)
	mu   sync.Mutex                // of those who fill the table
	rows []atomic.Pointer[pairRow] // by origin

	// Of a table that NewPrices made, in place of look and rows:
	fill    func(from int32, egress []int64)
	prices  []atomic.Pointer[priceRow] // by origin
	scratch sync.Pool                  // of *[]int64
}

// blockSize is how many neighbouring targets of an origin are allocated at once.
const blockSize = 64

type pairRow []atomic.Pointer[block] // by target / blockSize

// block is written before its bit of known is set.
type block struct {
	known   atomic.Uint64
	latency [blockSize]int32
	egress  [blockSize]int64
}

// NewPairs returns the table of n sites. look is never asked about a site and itself, which are 0 apart.
func NewPairs(n int, maxEgress int64, look func(from, to int32) (latency int32, egress int64)) *Pairs {
	return &Pairs{MaxEgress: maxEgress, look: look, rows: make([]atomic.Pointer[pairRow], n)}
}

// Between returns latency and price per GB from one site to another.
func (p *Pairs) Between(from, to int32) (latency int32, egress int64) {
	if p.prices != nil {
		row := p.prices[from].Load()
		if row == nil {
			row = p.fillRow(from)
		}
		return row.at(to)
	}
	if row := p.rows[from].Load(); row != nil {
		if b := (*row)[to/blockSize].Load(); b != nil && b.known.Load()>>(to%blockSize)&1 != 0 {
			return b.latency[to%blockSize], b.egress[to%blockSize]
		}
	}
	return p.find(from, to)
}

func (p *Pairs) find(from, to int32) (int32, int64) {
	if from == to {
		return 0, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	row := p.rows[from].Load()
	if row == nil {
		made := make(pairRow, (len(p.rows)+blockSize-1)/blockSize)
		row = &made
		p.rows[from].Store(row)
	}
	b := (*row)[to/blockSize].Load()
	if b == nil {
		b = &block{}
		(*row)[to/blockSize].Store(b)
	}
	k := to % blockSize
	if known := b.known.Load(); known>>k&1 == 0 {
		b.latency[k], b.egress[k] = p.look(from, to)
		b.known.Store(known | 1<<k)
	}
	return b.latency[k], b.egress[k]
}
