package placement

import (
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// need is a requirement that a site does not meet, with the fix that would make it meet it, if there is one.
type need struct {
	key string // the same for the same requirement at every site
	Requirement
	fix *Fix
	// looser is by how much of itself a bound is raised, in thousandths.
	looser int64
}

// siteNeeds is all that keeps a component from a site.
type siteNeeds struct {
	site  *topology.Site
	needs []need
}

// needs lists what keeps the missing replicas of a component from each site, everything else staying where it is. That
// it would be placed without its gang keeps it from nowhere here: the gang comes along.
func (x *relaxing) needs(items []*checkItem) ([]siteNeeds, error) {
	it := items[0]
	x.replicas = len(items)
	sites := x.c.sites()
	if err := x.c.admit(it.class, sites); err != nil {
		return nil, err
	}
	out := make([]siteNeeds, 0, len(sites))
	for _, s := range sites {
		n := siteNeeds{site: s}
		for _, collect := range []func(*checkItem, *topology.Site) ([]need, error){x.unaryNeeds, x.policyNeeds, x.flowNeeds, x.pathNeeds, x.setNeeds, x.wholeNeeds} {
			more, err := collect(it, s)
			if err != nil {
				return nil, err
			}
			n.needs = append(n.needs, more...)
		}
		n.needs = append(n.needs, x.capacityNeeds(it, s, int64(len(items)))...)
		out = append(out, n)
	}
	return out, nil
}

// componentName is how a component is named in fixes.
func componentName(w *Workload) string { return w.Application + "/" + w.Component }

// unaryNeeds are facts of the site: state, runtime, selectors.
func (x *relaxing) unaryNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	var out []need
	selected := false
	for _, v := range x.c.plainRefusals(it, s) {
		switch v.Kind {
		case BySelector:
			selected = true
		case ByRuntime:
			out = append(out, need{key: "runtime", Requirement: Requirement{ByRuntime, fmt.Sprintf("a %s needs a %s site", it.w.Kind, hosts[it.w.Kind])}})
		default:
			out = append(out, need{key: "state", Requirement: Requirement{v.Kind, "the site takes workloads"}})
		}
	}
	if selected {
		wish := selectorText(it.w)
		fix := &Fix{Kind: BySelector, Component: componentName(it.w), Message: "give up that " + wish}
		out = append(out, need{key: "selector", Requirement: Requirement{BySelector, wish}, fix: fix})
	}
	return out, nil
}

// selectorText says which sites a workload asks for.
func selectorText(w *Workload) string {
	var parts []string
	if w.Site != "" {
		parts = append(parts, "is pinned to "+string(w.Site))
	}
	if len(w.Tiers) > 0 {
		parts = append(parts, "wants tier "+tiersText(w.Tiers))
	}
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		parts = append(parts, fmt.Sprintf("wants label %s=%s", key, w.Labels[key]))
	}
	return componentName(w) + " " + andText(parts)
}

// policyNeeds are the rules that deny the pair: one need for each, one fix for all.
func (x *relaxing) policyNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	var out []need
	ruling, err := x.c.ruling(it, s)
	if err != nil {
		return nil, err
	}
	for _, why := range ruling.refusals {
		out = append(out, need{key: "rule/" + why, Requirement: Requirement{ByRule, why}})
	}
	verdict, err := x.c.verdict(it, s)
	if err != nil || !verdict.Denied {
		return out, err
	}
	reasons, err := x.c.reasons(it, s)
	if err != nil {
		return nil, err
	}
	var codes []string
	titles, final := map[string]string{}, false
	for _, r := range reasons {
		final = final || r.Final
		if titles[r.Code] == "" {
			titles[r.Code] = r.Title
			codes = append(codes, r.Code)
		}
	}
	slices.Sort(codes)
	var fix *Fix
	if len(codes) > 0 && !slices.Contains(codes, "") && !final {
		fix = &Fix{Kind: ByAdmission, Component: componentName(it.w), Site: s.ID, Rules: codes,
			Message: fmt.Sprintf("except %s at %s from %s", componentName(it.w), s.ID, andText(ruleTexts(codes, titles)))}
	}
	for _, code := range codes {
		out = append(out, need{key: "admission/" + code, Requirement: Requirement{ByAdmission, ruleTexts([]string{code}, titles)[0]}, fix: fix})
		fix = nil // the first one carries the fix for all
	}
	if len(codes) == 0 {
		out = append(out, need{key: "admission", Requirement: Requirement{ByAdmission, "a policy that gives no reason"}})
	}
	return out, nil
}

// ruleTexts writes rules as "OWN-001 (No extraterritorial control)".
func ruleTexts(codes []string, titles map[string]string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = c
		if titles[c] != "" {
			out[i] = fmt.Sprintf("%s (%s)", c, titles[c])
		}
	}
	return out
}

// capacityNeeds are the dimensions in which the site has no room for so many replicas.
func (x *relaxing) capacityNeeds(it *checkItem, s *topology.Site, replicas int64) []need {
	var out []need
	for _, dim := range slices.Sorted(maps.Keys(it.w.Demand)) {
		demand := it.w.Demand[dim]
		free := s.Capacity[dim] - x.c.usedByOthers(it, s)[dim]
		if demand == 0 || demand <= free {
			continue
		}
		lack := demand*replicas - max(free, 0) // validate bounds the sum of all demands
		asked := dimensionText(quantity.Human(demand, dimensionUnit(dim)), dim)
		n := need{key: "capacity/" + string(dim), Requirement: Requirement{ByCapacity, fmt.Sprintf("%s needs room for %s beside what runs there", it.w.ID, asked)}}
		if cost, err := s.HourlyPrice(topology.Resources{dim: lack}); err == nil && s.Capacity[dim] > 0 {
			more := dimensionText(quantity.Human(lack, dimensionUnit(dim)), dim)
			n.fix = &Fix{Kind: ByCapacity, Site: s.ID, Dimension: dim, Amount: lack, Cost: cost,
				Message: fmt.Sprintf("%s more at %s (worth %s/h)", more, s.ID, quantity.Human(int64(cost), quantity.Euro))}
		}
		out = append(out, n)
	}
	return out
}

// flowNeeds are the flows that would miss their bound, or have no permitted way, with the workload on the site.
func (x *relaxing) flowNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	was := it.site
	x.c.put(it, s)
	defer x.c.put(it, was)
	worst := map[string]need{} // several pairs of one flow are one requirement
	var err error
	it.touching(func(f *checkFlow, from, to *checkItem) bool {
		var v *Violation
		if v, err = x.c.judgeFlow(f, from, to); err != nil || v == nil {
			return err == nil
		}
		n := flowNeed(f, to, v)
		if old, ok := worst[n.key]; !ok || n.looser > old.looser {
			worst[n.key] = n
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	var out []need
	for _, key := range slices.Sorted(maps.Keys(worst)) {
		out = append(out, worst[key])
	}
	return out, nil
}

// flowNeed turns a violation of a flow into the requirement behind it.
func flowNeed(f *checkFlow, to *checkItem, v *Violation) need {
	source := f.FromComponent
	if f.FromAccess != "" {
		source = string(f.FromAccess)
	}
	n := need{key: fmt.Sprintf("flow/%s/%s/%d", source, f.To, f.Bound)}
	if v.Kind == ByTransit || v.Have < 0 {
		n.Requirement = Requirement{v.Kind, fmt.Sprintf("%s from %s to %s needs a way that is known and permitted", dataText(f.data(to)), source, componentName(to.w))}
		return n
	}
	n.Requirement = Requirement{ByLatency, fmt.Sprintf("%s from %s to %s within %s", f.percentile, source, componentName(to.w), microsText(f.Bound))}
	raised := raisedTo(v)
	n.looser = int64(raised-f.Bound) * 1000 / int64(f.Bound)
	n.fix = &Fix{Kind: ByLatency, Component: componentName(to.w), Source: source, From: f.Bound, To: raised,
		Message: fmt.Sprintf("raise the %s bound from %s to %s from %s to %s", f.percentile, source, componentName(to.w), microsText(f.Bound), microsText(raised))}
	return n
}

// raisedTo is a bound that what is had keeps, in full tenths of a millisecond.
func raisedTo(v *Violation) topology.Micros {
	const step = 100
	return topology.Micros((v.Have + step - 1) / step * step)
}

// pathNeeds are the paths that would miss their bound with the workload on the site.
func (x *relaxing) pathNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	was := it.site
	x.c.put(it, s)
	defer x.c.put(it, was)
	var out []need
	for _, p := range it.paths {
		v, err := x.c.judgePath(p, it)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		n := need{key: "path/" + it.w.Application + "/" + p.label(), Requirement: Requirement{ByPath, wishText(p.Path)}}
		if v.Have >= 0 {
			raised := raisedTo(v)
			n.looser = int64(raised-p.Bound) * 1000 / int64(p.Bound)
			n.fix = &Fix{Kind: ByPath, Component: componentName(it.w), Source: p.label(), From: p.Bound, To: raised,
				Message: fmt.Sprintf("raise the %s bound of path %s of %s from %s to %s", p.percentile(), p.label(), it.w.Application,
					microsText(p.Bound), microsText(raised))}
		}
		out = append(out, n)
	}
	return out, nil
}

// setNeeds are the spreads, conflicts and affinities that would be broken.
func (x *relaxing) setNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	was := it.site
	before := map[int]int{}
	for i, set := range it.sets {
		before[i] = len(set.breaches())
	}
	x.c.put(it, s)
	defer x.c.put(it, was)
	var out []need
	for i, set := range it.sets {
		for _, b := range set.breaches() {
			if b.Kind != ByGang && len(set.breaches()) > before[i] {
				fix := &Fix{Kind: b.Kind, Component: componentName(it.w), Wish: set.wish(), Message: "give up " + set.wish()}
				out = append(out, need{key: fmt.Sprintf("set/%d", i), Requirement: Requirement{b.Kind, set.wish()}, fix: fix})
				break
			}
		}
	}
	return out, nil
}

// wholeNeeds are room during the move, which has no fix (who is in a hurry to move is not for the problem to say), and the
// budgets.
func (x *relaxing) wholeNeeds(it *checkItem, s *topology.Site) ([]need, error) {
	var out []need
	for _, v := range x.c.lackDuring(it, s) {
		out = append(out, need{key: "during/" + v.Unit, Requirement: Requirement{ByCapacity, fmt.Sprintf("%s needs room while workloads move", it.w.ID)}})
	}
	brief := x.c.brief
	x.c.brief = true // only whether there are any counts
	defer func() { x.c.brief = brief }()
	budgets, err := x.c.overspentBy(it, s)
	if err != nil {
		return nil, err
	}
	for _, b := range budgets {
		n := need{key: fmt.Sprintf("budget/%d", b.budget), Requirement: Requirement{ByBudget, budgetText(x.p.Budgets[b.budget])}}
		if more, ok := mulAdd(b.excess, int64(x.replicas)-1, b.Have-b.Want); ok {
			n.fix, n.looser = x.raise(b.budget, more)
		}
		out = append(out, n)
	}
	return out, nil
}

// wish says what the constraint asks for.
func (set *checkSet) wish() string { return wishText(set.constraint) }

func wishText(constraint Constraint) string {
	switch k := constraint.(type) {
	case Spread:
		return fmt.Sprintf("%s on at least %s", andText(k.Components), k.Over.count(k.AtLeast))
	case Conflict:
		return fmt.Sprintf("at most %d of %s on one %s", k.AtMost, andText(k.Components), k.Over)
	case Affinity:
		if len(k.With) > 0 {
			return fmt.Sprintf("%s on one %s with %s", andText(k.Components), k.Over, andText(k.With))
		}
		return fmt.Sprintf("all of %s on one %s", andText(k.Components), k.Over)
	case Gang:
		return fmt.Sprintf("all of %s or none", andText(k.Components))
	case Path:
		return fmt.Sprintf("%s of path %s within %s", k.percentile(), k.label(), microsText(k.Bound))
	}
	panic("placement: unknown constraint")
}
