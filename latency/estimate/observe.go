package estimate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/latency"
)

// settleRounds is how long the places touched by new samples look for their new positions.
const settleRounds = 150

// Observe returns a version that has also seen new observations: of the pairs they touch, the histories, and of the places
// these join, the positions and factors, found anew among all others, which stay where they are. Weights, intervals, the
// distance curve and the judgement of coordinates stay those of the last fit; [Estimator.Refit] renews them, and should be
// called once a tenth of the pairs has changed. The estimator that it is called on does not change.
//
// The error names every defect of the observations, each wraps [ErrInvalid]. O(all pairs + touched places x their pairs x 150).
func (e *Estimator) Observe(list []latency.Observation) (*Estimator, error) {
	if err := errors.Join(checkObservations(list, e.index)...); err != nil {
		return nil, err
	}
	next := *e
	next.histories = maps.Clone(e.histories)
	touched := next.take(list)
	next.gather(e.w.where)
	if e.curve != nil {
		next.curve = &curve{next.w, e.curve.factor}
	}
	if e.network != nil {
		next.network = e.network.settle(next.w, touched, e.opts.Seed)
	}
	next.findings = next.find(list, func(k key) (middle, low, high float64, ok bool) {
		middle, low, high, basis := e.guess(k)
		return middle, low, high, basis == BasisNetwork
	})
	next.digest = next.digestOf(e.digest, list)
	return &next, nil
}

// Refit fits everything anew to the histories, judged at a new time where it is not zero.
func (e *Estimator) Refit(asOf time.Time) *Estimator {
	next := *e
	if !asOf.IsZero() {
		next.opts.AsOf = asOf
	}
	next.histories = make(map[key]history, len(e.histories))
	for k, h := range e.histories {
		fresh := slices.DeleteFunc(slices.Clone(h.samples), func(s sample) bool { return next.opts.stale(s.at) })
		if len(fresh) > 0 {
			next.histories[k] = history{fresh}
		}
	}
	next.fit()
	next.findings = nil
	next.digest = next.digestOf("refit "+e.digest, nil)
	return &next
}

// settle returns the blend in which the ends of the touched pairs have found new positions.
func (b *blend) settle(w *world, touched []key, seed uint64) *blend {
	moving := make([]bool, w.n)
	for _, k := range touched {
		moving[k.a], moving[k.b] = true, true
	}
	near := &world{n: w.n, where: w.where}
	for _, p := range w.pairs {
		if moving[p.a] || moving[p.b] {
			near.pairs = append(near.pairs, p)
		}
	}
	out := &blend{w: w, families: b.families, weights: b.weights, models: make([]model, len(b.models))}
	for i, m := range b.models {
		out.models[i] = near.settle(m, w, moving, rand.New(rand.NewPCG(seed, uint64(i)<<32)))
	}
	return out
}

// settle fits a copy of a model to the pairs of the places that move; all others stay.
func (w *world) settle(m model, all *world, moving []bool, rng *rand.Rand) model {
	switch m := m.(type) {
	case *euclid:
		c := &euclid{dim: m.dim, point: slices.Clone(m.point), height: slices.Clone(m.height)}
		c.polishSome(w, settleRounds, moving)
		return c
	case *corrected:
		base := w.settle(m.base, all, moving, rng)
		rest := make([]entry, len(w.pairs))
		for k, p := range w.pairs {
			rest[k] = entry{p.a, p.b, p.log - base.guess(p.a, p.b), 1}
		}
		return &corrected{base, m.rest.settle(rest, tableRidge, moving)}
	case *product:
		return &product{m.f.settle(w.relative(m.scale), productRidge, moving), m.scale}
	case *curve:
		return &curve{all, m.factor}
	default:
		return m
	}
}

// digestOf hashes what a version was made from and what came to it.
func (e *Estimator) digestOf(from string, list []latency.Observation) string {
	h := sha256.New()
	fmt.Fprintf(h, "domicile estimate 1\n%s\n%d %v %s %d %q\n", from, e.opts.Seed, e.opts.coverage(),
		e.opts.AsOf.UTC().Format(time.RFC3339Nano), e.opts.MaxAge, string(e.opts.Only))
	if from == "fit" {
		for _, p := range e.places {
			fmt.Fprintf(h, "%q", string(p.ID))
			if p.Location != nil {
				fmt.Fprintf(h, " %v %v", p.Location.Lat, p.Location.Lon)
			}
			fmt.Fprintln(h)
		}
	}
	touched := map[key]bool{}
	for _, o := range list {
		touched[e.key(o)] = true
	}
	for _, k := range slices.SortedFunc(maps.Keys(touched), key.compare) {
		fmt.Fprintf(h, "%d %d", k.a, k.b)
		for _, s := range e.histories[k].samples {
			fmt.Fprintf(h, " %s %v", s.at.UTC().Format(time.RFC3339Nano), s.rtt)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil))
}
