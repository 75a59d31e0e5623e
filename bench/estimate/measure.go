package estimate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/latency/estimate"
	"github.com/domicile-eu/domicile/topology"
)

// seeds is over how many draws the medians are taken.
const seeds = 5

// result is what the suite found; see BENCH.md.
type result struct {
	Pairs         int     `json:"pairs"` // that were guessed, in the median draw
	MedianError   float64 `json:"median_error"`
	P90Error      float64 `json:"p90_error"`
	Coverage      float64 `json:"coverage"`
	VivaldiMedian float64 `json:"vivaldi_median"`
	VivaldiP90    float64 `json:"vivaldi_p90"`
	Unknown       int     `json:"unknown"` // pairs without a guess, of all draws; each counts as an error of 1 outside its interval

	places, all, misplaced, shown int
	width                         float64
	bad                           []string
}

// score is one draw's figures.
type score struct {
	pairs, unknown              int
	median, p90, coverage, wide float64
}

func (r *result) measure(ctx context.Context, w *world, neighbours int, f harness.Flags, p *harness.Progress) error {
	if len(w.places) < 2 {
		return fmt.Errorf("%d places are too few", len(w.places))
	}
	var ours, vivaldi []score
	for i := range seeds {
		if err := ctx.Err(); err != nil {
			return err
		}
		seed := f.Seed + uint64(i)
		p.Say("draw %d of %d", i+1, seeds)
		shown, hidden := w.draw(neighbours, seed)
		if len(hidden) == 0 {
			return fmt.Errorf("%d neighbours show all %d pairs", neighbours, len(shown))
		}
		r.shown = len(shown)
		for _, only := range []estimate.Family{"", estimate.Vivaldi} {
			e, err := estimate.Fit(estimate.Problem{Places: w.places, Observations: shown}, &estimate.Options{Seed: seed, Only: only})
			if err != nil {
				return err
			}
			s := r.judge(e, hidden)
			if only == "" {
				ours = append(ours, s)
				r.Unknown += s.unknown
			} else {
				vivaldi = append(vivaldi, s)
			}
		}
	}
	r.Pairs = int(middle(ours, func(s score) float64 { return float64(s.pairs) }))
	r.MedianError = middle(ours, func(s score) float64 { return s.median })
	r.P90Error = middle(ours, func(s score) float64 { return s.p90 })
	r.Coverage = middle(ours, func(s score) float64 { return s.coverage })
	r.width = middle(ours, func(s score) float64 { return s.wide })
	r.VivaldiMedian = middle(vivaldi, func(s score) float64 { return s.median })
	r.VivaldiP90 = middle(vivaldi, func(s score) float64 { return s.p90 })
	return nil
}

// draw shows, for each place, the pairs to some others, and hides all that no end has drawn.
func (w *world) draw(neighbours int, seed uint64) (shown, hidden []latency.Observation) {
	of := map[topology.NodeID][]int{}
	for k, o := range w.pairs {
		of[o.A] = append(of[o.A], k)
		of[o.B] = append(of[o.B], k)
	}
	rng := rand.New(rand.NewPCG(seed, 5))
	drawn := make([]bool, len(w.pairs))
	for _, p := range w.places {
		list := of[p.ID]
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, k := range list[:min(neighbours, len(list))] {
			drawn[k] = true
		}
	}
	for k, o := range w.pairs {
		if drawn[k] {
			shown = append(shown, o)
		} else {
			hidden = append(hidden, o)
		}
	}
	return shown, hidden
}

// judge compares guesses with the truth, and notes intervals that are none.
func (r *result) judge(e *estimate.Estimator, hidden []latency.Observation) score {
	s := score{pairs: len(hidden)}
	var errs, widths []float64
	covered := 0
	for _, o := range hidden {
		truth := o.RTT.P50
		guess, ok := e.Estimate(o.A, o.B)
		if !ok {
			s.unknown++
			errs = append(errs, 1)
			continue
		}
		likely, upper := guess.Likely.P50, guess.Upper.P50
		if !(0 < guess.Lower && guess.Lower <= likely && likely <= upper) && len(r.bad) < 10 {
			r.bad = append(r.bad, fmt.Sprintf("%s to %s: %d is not within %d and %d", o.A, o.B, likely, guess.Lower, upper))
		}
		errs = append(errs, math.Abs(float64(likely-truth))/float64(truth))
		widths = append(widths, float64(upper)/float64(guess.Lower))
		if guess.Lower <= truth && truth <= upper {
			covered++
		}
	}
	s.median, s.p90, s.wide = quantile(errs, 0.5), quantile(errs, 0.9), quantile(widths, 0.5)
	s.coverage = float64(covered) / float64(len(hidden))
	return s
}

func middle(list []score, of func(score) float64) float64 {
	x := make([]float64, len(list))
	for i, s := range list {
		x[i] = of(s)
	}
	return quantile(x, 0.5)
}

// quantile is the least figure that a share q of them does not exceed, 0 where there are none.
func quantile(x []float64, q float64) float64 {
	if len(x) == 0 {
		return 0
	}
	slices.Sort(x)
	return x[max(int(math.Ceil(q*float64(len(x))))-1, 0)]
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	return [][2]string{
		{"places", fmt.Sprintf("%d of %d; coordinates of %d in the file cannot be right", r.places, r.all, r.misplaced)},
		{"pairs", fmt.Sprintf("%d guessed from %d, %d stayed unknown in %d draws", r.Pairs, r.shown, r.Unknown, seeds)},
		{"relative error", fmt.Sprintf("median %.4f, p90 %.4f", r.MedianError, r.P90Error)},
		{"coverage", fmt.Sprintf("%.2f %%, upper end %.2f times the lower in the median", 100*r.Coverage, r.width)},
		{"Vivaldi, plane and height", fmt.Sprintf("median %.4f, p90 %.4f", r.VivaldiMedian, r.VivaldiP90)},
	}
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
