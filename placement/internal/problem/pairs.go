package problem

import "math"

// Unknown is the latency of a pair between which there is no way.
const Unknown = math.MaxInt32

// Pairs holds what lies between two sites for one kind of flow: the round trip in microseconds (Unknown where there is
// no way) and the price of carrying one GB in micro-euro. A row is filled when it is first asked for and then kept.
type Pairs struct {
	// Fill writes the row of one origin. The pair of a site with itself must come out as zero and zero.
	Fill func(from int32, latency []int32, egress []int64)
	// MaxEgress is at least every price that Fill writes; none is below zero.
	MaxEgress int64
	// Restricted says that where there is no way, one is not allowed; only reports read it.
	Restricted bool

	latency [][]int32
	egress  [][]int64
}

// NewPairs returns the table of n sites.
func NewPairs(n int, maxEgress int64, fill func(from int32, latency []int32, egress []int64)) *Pairs {
	return &Pairs{Fill: fill, MaxEgress: maxEgress, latency: make([][]int32, n), egress: make([][]int64, n)}
}

// Row returns the rows of an origin.
func (p *Pairs) Row(from int32) (latency []int32, egress []int64) {
	if p.latency[from] == nil {
		n := len(p.latency)
		l, e := make([]int32, n), make([]int64, n)
		p.Fill(from, l, e)
		p.latency[from], p.egress[from] = l, e
	}
	return p.latency[from], p.egress[from]
}
