package migrate

import (
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// track is what is used of one lane over time: used[i] from at[i] until at[i+1].
type track struct {
	at   []topology.Micros
	used []int64
}

func newTrack() track { return track{at: []topology.Micros{math.MinInt64}, used: []int64{0}} }

// fit returns the first instant from a given one on from which, for a time, no more than most is used.
func (k *track) fit(from, time topology.Micros, most int64) topology.Micros {
	i, found := slices.BinarySearch(k.at, from)
	if !found {
		i--
	}
	for n := i; n < len(k.at) && (n == i || k.at[n] < from+time); n++ {
		if k.used[n] > most {
			if n+1 == len(k.at) {
				return never
			}
			from, i = k.at[n+1], n+1
		}
	}
	return from
}

// add books an amount from one instant to another.
func (k *track) add(start, end topology.Micros, amount int64) {
	from := k.split(start)
	until := k.split(end)
	for i := from; i < until; i++ {
		k.used[i] += amount
	}
}

// split makes a step at an instant and returns its index.
func (k *track) split(at topology.Micros) int {
	i, found := slices.BinarySearch(k.at, at)
	if !found {
		k.at = slices.Insert(k.at, i, at)
		k.used = slices.Insert(k.used, i, k.used[i-1])
	}
	return i
}

// supply is what is free of one stock over time: free[i] from at[i] until at[i+1], the last one for good.
type supply struct {
	at   []topology.Micros
	free []int64
}

// fit returns the first instant from a given one on from which an amount is free for good.
func (p *supply) fit(from topology.Micros, amount int64) topology.Micros {
	for i := len(p.free) - 1; i >= 0; i-- {
		if p.free[i] < amount {
			if i == len(p.free)-1 {
				return never
			}
			return max(from, p.at[i+1])
		}
		if p.at[i] <= from {
			break
		}
	}
	return from
}

// add books an amount from an instant on.
func (p *supply) add(at topology.Micros, amount int64) {
	i, found := slices.BinarySearch(p.at, at)
	if !found {
		before := p.free[i-1]
		p.at = slices.Insert(p.at, i, at)
		p.free = slices.Insert(p.free, i, before)
	}
	for ; i < len(p.free); i++ {
		p.free[i] += amount
	}
}
