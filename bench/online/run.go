package online

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing/fstest"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// runner drives one scheduler.
type runner struct {
	config
	seed     uint64
	progress *harness.Progress
	result   result

	problem *placement.Problem
	running placement.Assignment // what the base applications start with
	base    []placement.WorkloadID
	stream  []arrival
	ids     []placement.WorkloadID
	sites   []topology.SiteID

	scheduler *placement.Scheduler
	leaving   departures
	times     []time.Duration
}

// candidates is how many sites a decision asks for, so that there is another where somebody else was faster.
const candidates = 8

// questions is how many recommendations and explanations are timed.
const questions = 200

func (r *runner) all(ctx context.Context) error {
	for _, stage := range []struct {
		name string
		run  func(context.Context) error
	}{{"making the problem", r.make}, {"preparing", r.prepare}, {"deciding", r.decide}, {"checking", r.check}, {"explaining", r.explain}} {
		r.progress.Say("%s", stage.name)
		if err := stage.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	return nil
}

// make draws the continuum and what runs on it already, and reads or draws the stream.
func (r *runner) make(ctx context.Context) error {
	made, err := synthetic.Scale(r.sitesWanted, r.workloads, r.seed)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(r.seed, 11))
	var flavours []flavour
	if r.trace != "" {
		flavours, r.stream, err = readTrace(r.trace, r.decisions)
	} else {
		flavours, r.stream = drawn(r.decisions, rng)
	}
	if err != nil {
		return err
	}
	continuum, err := topology.New(made.Spec)
	if err != nil {
		return err
	}
	graph, err := latency.New(continuum, nil)
	if err != nil {
		return err
	}
	files := fstest.MapFS{}
	for name, text := range made.Policies {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := policy.Load([]policy.Source{{Name: synthetic.PoliciesDir, FS: fs.FS(files)}}, nil)
	if err != nil {
		return err
	}
	apps, ids := applications(made, flavours, r.stream, rng)
	r.ids, r.running = ids, made.Planted
	for s := range continuum.Sites() {
		r.sites = append(r.sites, s.ID)
	}
	r.problem = &placement.Problem{
		Continuum: continuum, Latency: graph, Applications: slices.Concat(made.Applications, apps), Admission: set, Transit: set,
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	r.base = slices.Sorted(maps.Keys(r.running))
	return nil
}

// settle takes out what is not in order from the start, so that whatever is wrong in the end is the scheduler's doing.
func (r *runner) settle(ctx context.Context) error {
	r.running = maps.Clone(r.running)
	for {
		violations, err := placement.Check(ctx, r.problem, r.running)
		if err != nil || len(violations) == 0 {
			return err
		}
		for _, v := range violations {
			delete(r.running, v.Workloads[0])
		}
	}
}

// prepare makes the scheduler and asks once about each shape of the stream.
func (r *runner) prepare(ctx context.Context) error {
	watch := harness.Start()
	prices, err := placement.ShadowPrices(ctx, r.problem)
	if err != nil {
		return err
	}
	r.result.priceSeconds = watch.Wall().Seconds()
	watch = harness.Start()
	ans := placement.Answer{Problem: r.problem, Assignment: r.running}
	r.scheduler, err = placement.NewScheduler(ctx, ans, &placement.SchedulerOptions{Prices: prices, Shapes: 1024})
	if err != nil {
		return err
	}
	r.result.prepareSeconds = watch.Wall().Seconds()
	var cold []time.Duration
	asked := make(map[string]bool)
	for n, id := range r.ids {
		shape := fmt.Sprint(r.stream[n].batch%profiles, " ", r.stream[n].flavour)
		if asked[shape] {
			continue
		}
		asked[shape] = true
		began := time.Now()
		if _, err := r.scheduler.Candidates(ctx, id, candidates); err != nil {
			return err
		}
		cold = append(cold, time.Since(began))
	}
	r.result.shapes, r.result.coldMicros = len(cold), quantile(cold, 50)
	return nil
}

// decide takes the stream through the scheduler: what is due leaves, then the next one comes.
func (r *runner) decide(ctx context.Context) error {
	r.times = make([]time.Duration, 0, len(r.stream))
	r.leaving = make(departures, 0, len(r.stream))
	var before, after runtime.MemStats
	mallocs, bytes := uint64(0), uint64(0)
	places := placement.Assignment{}
	for n, a := range r.stream {
		if err := ctx.Err(); err != nil {
			return err
		}
		for len(r.leaving) > 0 && r.leaving[0].at <= a.at {
			if err := r.scheduler.Release(r.leaving.pop().id); err != nil {
				return err
			}
			r.result.departed++
		}
		measured := n%16 == 0 // reading the counters stops the world
		if measured {
			runtime.ReadMemStats(&before)
		}
		began := time.Now()
		placed, err := r.one(ctx, r.ids[n], places)
		r.times = append(r.times, time.Since(began))
		if measured {
			runtime.ReadMemStats(&after)
			mallocs += after.Mallocs - before.Mallocs
			bytes += after.TotalAlloc - before.TotalAlloc
			r.result.sampled++
		}
		if err != nil {
			return err
		}
		if !placed {
			r.result.refused++
		} else {
			r.leaving.push(departure{a.until, r.ids[n]})
		}
		if n%256 == 0 {
			r.progress.Say("decision %d of %d", n, len(r.stream))
		}
	}
	r.result.P50, r.result.P99 = quantile(r.times, 50), quantile(r.times, 99)
	r.result.Allocs = float64(mallocs) / float64(max(1, r.result.sampled))
	r.result.bytes = float64(bytes) / float64(max(1, r.result.sampled))
	r.result.decisions = len(r.times)
	return nil
}

// one is a decision: the best sites, and a reservation on the best one that grants it.
func (r *runner) one(ctx context.Context, id placement.WorkloadID, places placement.Assignment) (bool, error) {
	best, err := r.scheduler.Candidates(ctx, id, candidates)
	if err != nil {
		return false, err
	}
	for _, c := range best {
		clear(places)
		places[id] = c.Site
		err := r.scheduler.Reserve(ctx, places)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, placement.ErrRefused) {
			return false, err
		}
	}
	return false, nil
}

// check has the last state judged by what shares no code with the scheduler.
func (r *runner) check(ctx context.Context) error {
	ans := r.scheduler.Answer()
	violations, err := placement.Check(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return err
	}
	r.result.placed = len(ans.Assignment)
	r.result.base = len(r.running)
	if want := len(r.running) + r.result.decisions - r.result.refused - r.result.departed; want != r.result.placed {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%d workloads are placed, %d came and did not leave", r.result.placed, want))
	}
	for _, v := range violations[:min(len(violations), 5)] {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%s: %d workloads, first %s, on %s: %s", v.Kind, len(v.Workloads), v.Workloads[0], v.Site, v.Message))
	}
	return nil
}

// explain times questions about what runs: why not there, and where else.
func (r *runner) explain(ctx context.Context) error {
	watch := harness.Start()
	e, err := r.scheduler.Explain(ctx)
	if err != nil {
		return err
	}
	r.result.explainSeconds = watch.Wall().Seconds()
	rng := rand.New(rand.NewPCG(r.seed, 13))
	var why, first, again []time.Duration
	for range questions {
		w, s := r.base[rng.IntN(len(r.base))], r.sites[rng.IntN(len(r.sites))]
		began := time.Now()
		if _, err := e.WhyNot(ctx, w, s); err != nil {
			return err
		}
		why = append(why, time.Since(began))
		for _, times := range []*[]time.Duration{&first, &again} {
			began = time.Now()
			if _, err := r.scheduler.Candidates(ctx, w, candidates); err != nil {
				return err
			}
			*times = append(*times, time.Since(began))
		}
	}
	r.result.WhyNot, r.result.Recommend, r.result.firstMicros = quantile(why, 50), quantile(again, 50), quantile(first, 50)
	r.result.whyWorst, r.result.recommendWorst = quantile(why, 99), quantile(again, 99)
	return nil
}

// quantile returns a percentile in microseconds.
func quantile(times []time.Duration, percent int) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[min(len(sorted)-1, len(sorted)*percent/100)].Nanoseconds()) / 1000
}
