package migrate

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// undo says how a hop is taken back, or why it cannot be: the site left is closed, policies or rules would refuse the
// workload there now, or no route or method leads back.
func (w *world) undo(ctx context.Context, h *hop) (undo, noReturn string, err error) {
	_, no, err := w.prepare(ctx, h.work, h.to, h.from)
	if err != nil {
		return "", "", err
	}
	if no != nil {
		return "", no.message, nil
	}
	undo = fmt.Sprintf("move %s back from %s to %s", w.works[h.work].ID, w.sites[h.to].ID, w.sites[h.from].ID)
	if !h.method.Cancellable() {
		undo += fmt.Sprintf(", once it has arrived: a %s cannot be called off", h.method)
	}
	return undo, "", nil
}

// peak returns the most that moves under way hold at their other ends, per dimension.
func (w *world) peak(hops []*hop, t *timing) topology.Resources {
	n := len(w.dims)
	held, most := make([]int64, n), make([]int64, n)
	for _, e := range events(t) {
		for d, amount := range w.demandOf(hops[e.hop].work) {
			if e.starts {
				held[d] += amount
				most[d] = max(most[d], held[d])
			} else {
				held[d] -= amount
			}
		}
	}
	out := make(topology.Resources)
	for d, amount := range most {
		if amount > 0 {
			out[w.dims[d]] = amount
		}
	}
	return out
}
