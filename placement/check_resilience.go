package placement

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Resilience asks of every site, exchange, link, provider, operator and jurisdiction what would be lost if it failed by
// itself, with everything else where the assignment has it: workloads, components of which nothing is left, and promises
// among what is left that do not hold any more. Flows take the best way that remains and that their data may take; an
// observation counts while the way between its ends is whole ([latency.Graph.Without]). Policies are those of the intact
// picture. What would run elsewhere after a failure is a new problem: change the continuum and [Solve] it.
//
// What [Check] finds in the remaining network and not now is what this reports, without going over what a failure does not
// touch: O(Check), plus for each failure that a flow or workload rests on, a graph and a row for each sending end of the
// flows that it touches.
func Resilience(ctx context.Context, ans Answer) (*ResilienceReport, error) {
	r, err := newResilience(ctx, ans)
	if err != nil {
		return nil, err
	}
	report := &ResilienceReport{Losses: []Loss{}, Examined: map[FailureKind]int{}, Already: r.promises(r.before)}
	for _, f := range r.failures() {
		report.Examined[f.kind]++
		loss, err := r.lose(f)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", f.kind, f.id, err)
		}
		if len(loss.Workloads)+len(loss.Promises) > 0 {
			report.Losses = append(report.Losses, loss)
		}
	}
	slices.SortStableFunc(report.Losses, func(a, b Loss) int {
		return cmp.Or(
			cmp.Compare(len(b.Applications), len(a.Applications)),
			cmp.Compare(len(b.Down)+len(b.Promises), len(a.Down)+len(a.Promises)),
			cmp.Compare(len(b.Workloads), len(a.Workloads)), cmp.Compare(b.Rate, a.Rate),
		)
	})
	return report, nil
}

// resilience is an answer whose failures are tried one by one.
type resilience struct {
	*checker
	legs   *checkLegs
	before map[string]checkBreach // what is broken now, by key
	on     map[topology.NodeID][]*checkItem
	setOf  map[*checkSet]int
}

func newResilience(ctx context.Context, ans Answer) (*resilience, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, err
	}
	c.brief = true
	r := &resilience{checker: c, before: map[string]checkBreach{}, on: map[topology.NodeID][]*checkItem{}, setOf: map[*checkSet]int{}}
	if r.legs, err = c.newLegs(); err != nil {
		return nil, err
	}
	var sets, paths []int
	for i, set := range c.sets {
		r.setOf[set] = i
		sets = append(sets, i)
	}
	for i := range c.paths {
		paths = append(paths, i)
	}
	var pairs []checkPair
	for _, leg := range r.legs.legs {
		pairs = append(pairs, leg.pairs...)
	}
	found, err := r.judge(pairs, paths, sets)
	for _, b := range found {
		r.before[b.key] = b.checkBreach
	}
	for _, it := range c.items {
		if it.site != nil {
			r.on[it.site.ID.Node()] = append(r.on[it.site.ID.Node()], it)
		}
	}
	return r, err
}

// brokenPart is a breach with the promise that it belongs to.
type brokenPart struct {
	checkBreach
	kind  byte // 'f': a flow, 'p': a path, 's': a set
	index int
}

// judge returns the breaches of pairs of flows, of paths and of constraints, of which both ends are placed.
func (r *resilience) judge(pairs []checkPair, paths, sets []int) ([]brokenPart, error) {
	var found []brokenPart
	for _, p := range pairs {
		if p.to.site == nil || p.from != nil && p.from.site == nil {
			continue
		}
		v, err := r.judgeFlow(r.flows[p.flow], p.from, p.to)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found = append(found, brokenPart{flowBreach(v, p.flow, p.from, p.to), 'f', p.flow})
		}
	}
	for _, i := range paths {
		v, err := r.judgePath(r.paths[i], nil)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found = append(found, brokenPart{r.pathBreach(v, i), 'p', i})
		}
	}
	for _, i := range sets {
		for _, b := range r.sets[i].breaches() {
			b.key = fmt.Sprintf("set %d %s", i, b.key)
			found = append(found, brokenPart{b, 's', i})
		}
	}
	return found, nil
}

// lose tries one failure.
func (r *resilience) lose(f *checkFailure) (Loss, error) {
	loss := Loss{Kind: f.kind, ID: f.id}
	if err := r.ctx.Err(); err != nil {
		return loss, err
	}
	var lost []*checkItem
	for _, node := range f.nodes {
		lost = append(lost, r.on[node]...)
	}
	legs := r.legs.hit(f)
	if len(lost)+len(legs) == 0 {
		return loss, nil
	}
	for _, leg := range legs {
		for _, p := range leg.pairs {
			loss.Rate = addCapped(loss.Rate, r.flows[p.flow].share)
		}
	}
	if len(lost) > 0 {
		loss.Workloads = idsOf(lost)
	}
	err := r.without(f, lost, func() error {
		found, err := r.worse(lost, legs)
		loss.Down, loss.Promises = down(lost, r.checker), r.gather(found)
		return err
	})
	for _, name := range loss.Down {
		loss.Applications = append(loss.Applications, name[:strings.LastIndex(name, "/")])
	}
	for _, b := range loss.Promises {
		loss.Applications = append(loss.Applications, b.Application)
	}
	slices.Sort(loss.Applications)
	loss.Applications = slices.Compact(loss.Applications)
	return loss, err
}

// without calls look while a failure lasts, and puts everything back.
func (r *resilience) without(f *checkFailure, lost []*checkItem, look func() error) error {
	left, err := r.graph.Without(f.nodes, f.links)
	if err != nil {
		return err
	}
	graph, rows, sites := r.graph, r.rows, make([]*topology.Site, len(lost))
	r.graph, r.rows = left, map[checkRow]*latency.Row{}
	for k, it := range lost {
		sites[k] = it.site
		r.put(it, nil)
	}
	defer func() {
		r.graph, r.rows = graph, rows
		for k, it := range lost {
			r.put(it, sites[k])
		}
	}()
	return look()
}

// worse returns the breaches of what a failure touches that are not there without it.
func (r *resilience) worse(lost []*checkItem, legs []*checkLeg) ([]brokenPart, error) {
	var pairs []checkPair
	var paths, sets []int
	for _, leg := range legs {
		pairs, paths = append(pairs, leg.pairs...), append(paths, leg.paths...)
	}
	for _, it := range lost {
		for _, set := range it.sets {
			sets = append(sets, r.setOf[set])
		}
	}
	for _, list := range []*[]int{&paths, &sets} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	found, err := r.judge(pairs, paths, sets)
	return slices.DeleteFunc(found, func(b brokenPart) bool { return b.inherits(r.before) }), err
}

// down names the components that had something running, all of which is lost.
func down(lost []*checkItem, c *checker) []string {
	var names []string
	for _, it := range lost {
		if name := it.w.Application + "/" + it.w.Component; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	running := map[string]bool{}
	for _, it := range c.items {
		if it.site != nil {
			running[it.w.Application+"/"+it.w.Component] = true
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return running[name] })
	slices.Sort(names)
	return names
}

func addCapped(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// gather joins the breaches of one promise, flows first, then paths, then constraints.
func (r *resilience) gather(found []brokenPart) []BrokenPromise {
	slices.SortStableFunc(found, func(a, b brokenPart) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.index, b.index))
	})
	var out []BrokenPromise
	for k := 0; k < len(found); {
		end := k + 1
		for end < len(found) && found[end].kind == found[k].kind && found[end].index == found[k].index {
			end++
		}
		out = append(out, r.promise(found[k:end]))
		k = end
	}
	return out
}

// promise describes a promise by the worst of its breaches.
func (r *resilience) promise(parts []brokenPart) BrokenPromise {
	worst := slices.MinFunc(parts, func(a, b brokenPart) int { return cmp.Compare(b.excess, a.excess) })
	out := BrokenPromise{Kind: worst.Kind, Missed: 1, Of: 1, Have: worst.Have, Want: worst.Want, Unit: worst.Unit}
	switch worst.kind {
	case 'f':
		f := r.flows[worst.index]
		out.Application, out.Promise = f.to[0].w.Application, f.label()
		out.Missed, out.Of = len(parts), 0
		for range f.pairs {
			out.Of++
		}
	case 'p':
		p := r.paths[worst.index]
		out.Application, out.Promise = p.stages[0][0].w.Application, p.label()
	default:
		set := r.sets[worst.index]
		out.Application, out.Promise = set.items[0].w.Application, set.label()
	}
	return out
}

// promises counts how many promises some breaches belong to.
func (r *resilience) promises(breaches map[string]checkBreach) int {
	broken := map[string]bool{}
	for key := range breaches {
		words := strings.SplitN(key, " ", 3)
		broken[words[0]+words[1]] = true
	}
	return len(broken)
}

// label writes "berlin > web", or "web > db (health data)".
func (f *checkFlow) label() string {
	from := f.FromComponent
	if f.FromAccess != "" {
		from = string(f.FromAccess)
	}
	text := from + " > " + f.To
	if f.Bound > 0 {
		text += fmt.Sprintf(" (%s within %s)", f.percentile, microsText(f.Bound))
	}
	return text
}

// label names a constraint over several workloads.
func (set *checkSet) label() string {
	switch k := set.constraint.(type) {
	case Spread:
		return fmt.Sprintf("%s spread over %d values of %s", andText(k.Components), k.AtLeast, k.Over)
	case Affinity:
		if len(k.With) > 0 {
			return fmt.Sprintf("%s with %s on one %s", andText(k.Components), andText(k.With), k.Over)
		}
		return fmt.Sprintf("%s on one %s", andText(k.Components), k.Over)
	case Conflict:
		return fmt.Sprintf("at most %d of %s on one %s", k.AtMost, andText(k.Components), k.Over)
	}
	return fmt.Sprintf("%s all or nothing", andText(set.constraint.(Gang).Components))
}
