package migrate

import (
	"math"
	"math/bits"

	"github.com/domicile-eu/domicile/topology"
)

// load adds up amount x time over a resource in 128 bits.
type load struct{ hi, lo uint64 }

func (l *load) add(amount int64, time topology.Micros) {
	hi, lo := bits.Mul64(uint64(amount), uint64(time))
	var carry uint64
	l.lo, carry = bits.Add64(l.lo, lo, 0)
	l.hi, _ = bits.Add64(l.hi, hi, carry)
}

func (l load) less(m load) bool { return l.hi < m.hi || l.hi == m.hi && l.lo < m.lo }

// over returns the least time in which a capacity carries the load, rounded up.
func (l load) over(capacity int64) topology.Micros {
	c := uint64(capacity)
	if l.hi >= c {
		return math.MaxInt64
	}
	q, r := bits.Div64(l.hi, l.lo, c)
	if r > 0 {
		q++
	}
	return topology.Micros(min(q, math.MaxInt64))
}
