package policy

import (
	"context"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Judgement is what a [Screen] says of one workload. It never changes.
type Judgement struct {
	admitted bitset
	points   []pointsOf
}

// pointsOf is the points of one rule.
type pointsOf struct {
	classes vector[int32] // of sites
	answers []cell        // by class
	owned   bitset        // nil: all
}

// Admits says whether the workload may run on site k of the screen.
func (j Judgement) Admits(k int) bool { return j.admitted.has(int32(k)) }

// Bits returns a bit for each site of the screen, set where the workload may run: bit k%64 of word k/64. It must not be changed.
func (j Judgement) Bits() []uint64 { return j.admitted }

// Points returns what all wishes together give site k; nothing where it is denied. O(rules that wish).
func (j Judgement) Points(k int) int64 {
	i := int32(k)
	if !j.admitted.has(i) {
		return 0
	}
	var sum int64
	for _, p := range j.points {
		if p.owned == nil || p.owned.has(i) {
			sum += p.answers[p.classes.at(i)].points()
		}
	}
	return sum
}

// Judge judges a workload on all sites. Where its classes are known it costs the making of its key and, for each rule that speaks to
// its tenant, one pass over the words of a bit set. Rules that deny are asked about no site that another one denies
// already, and wishes about none that is denied. Errors are as in [Set.Admit].
func (x *Screen) Judge(ctx context.Context, w *placement.Workload) (Judgement, error) {
	return x.judge(ctx, w, nil, nil)
}

// judge judges a workload on the sites of a set, nil for all. What it says of others means nothing. A question that was prepared
// already is of use where it is from the same memory.
func (x *Screen) judge(ctx context.Context, w *placement.Workload, of bitset, q *question) (Judgement, error) {
	c, err := x.recall(ctx)
	if err != nil {
		return Judgement{}, err
	}
	if q == nil || q.memory != c.memory {
		q = &question{Set: x.set, ctx: ctx, memory: c.memory, picture: c.picture, load: w}
		if err := q.classify(); err != nil {
			return Judgement{}, err
		}
	}
	denied := newBitset(x.sites.n)
	if q.err != nil {
		return Judgement{admitted: denied}, nil
	}
	denied.or(c.wrong)
	var j Judgement
	for _, i := range q.asked {
		r := x.set.rules[i]
		if a := c.picture.settled[i]; a != unasked {
			if a.refuses() {
				x.refuse(c, r, denied)
			}
			continue
		}
		row, err := x.asked(q, c, i, denied, of)
		if err != nil {
			return Judgement{}, err
		}
		denied.or(row.denied)
		if row.points != nil {
			j.points = append(j.points, pointsOf{c.classes[r.siteView], row.points, c.owned[r.side.owner]})
		}
	}
	denied.flip(x.sites.n)
	j.admitted = denied
	return j, nil
}

// refuse denies all sites that a rule speaks of.
func (x *Screen) refuse(c *classified, r *rule, denied bitset) {
	if r.side.owner != "" {
		denied.or(c.owned[r.side.owner])
		return
	}
	for k := range denied {
		denied[k] = ^uint64(0)
	}
	denied.trim(x.sites.n)
}

// asked returns a rule's row after asking about the sites that matter: those that are asked about and not denied yet.
func (x *Screen) asked(q *question, c *classified, rule int, denied, of bitset) (*row, error) {
	workloads := q.class(rule)
	row := x.row(c, rule, workloads)
	if row.open == nil {
		return row, nil
	}
	var open bitset
	for k, word := range row.open {
		if word &^= denied[k]; of != nil {
			word &= of[k]
		}
		if word != 0 && open == nil {
			open = newBitset(x.sites.n)
		}
		if open != nil {
			open[k] = word
		}
	}
	if open == nil {
		return row, nil
	}
	if err := x.ask(q, c, rule, open); err != nil {
		return nil, err
	}
	made := x.make(c, rule, workloads)
	c.rows.put(rowKey{int32(rule), workloads}, made)
	return made, nil
}

// ask asks a rule about one site of each class among those of a set.
func (x *Screen) ask(q *question, c *classified, rule int, open bitset) (err error) {
	view := x.set.rules[rule].siteView
	done := map[int32]bool{}
	open.all(func(i int32) bool {
		class := c.classes[view].at(i)
		if !done[class] {
			done[class] = true
			_, _, err = q.answer(rule, x.sites.at(c.one(view, i)), class)
		}
		return err == nil
	})
	return err
}

// verdicts says in full what a judgement says of sites.
func (j Judgement) verdicts(at []int32) []placement.Verdict {
	verdicts := make([]placement.Verdict, len(at))
	for n, i := range at {
		verdicts[n].Denied = !j.admitted.has(i)
	}
	for _, p := range j.points {
		for n, i := range at {
			if v := &verdicts[n]; !v.Denied && (p.owned == nil || p.owned.has(i)) {
				v.Points += p.answers[p.classes.at(i)].points()
			}
		}
	}
	return verdicts
}

// find returns the places of sites that stand in the order of the screen's; ok is false where they do not.
func (x *Screen) find(sites []*topology.Site) (at []int32, ok bool) {
	at = make([]int32, len(sites))
	i := int32(0)
	for n, site := range sites {
		for ; i < int32(x.sites.n) && x.sites.at(i) != site; i++ {
		}
		if i == int32(x.sites.n) {
			return nil, false
		}
		at[n] = i
		i++
	}
	return at, true
}
