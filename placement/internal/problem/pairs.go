package problem

import "math"

// Unknown is the latency of a pair between which there is no way.
const Unknown = math.MaxInt32

// Pairs holds what lies between two sites for one kind of flow: the round trip in microseconds (Unknown where there is
// no way) and the price of carrying one GB in micro-euro. A pair is looked up when it is first asked for and then kept:
// of a large continuum only a small part is ever asked for. It is not safe for concurrent use.
type Pairs struct {
	// MaxEgress is at least every price in the table; none is below zero.
	MaxEgress int64
	// Restricted says that where there is no way, one is not allowed; only reports read it.
	Restricted bool

	look   func(from, to int32) (latency int32, egress int64)
	blocks [][]*block // by origin, then by target / blockSize
}

// blockSize is how many neighbouring targets of an origin are allocated at once.
const blockSize = 64

type block struct {
	known   uint64
	latency [blockSize]int32
	egress  [blockSize]int64
}

// NewPairs returns the table of n sites. look is never asked about a site and itself, which are 0 apart.
func NewPairs(n int, maxEgress int64, look func(from, to int32) (latency int32, egress int64)) *Pairs {
	return &Pairs{MaxEgress: maxEgress, look: look, blocks: make([][]*block, n)}
}

// Between returns latency and price per GB from one site to another.
func (p *Pairs) Between(from, to int32) (latency int32, egress int64) {
	if row := p.blocks[from]; row != nil {
		if b := row[to/blockSize]; b != nil && b.known>>(to%blockSize)&1 != 0 {
			return b.latency[to%blockSize], b.egress[to%blockSize]
		}
	}
	return p.find(from, to)
}

func (p *Pairs) find(from, to int32) (int32, int64) {
	if from == to {
		return 0, 0
	}
	if p.blocks[from] == nil {
		p.blocks[from] = make([]*block, (len(p.blocks)+blockSize-1)/blockSize)
	}
	b := p.blocks[from][to/blockSize]
	if b == nil {
		b = &block{}
		p.blocks[from][to/blockSize] = b
	}
	k := to % blockSize
	b.latency[k], b.egress[k] = p.look(from, to)
	b.known |= 1 << k
	return b.latency[k], b.egress[k]
}
