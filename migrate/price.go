package migrate

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/domicile-eu/domicile/topology"
)

const (
	gigabyte    = 1_000_000_000
	hourMicros  = 3600 * 1_000_000
	overflowing = "%w: %s overflows"
)

// scaled returns ceil(a * b / c) for amounts that are not negative, and whether it fits.
func scaled(a, b, c int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, uint64(c))
	if r > 0 {
		q++
	}
	return int64(q), q <= math.MaxInt64
}

// total adds amounts that are not negative.
func total[T ~int64](sum *T, x T, what string) error {
	if x > math.MaxInt64-*sum {
		return fmt.Errorf(overflowing, ErrInvalid, what)
	}
	*sum += x
	return nil
}

// transferOf returns what the copying of a hop costs: the bytes at the egress price of the old site, where the provider
// changes, and at that of the links.
func (w *world) transferOf(h *hop) (topology.MicroEUR, error) {
	perGB := h.route.Egress
	if from := w.sites[h.from]; from.Provider != w.sites[h.to].Provider {
		if err := total(&perGB, from.Egress, "the egress price of a move"); err != nil {
			return 0, err
		}
	}
	cost, ok := scaled(h.estimate.Bytes, int64(perGB), gigabyte)
	if !ok {
		return 0, fmt.Errorf(overflowing, ErrInvalid, "the transfer of "+string(w.works[h.work].ID))
	}
	return topology.MicroEUR(cost), nil
}

// doubleOf returns what a hop costs while its workload runs at both ends: the price of the new site from start to end.
func (w *world) doubleOf(h *hop) (topology.MicroEUR, error) {
	hourly, err := w.sites[h.to].HourlyPrice(w.works[h.work].Demand)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	cost, ok := scaled(int64(hourly), int64(h.estimate.Duration), hourMicros)
	if !ok {
		return 0, fmt.Errorf(overflowing, ErrInvalid, "the double running of "+string(w.works[h.work].ID))
	}
	return topology.MicroEUR(cost), nil
}
