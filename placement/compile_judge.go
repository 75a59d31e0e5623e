package placement

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// judgeClasses finds the sites of every class. What classes have in common is worked out first; after that they are judged
// side by side.
func (c *compiled) judgeClasses() error {
	for _, cl := range c.classes {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		c.filterFacts(cl)
		if err := c.filterRules(cl); err != nil {
			return err
		}
		if err := c.findFlows(cl); err != nil {
			return err
		}
	}
	if err := c.fillAccess(); err != nil {
		return err
	}
	if err := c.askByClass(); err != nil {
		return err
	}
	c.last.compare(c)
	points := make([]*sparse, len(c.classes))
	err := parallel.Each(len(c.classes), func(_, k int) (err error) {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		points[k], err = c.judge(k)
		return err
	})
	for k, cl := range c.classes {
		cl.points = c.hold(points[k])
	}
	return err
}

// judge finds the sites that pass every unary constraint, and returns what policies prefer of them. Where policies are
// asked class by class they are asked last, and only about the sites that are left.
func (c *compiled) judge(k int) (points *sparse, err error) {
	cl := c.classes[k]
	if c.last.judge(c, k) {
		return cl.verdict.prefers(), nil
	}
	cl.admits = slices.Clone(cl.filters[0].pass)
	for _, f := range cl.filters[1:] {
		cl.admits.and(f.pass)
	}
	for j := range cl.flows {
		cl.flows[j].keep(cl.admits)
	}
	switch {
	case c.p.Admission == nil:
		return nil, nil
	case cl.verdict == nil:
		return c.filterAdmission(cl, cl.admits.list(nil))
	}
	cl.admits.and(cl.verdict.admits)
	return cl.verdict.points, nil
}

// keep takes away the sites to which a flow's data may not go, or not quickly enough.
func (f *accessFlow) keep(admits bitset) {
	most := int32(problem.Unknown - 1)
	if f.flow.Bound > 0 {
		most = int32(min(f.flow.Bound, problem.Unknown-1))
	}
	for k, word := range admits {
		row, kept := f.row.latency[k<<6:min(k<<6+64, len(f.row.latency))], word
		for w := word; w != 0; w &= w - 1 {
			at := bits.TrailingZeros64(w)
			if row[at] > most {
				kept &^= 1 << at
			}
		}
		admits[k] = kept
	}
}

// filterAdmission asks the policies about the sites listed; the others are refused already.
func (c *compiled) filterAdmission(cl *class, listed []int32) (*sparse, error) {
	if len(listed) == 0 {
		return nil, nil
	}
	verdicts, err := c.admit(c.ctx, cl, listed)
	if err != nil {
		return nil, err
	}
	var points sparse
	for k, at := range listed {
		if v := &verdicts[k]; v.Denied {
			cl.admits.unset(at)
		} else if v.Points != 0 {
			points.sites = append(points.sites, at)
			points.values = append(points.values, v.Points)
		}
	}
	if len(points.sites) == 0 {
		return nil, nil
	}
	return &points, nil
}

// verdictRow is what policies say to a class of workloads: which sites they admit and what they prefer of them. Points of
// other sites mean nothing.
type verdictRow struct {
	admits bitset
	points *sparse
}

func (r *verdictRow) prefers() *sparse {
	if r == nil {
		return nil
	}
	return r.points
}

// askByClass asks an Admission that knows its classes about one of each, side by side.
func (c *compiled) askByClass() error {
	classifier, ok := c.p.Admission.(Classifier)
	if !ok {
		return nil
	}
	workloads := make([]*Workload, len(c.classes))
	for k, cl := range c.classes {
		workloads[k] = cl.w
	}
	ofWorkloads, ofSites, err := classesBy(c.ctx, classifier, c.in, workloads, c.sites)
	if err != nil {
		return fmt.Errorf("classes of admission: %w", err)
	}
	askers, err := asksOf(ofWorkloads, workloads)
	if err != nil {
		return err
	}
	sites, err := asksOf(ofSites, c.sites)
	if err != nil {
		return err
	}
	rows := make([]verdictRow, len(askers))
	for k, cl := range c.classes {
		cl.verdict = &rows[ofWorkloads[k]]
	}
	answers := make([][]Verdict, len(askers))
	err = parallel.Each(len(askers), func(_, k int) (err error) {
		if answers[k], err = c.ask(c.ctx, askers[k], sites); err != nil {
			return err
		}
		admits := newBitset(len(c.sites))
		for at, s := range ofSites {
			if !answers[k][s].Denied {
				admits.set(int32(at))
			}
		}
		rows[k].admits = admits
		return nil
	})
	if err != nil {
		return err
	}
	c.setPoints(rows, answers, ofSites)
	return nil
}

// asksOf returns the first of each class.
func asksOf[T any](numbers []int32, all []T) ([]T, error) {
	if len(numbers) != len(all) {
		return nil, fmt.Errorf("classes of admission: %d numbers for %d", len(numbers), len(all))
	}
	n := int32(-1)
	for _, k := range numbers {
		n = max(n, k)
	}
	first, found := make([]T, n+1), make([]bool, n+1)
	for at, k := range numbers {
		if k < 0 {
			return nil, fmt.Errorf("classes of admission: the number %d", k)
		}
		if !found[k] {
			first[k], found[k] = all[at], true
		}
	}
	return first, nil
}

// setPoints gives every row its column of points. Rows that differ only in what is denied to them, which has no points,
// hold one column, so that what is made for one will do for the other.
func (c *compiled) setPoints(rows []verdictRow, answers [][]Verdict, ofSites []int32) {
	const tried = 16 // columns that a row is compared with; more are hardly alike
	var merged [][]Verdict
	of := make([]int, len(answers))
	for k, row := range answers {
		of[k] = -1
		for m := range merged[:min(tried, len(merged))] {
			if join(merged[m], row) {
				of[k] = m
				break
			}
		}
		if of[k] < 0 {
			of[k] = len(merged)
			merged = append(merged, row)
		}
	}
	columns := make([]*sparse, len(merged))
	for m, row := range merged {
		points := make([]int64, len(c.sites))
		for at, s := range ofSites {
			if !row[s].Denied {
				points[at] = row[s].Points
			}
		}
		columns[m] = c.hold(newSparse(points))
	}
	for k := range rows {
		rows[k].points = columns[of[k]]
	}
}

// join adds the points of a row to those of another, if they agree where neither denies.
func join(to, row []Verdict) bool {
	for s := range row {
		if !row[s].Denied && !to[s].Denied && row[s].Points != to[s].Points {
			return false
		}
	}
	for s := range row {
		if to[s].Denied {
			to[s] = row[s]
		}
	}
	return true
}

func (c *compiled) ask(ctx context.Context, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	defer named(func() string { return admittedAs(c.p.Admission, w, sites...) })
	verdicts, err := c.p.Admission.Admit(ctx, c.in, w, sites)
	if err != nil {
		return nil, fmt.Errorf("admission of %s: %w", w.ID, err)
	}
	if len(verdicts) != len(sites) {
		return nil, fmt.Errorf("admission of %s: %d verdicts on %d sites", w.ID, len(verdicts), len(sites))
	}
	return verdicts, nil
}
