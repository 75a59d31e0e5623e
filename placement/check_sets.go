package placement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// checkBreach is a broken constraint over several workloads.
type checkBreach struct {
	Violation
	// key tells the breaches of one constraint apart, excess says how badly it is broken: a move that keeps the key and
	// does not raise the excess has not made it worse. Where it is not a matter of degree, place is where it is broken, and
	// elsewhere it is another breach.
	key    string
	excess int64
	place  string
	budget int // which of Problem.Budgets
}

// breaches returns how the constraint is broken.
func (set *checkSet) breaches() []checkBreach {
	switch k := set.constraint.(type) {
	case Spread:
		return set.spread(k)
	case Conflict:
		return set.conflict(k)
	case Affinity:
		if len(set.with) > 0 {
			return set.affinityWith(k)
		}
		return set.affinity(k)
	default:
		return set.gang()
	}
}

func (set *checkSet) spread(k Spread) []checkBreach {
	groups := groupBy(set.items, k.Over)
	placed := placedOf(set.items)
	want := min(k.AtLeast, len(placed))
	if len(groups) >= want {
		return nil
	}
	message := fmt.Sprintf("%s: on %s (%s), at least %d wanted", andText(k.Components), k.Over.count(len(groups)), groupsText(groups), want)
	if want < k.AtLeast {
		message += fmt.Sprintf(" (%d once as many are placed)", k.AtLeast)
	}
	return []checkBreach{{
		Violation: Violation{
			Kind: BySpread, Workloads: idsOf(placed), Message: message,
			Have: int64(len(groups)), Want: int64(want), Unit: string(k.Over),
		},
		excess: int64(want - len(groups)),
	}}
}

func (set *checkSet) conflict(k Conflict) []checkBreach {
	var found []checkBreach
	for _, g := range groupBy(set.items, k.Over) {
		if len(g.items) <= k.AtMost {
			continue
		}
		v := Violation{
			Kind: ByConflict, Workloads: idsOf(g.items),
			Message: fmt.Sprintf("%s: %s on %s, at most %d allowed", andText(k.Components),
				countText(len(g.items), "workload", "workloads"), k.Over.text(g.value), k.AtMost),
			Have: int64(len(g.items)), Want: int64(k.AtMost), Unit: "workloads",
		}
		if k.Over == "site" {
			v.Site = g.items[0].site.ID
		}
		found = append(found, checkBreach{Violation: v, key: k.Over.text(g.value), excess: int64(len(g.items) - k.AtMost)})
	}
	return found
}

// affinityWith returns a breach for each placed workload that is where none of the others is.
func (set *checkSet) affinityWith(k Affinity) []checkBreach {
	homes := groupBy(set.with, k.Over)
	there := make(map[checkValue]bool, len(homes))
	for _, g := range homes {
		there[g.value] = true
	}
	var found []checkBreach
	for _, it := range placedOf(set.items) {
		value := k.Over.valueOf(it.site)
		if there[value] {
			continue
		}
		message := fmt.Sprintf("is on %s, but %s on %s", k.Over.text(value), verbText(k.With), groupsText(homes))
		if len(homes) == 0 {
			message = fmt.Sprintf("must be on one %s with %s, of which nothing is placed", strings.TrimPrefix(string(k.Over), "label:"), andText(k.With))
		}
		v := refusal(it, it.site, ByAffinity, message)
		found = append(found, checkBreach{Violation: v, key: string(it.w.ID), excess: 1})
	}
	return found
}

// affinity returns a breach where the placed workloads are on several values.
func (set *checkSet) affinity(k Affinity) []checkBreach {
	groups := groupBy(set.items, k.Over)
	if len(groups) < 2 {
		return nil
	}
	placed := placedOf(set.items)
	largest := slices.MaxFunc(groups, func(a, b checkGroup) int { return cmp.Compare(len(a.items), len(b.items)) })
	return []checkBreach{{
		Violation: Violation{
			Kind: ByAffinity, Workloads: idsOf(placed),
			Message: fmt.Sprintf("%s: on %s (%s), one wanted", andText(k.Components), k.Over.count(len(groups)), groupsText(groups)),
			Have:    int64(len(groups)), Want: 1, Unit: string(k.Over),
		},
		excess: int64(len(placed) - len(largest.items)),
	}}
}

func (set *checkSet) gang() []checkBreach {
	placed := placedOf(set.items)
	missing := len(set.items) - len(placed)
	if len(placed) == 0 || missing == 0 {
		return nil
	}
	var out []string
	for _, it := range set.items {
		if it.site == nil {
			out = append(out, string(it.w.ID))
		}
	}
	slices.Sort(out)
	return []checkBreach{{
		Violation: Violation{
			Kind: ByGang, Workloads: idsOf(set.items),
			Message: fmt.Sprintf("placed all or not at all, but %d of %d are placed; not placed: %s", len(placed), len(set.items), andText(out)),
			Have:    int64(len(placed)), Want: int64(len(set.items)), Unit: "workloads",
		},
		excess: int64(missing),
	}}
}

func placedOf(items []*checkItem) []*checkItem {
	var placed []*checkItem
	for _, it := range items {
		if it.site != nil {
			placed = append(placed, it)
		}
	}
	return placed
}

func idsOf(items []*checkItem) []WorkloadID {
	ids := make([]WorkloadID, len(items))
	for i, it := range items {
		ids[i] = it.w.ID
	}
	slices.Sort(ids)
	return ids
}

// verbText writes "api is" or "api and db are".
func verbText(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return andText(names) + " are"
}
