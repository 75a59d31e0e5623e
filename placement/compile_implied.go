package placement

import (
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// imply takes away what follows for single workloads from constraints over several: sites whose part no partner can be
// on, workloads beyond what the parts in reach can hold, all of a gang of which one fits nowhere. Nothing that an
// assignment could use is lost but the choice among workloads that are interchangeable, and the bounds, which see
// workloads one by one, come to know it.
func (c *compiled) imply() error {
	for again := true; again; {
		again = false
		for k := range c.out.Groups {
			g := &c.out.Groups[k]
			switch g.Kind {
			case problem.Attend:
				again = c.implyAttend(g) || again
			case problem.Spread, problem.Conflict:
				again = c.implyCap(g) || again
			case problem.Gang:
				again = c.implyGang(g) || again
			}
		}
	}
	return nil
}

// implyAttend takes from the members the sites on whose part none of With can be.
func (c *compiled) implyAttend(g *problem.Group) (changed bool) {
	of := c.out.Domains[g.Domain].Of
	reach := c.parts(g, g.With)
	for _, k := range c.classesOf(g.Members) {
		for _, at := range c.classes[k].admits.list(nil) {
			if !reach[of[at]] {
				c.classes[k].own().unset(at)
				changed = true
			}
		}
	}
	return changed
}

// implyCap leaves out the last of interchangeable members where the parts in reach cannot hold all: of a spread over more
// parts than there are, one on each; of a conflict, as many as it allows on each.
func (c *compiled) implyCap(g *problem.Group) bool {
	var live []int32
	for _, i := range g.Members {
		if len(c.classes[c.classOf[i]].admits.list(nil)) > 0 {
			live = append(live, i)
		}
	}
	if len(live) == 0 || slices.ContainsFunc(live, func(i int32) bool {
		return c.classOf[i] != c.classOf[live[0]] || c.current[i] != c.current[live[0]]
	}) {
		return false
	}
	room := len(c.parts(g, live))
	switch {
	case g.Kind == problem.Conflict:
		room *= int(g.Limit)
	case room >= int(g.Limit):
		return false
	}
	if room >= len(live) {
		return false
	}
	out := *c.classes[c.classOf[live[0]]]
	out.admits, out.judged = newBitset(len(c.sites)), nil
	c.classes = append(c.classes, &out)
	for _, i := range live[room:] {
		c.classOf[i] = int32(len(c.classes) - 1)
	}
	return true
}

// implyGang leaves all out where one fits nowhere.
func (c *compiled) implyGang(g *problem.Group) (changed bool) {
	classes := c.classesOf(g.Members)
	if !slices.ContainsFunc(classes, func(k int32) bool { return len(c.classes[k].admits.list(nil)) == 0 }) {
		return false
	}
	for _, k := range classes {
		if len(c.classes[k].admits.list(nil)) > 0 {
			clear(c.classes[k].own())
			changed = true
		}
	}
	return changed
}

// own returns the sites of a class as a set that may be changed, and sees to it that what was judged stays known.
func (cl *class) own() bitset {
	if cl.judged == nil {
		cl.judged, cl.admits = cl.admits, slices.Clone(cl.admits)
	}
	return cl.admits
}

// parts returns the parts of a group's domain that any of the items may be on.
func (c *compiled) parts(g *problem.Group, items []int32) map[int32]bool {
	of, reach := c.out.Domains[g.Domain].Of, make(map[int32]bool)
	for _, k := range c.classesOf(items) {
		for _, at := range c.classes[k].admits.list(nil) {
			reach[of[at]] = true
		}
	}
	return reach
}

// classesOf lists the classes of items, each once.
func (c *compiled) classesOf(items []int32) (classes []int32) {
	for _, i := range items {
		classes = append(classes, c.classOf[i])
	}
	slices.Sort(classes)
	return slices.Compact(classes)
}
