package policies

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// runner measures one set.
type runner struct {
	config
	seed     uint64
	progress *harness.Progress
	result   result

	set       *policy.Set
	sources   []policy.Source
	in        placement.Scope
	sites     []*topology.Site
	workloads []*placement.Workload
	plain     *plain
	screen    *policy.Screen
	answers   []policy.Judgement // by workload
}

func (r *runner) all(ctx context.Context) error {
	for _, stage := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"making the continuum", r.make}, {"judging all pairs", r.judge}, {"deciding again", r.again},
		{"evaluating plainly", r.compare}, {"changing sites", r.update},
	} {
		r.progress.Say("%s", stage.name)
		if err := stage.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	for _, f := range r.set.Lint() {
		if f.Code == "PER-PAIR" || f.Code == "PER-SITE" {
			r.result.findings = append(r.result.findings, f.Location+" "+f.Code+" "+f.Message)
		}
	}
	for _, f := range r.set.Failures() {
		r.result.bad = append(r.result.bad, f.Location+": "+f.Message)
	}
	return nil
}

// packs are in force where no folder is given: thirteen rules about places, keys, devices and wishes.
const packs = `apiVersion: domicile.eu/v1alpha1
kind: PolicyPacks
packs: [residency, encryption, accelerators]
`

// make draws continuum and workloads, and loads the policies.
func (r *runner) make(ctx context.Context) error {
	made, err := synthetic.Scale(r.config.sites, r.config.workloads, r.seed)
	if err != nil {
		return err
	}
	made.Diversify(r.seed)
	r.in.Continuum, err = topology.New(made.Spec)
	if err != nil {
		return err
	}
	r.in.AsOf = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) // tables of the library are current
	r.sites = slices.Collect(r.in.Continuum.Sites())
	for a := range made.Applications {
		for k := range made.Applications[a].Workloads {
			r.workloads = append(r.workloads, &made.Applications[a].Workloads[k])
		}
	}
	r.sources = []policy.Source{{Name: "policies", FS: fstest.MapFS{"packs.yaml": {Data: []byte(packs)}}}}
	if r.dir != "" {
		r.sources = []policy.Source{{Name: r.dir, FS: os.DirFS(r.dir)}}
	}
	if r.set, err = policy.Load(r.sources, nil); err != nil {
		return err
	}
	for _, x := range r.set.Rules() {
		if x.Kind != "transit" {
			r.result.Rules++
		}
	}
	r.plain, err = newPlain(ctx, r.set, r.sources, r.in.AsOf.Format(time.DateOnly), r.in.Continuum)
	return err
}

// judge judges every pair, with nothing known at first.
func (r *runner) judge(ctx context.Context) error {
	r.answers = make([]policy.Judgement, len(r.workloads))
	runtime.GC()
	watch := harness.Start()
	var err error
	if r.screen, err = r.set.Screen(ctx, r.in, r.sites); err != nil {
		return err
	}
	r.result.projectSeconds = watch.CPU().Seconds()
	for k, w := range r.workloads {
		if r.answers[k], err = r.screen.Judge(ctx, w); err != nil {
			return err
		}
	}
	cpu := watch.CPU()
	r.result.judgeSeconds = cpu.Seconds() - r.result.projectSeconds
	r.result.Pairs = int64(len(r.workloads)) * int64(len(r.sites))
	r.result.US = micros(cpu, r.result.Pairs)
	usage := r.screen.Usage()
	r.result.Evaluations, r.result.TableBytes = usage.Evaluations, usage.Bytes
	_, ofSites, err := r.set.Classes(ctx, r.in, nil, r.sites)
	if err == nil {
		r.result.siteKinds = int(slices.Max(ofSites)) + 1
	}
	return err
}

// again asks about workloads that are new but for their classes.
func (r *runner) again(ctx context.Context) error {
	rounds := 1 + 20_000/len(r.workloads)
	fresh := make([]placement.Workload, len(r.workloads))
	for k, w := range r.workloads {
		fresh[k] = *w
		fresh[k].ID += "-again"
	}
	admitted := 0
	watch := harness.Start()
	for range rounds {
		for k := range fresh {
			j, err := r.screen.Judge(ctx, &fresh[k])
			if err != nil {
				return err
			}
			for _, word := range j.Bits() {
				admitted += bits.OnesCount64(word)
			}
		}
	}
	r.result.WarmUS = micros(watch.CPU(), int64(rounds*len(fresh)))
	lists := min(200, len(fresh))
	if _, err := r.set.Admit(ctx, r.in, &fresh[0], r.sites); err != nil {
		return err
	}
	watch = harness.Start()
	for k := range lists {
		if _, err := r.set.Admit(ctx, r.in, &fresh[k], r.sites); err != nil {
			return err
		}
	}
	r.result.admitUS = micros(watch.CPU(), int64(lists))
	if admitted == 0 {
		r.result.bad = append(r.result.bad, "nothing is admitted anywhere")
	}
	return nil
}

// pair is a workload and a site, by index.
type pair struct{ w, s int }

// detailed is how many of the pairs sampled are compared in all that is said of them.
const detailed = 2000

// compare evaluates pairs drawn from all plainly, and takes the time of that alone.
func (r *runner) compare(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(r.seed, 22))
	pairs := make([]pair, r.sampled)
	for k := range pairs {
		pairs[k] = pair{rng.IntN(len(r.workloads)), rng.IntN(len(r.sites))}
		r.plain.knowWorkload(r.workloads[pairs[k].w])
		r.plain.knowSite(r.sites[pairs[k].s])
	}
	const batch = 200
	results, errs := make([]rego.ResultSet, batch), make([]error, batch)
	var cpu time.Duration
	runtime.GC()
	for from := 0; from < len(pairs); from += batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := pairs[from:min(from+batch, len(pairs))]
		watch := harness.Start()
		for k, p := range part {
			results[k], errs[k] = r.plain.eval(ctx, r.workloads[p.w], r.sites[p.s])
		}
		cpu += watch.CPU()
		for k, p := range part {
			f := r.plain.read(results[k], errs[k], r.workloads[p.w], r.sites[p.s])
			if err := r.hold(ctx, p, f, from+k < detailed); err != nil {
				return err
			}
		}
		r.progress.Say("evaluating plainly: %d of %d", from, len(pairs))
	}
	r.result.Sampled = len(pairs)
	r.result.NaiveUS = micros(cpu, int64(len(pairs)))
	r.result.Ratio = r.result.NaiveUS / r.result.US
	return nil
}

// hold compares an answer with plain evaluation, in full where that is wanted.
func (r *runner) hold(ctx context.Context, p pair, want finding, full bool) error {
	got := r.answers[p.w]
	same := got.Admits(p.s) == !want.denied && got.Points(p.s) == want.points && !want.failed
	if want.denied {
		r.result.denied++
	}
	if full && same && want.denied {
		r.result.detailed++
		details, err := r.details(ctx, p)
		if err != nil {
			return err
		}
		same = slices.Equal(details, want.details)
	}
	if !same {
		r.mismatch("%s on %s: admitted %v with %d points; plainly denied %v, %d points, %v", r.workloads[p.w].ID, r.sites[p.s].ID,
			got.Admits(p.s), got.Points(p.s), want.denied, want.points, want.details)
	}
	return nil
}

func (r *runner) mismatch(format string, args ...any) {
	if r.result.Mismatches++; r.result.Mismatches <= 3 {
		r.result.bad = append(r.result.bad, fmt.Sprintf(format, args...))
	}
}

// details is what deny rules yield, in the form of plain evaluation.
func (r *runner) details(ctx context.Context, p pair) ([]string, error) {
	reasons, err := r.set.Reasons(ctx, r.in, r.workloads[p.w], r.sites[p.s])
	var details []string
	for _, x := range reasons {
		detail := map[string]any{}
		for k, v := range x.Detail {
			detail[k] = v
		}
		if x.Message != "" {
			detail["message"] = x.Message
		}
		details = append(details, jsonText(detail))
	}
	slices.Sort(details)
	return details, err
}

// update changes sites one after the other into the likes of others, so that all classes are known, and compares what comes of it
// with a screen made from nothing.
func (r *runner) update(ctx context.Context) error {
	const updates = 512
	scopes, err := r.chain(updates)
	if err != nil {
		return err
	}
	again, err := r.chain(updates) // the same changes, in objects that the set has not seen
	if err != nil {
		return err
	}
	x := r.screen
	var decide time.Duration
	for k, in := range scopes {
		if x, err = x.Update(ctx, in); err != nil {
			return err
		}
		watch := harness.Start()
		if _, err := x.Judge(ctx, r.workloads[k%min(16, len(r.workloads))]); err != nil {
			return err
		}
		decide += watch.CPU()
	}
	r.result.afterUpdateUS = micros(decide, updates)
	// Reading the time takes a while itself: the figure published is of all updates at a time.
	x, watch := r.screen, harness.Start()
	for _, in := range again {
		if x, err = x.Update(ctx, in); err != nil {
			return err
		}
	}
	r.result.SiteUpdateUS = micros(watch.CPU(), updates)
	anew, err := policy.Load(r.sources, nil)
	if err != nil {
		return err
	}
	last := again[updates-1]
	fresh, err := anew.Screen(ctx, last, slices.Collect(last.Continuum.Sites()))
	if err != nil {
		return err
	}
	for k := range min(200, len(r.workloads)) {
		if err := r.alike(ctx, x, fresh, r.workloads[k]); err != nil {
			return err
		}
	}
	return nil
}

// chain makes versions of the continuum, in each of which one more site has the facts of another.
func (r *runner) chain(n int) ([]placement.Scope, error) {
	rng := rand.New(rand.NewPCG(r.seed, 23))
	scopes := make([]placement.Scope, 0, n)
	in := r.in
	for range n {
		to, from := r.sites[rng.IntN(len(r.sites))], *r.sites[rng.IntN(len(r.sites))]
		from.ID, from.Country = to.ID, to.Country // whoever moves to another country has all links checked
		next, err := in.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{from}}})
		if err != nil {
			return nil, err
		}
		in.Continuum = next
		scopes = append(scopes, in)
	}
	return scopes, nil
}

// alike compares two screens.
func (r *runner) alike(ctx context.Context, x, y *policy.Screen, w *placement.Workload) error {
	a, err := x.Judge(ctx, w)
	if err != nil {
		return err
	}
	b, err := y.Judge(ctx, w)
	if err != nil {
		return err
	}
	for k := range x.Len() {
		if a.Admits(k) != b.Admits(k) || a.Points(k) != b.Points(k) {
			r.mismatch("%s on %s after updates: admitted %v, from nothing %v", w.ID, x.Site(k).ID, a.Admits(k), b.Admits(k))
			return nil
		}
	}
	return nil
}

func micros(d time.Duration, n int64) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(max(1, n))
}
