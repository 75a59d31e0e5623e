package migrate

import (
	"maps"
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// judgeSums recomputes the figures of the plan as a whole.
func (r *replay) judgeSums() error {
	var makespan topology.Micros
	bytes, transfer, double := new(big.Int), new(big.Int), new(big.Int)
	first := -1
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		makespan = max(makespan, m.End)
		bytes.Add(bytes, big.NewInt(m.Bytes))
		if want := r.transferOf(i); want.Cmp(big.NewInt(int64(m.Transfer))) != 0 {
			r.blame(m.Start, i, "its transfer costs %s, not %d", want, m.Transfer)
		}
		transfer.Add(transfer, big.NewInt(int64(m.Transfer)))
		hourly, err := r.toSite[i].HourlyPrice(r.byMove[i].Demand)
		if err != nil {
			return err
		}
		double.Add(double, replayCeil(big.NewInt(int64(hourly)), big.NewInt(int64(m.End-m.Start)), 3_600_000_000))
		if m.NoReturn != "" && first < 0 {
			first = i
		}
	}
	p := r.plan
	for _, sum := range []struct {
		what string
		have int64
		want *big.Int
	}{
		{"makespan", int64(p.Makespan), big.NewInt(int64(makespan))},
		{"bytes", p.Bytes, bytes},
		{"transfer", int64(p.Transfer), transfer},
		{"double running", int64(p.Double), double},
		{"point of no return", int64(p.NoReturn), big.NewInt(int64(first))},
	} {
		if sum.want.Cmp(big.NewInt(sum.have)) != 0 {
			r.note(makespan, "%s: the plan says %d, its moves %s", sum.what, sum.have, sum.want)
		}
	}
	if p.Bound > p.Makespan || p.Bound < 0 {
		r.note(makespan, "the bound %d is no lower bound of %d", p.Bound, p.Makespan)
	}
	if gap := float64(p.Makespan-p.Bound) / float64(max(p.Makespan, 1)); gap != p.Gap {
		r.note(makespan, "the gap is %g, not %g", gap, p.Gap)
	}
	r.judgePeak()
	return nil
}

// transferOf recomputes what the copying of a move costs.
func (r *replay) transferOf(i int) *big.Int {
	m := &r.plan.Moves[i]
	perGB := new(big.Int)
	for _, hop := range m.Route.Hops {
		if link, ok := r.problem.Continuum.Link(hop.Link); ok {
			perGB.Add(perGB, big.NewInt(int64(link.Egress)))
		}
	}
	if r.fromSite[i].Provider != r.toSite[i].Provider {
		perGB.Add(perGB, big.NewInt(int64(r.fromSite[i].Egress)))
	}
	return replayCeil(perGB, big.NewInt(m.Bytes), 1_000_000_000)
}

// replayCeil returns a*b/c rounded up.
func replayCeil(a, b *big.Int, c int64) *big.Int {
	product := new(big.Int).Mul(a, b)
	product.Add(product, big.NewInt(c-1))
	return product.Div(product, big.NewInt(c))
}

// judgePeak recomputes the most that is held twice.
func (r *replay) judgePeak() {
	type change struct {
		at     topology.Micros
		ends   bool
		amount int64
	}
	changes := make(map[topology.Dimension][]change)
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		for dim, amount := range r.byMove[i].Demand {
			changes[dim] = append(changes[dim], change{m.Start, false, amount}, change{m.End, true, amount})
		}
	}
	for _, dim := range slices.Sorted(maps.Keys(changes)) {
		list := changes[dim]
		slices.SortFunc(list, func(a, b change) int {
			switch {
			case a.at != b.at && a.at < b.at, a.at == b.at && a.ends && !b.ends:
				return -1
			case a.at == b.at && a.ends == b.ends:
				return 0
			default:
				return 1
			}
		})
		held, most := int64(0), int64(0)
		for _, c := range list {
			if c.ends {
				held -= c.amount
			} else {
				held += c.amount
			}
			most = max(most, held)
		}
		if most != r.plan.PeakDouble[dim] {
			r.note(0, "%s: at most %d is held twice, the plan says %d", dim, most, r.plan.PeakDouble[dim])
		}
	}
}
