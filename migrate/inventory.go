package migrate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

const (
	mostAlternatives = 3
	mostTried        = 8 // sites asked about for the alternatives of one workload
)

// inventory lists what runs in the scope, in order of workload.
func inventory(ctx context.Context, p *placement.Problem, d *Drained) ([]Item, error) {
	closed, err := d.Scope.sites(p)
	if err != nil {
		return nil, err
	}
	end := d.end()
	w, err := newWorld(p, d.From, end, nil)
	if err != nil {
		return nil, err
	}
	var out []Item
	for i, work := range w.works {
		site, runs := d.From[work.ID]
		if !runs || !closed[site] {
			continue
		}
		item := Item{Workload: work.ID, Site: site, Bytes: memoryOf(work)}
		if err := total(&item.Bytes, work.Migration.Disk, "the bytes of "+string(work.ID)); err != nil {
			return nil, err
		}
		if end[work.ID] != site {
			item.Target = end[work.ID]
		}
		item.NotPortable = notPortable(w, int32(i), item.Target)
		if item.Alternatives, err = alternatives(ctx, w, int32(i), end, closed); err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// notPortable names what a workload loses on its way, judged against the target if there is one.
func notPortable(w *world, work int32, target topology.SiteID) []string {
	k, old := w.works[work], w.sites[w.from[work]]
	var out []string
	if k.Kind == placement.Machine {
		out = append(out, "bare metal: drivers and firmware settings belong to the old machine and are set up anew")
	}
	next, ok := w.problem.Continuum.Site(target)
	if !ok {
		return append(out, "no site takes it: data and images have to be exported by hand")
	}
	if k.Demand[topology.GPU] > 0 {
		out = append(out, gpuChange(old, next)...)
	}
	have := attested(w, next)
	for _, c := range attested(w, old) {
		if !slices.Contains(have, c) {
			out = append(out, fmt.Sprintf("certification %s of %s: %s does not state it", c, old.ID, next.ID))
		}
	}
	for _, key := range sortedKeys(old.Labels) {
		if value, ok := next.Labels[key]; !ok {
			out = append(out, fmt.Sprintf("label %s=%s: %s has no such label", key, old.Labels[key], next.ID))
		} else if value != old.Labels[key] {
			out = append(out, fmt.Sprintf("label %s=%s: it is %s on %s", key, old.Labels[key], value, next.ID))
		}
	}
	return out
}

// gpuChange compares the devices of two sites by the attributes whose names begin with gpu.
func gpuChange(old, next *topology.Site) []string {
	var out []string
	stated := false
	for _, key := range sortedKeys(old.Attributes) {
		if len(key) < 3 || key[:3] != "gpu" {
			continue
		}
		stated = true
		a, b := fmt.Sprint(old.Attributes[key]), "not stated"
		if v, ok := next.Attributes[key]; ok {
			b = fmt.Sprint(v)
		}
		if a != b {
			out = append(out, fmt.Sprintf("GPU: %s is %s on %s and %s on %s", key, a, old.ID, b, next.ID))
		}
	}
	if !stated {
		out = append(out, fmt.Sprintf("GPU: neither the type on %s is stated nor whether %s has the same", old.ID, next.ID))
	}
	return out
}

// attested returns the certifications of a site and its provider that are valid, sorted.
func attested(w *world, s *topology.Site) []string {
	list := slices.Clone(s.Certifications)
	if provider, ok := w.problem.Continuum.Provider(s.Provider); ok {
		list = append(list, provider.Certifications...)
	}
	var out []string
	for _, c := range list {
		if c.ValidUntil < w.scope.AsOf.UTC().Format(time.DateOnly) {
			continue
		}
		name := c.Scheme
		if c.Level != "" {
			name += " " + c.Level
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// alternatives returns the next best sites for a workload once everything else is where the plan puts it: of the
// cheapest that admit it, those that nothing forbids, in the order of the problem's objective.
func alternatives(ctx context.Context, w *world, work int32, end placement.Assignment, closed map[topology.SiteID]bool) ([]topology.SiteID, error) {
	id := w.works[work].ID
	var sites []int32
	for s, site := range w.sites {
		if !closed[site.ID] && site.ID != end[id] {
			sites = append(sites, int32(s))
		}
	}
	open, err := w.open(ctx, work, sites)
	if err != nil {
		return nil, err
	}
	type option struct {
		site  topology.SiteID
		price topology.MicroEUR
		tiers []placement.TierDelta
	}
	var options []option
	for i, s := range sites {
		if !open[i] {
			continue
		}
		price, err := w.sites[s].HourlyPrice(w.works[work].Demand)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		options = append(options, option{site: w.sites[s].ID, price: price})
	}
	slices.SortStableFunc(options, func(a, b option) int { return cmp.Compare(a.price, b.price) })
	var found []option
	for _, o := range options[:min(mostTried, len(options))] {
		answer, err := placement.WhyNot(ctx, placement.Answer{Problem: w.problem, Assignment: end}, id, o.site)
		if err != nil {
			return nil, err
		}
		if len(answer.Violations) == 0 {
			o.tiers = answer.Tiers
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b option) int {
		return slices.CompareFunc(a.tiers, b.tiers, func(x, y placement.TierDelta) int { return cmp.Compare(x.Delta, y.Delta) })
	})
	var out []topology.SiteID
	for _, o := range found[:min(mostAlternatives, len(found))] {
		out = append(out, o.site)
	}
	return out, nil
}
