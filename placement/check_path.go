package placement

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkPath is a bound over several flows, one after the other.
type checkPath struct {
	Path
	stages [][]*checkItem // replicas by component
	data   []DataClass    // of the hop into each component; empty: that of the receiving replica
}

func (c *checker) indexPath(app *Application, path Path, components map[string][]*checkItem) {
	p := &checkPath{Path: path}
	from := path.FromAccess
	for k, name := range path.Components {
		sender := ""
		if k > 0 {
			from, sender = "", path.Components[k-1]
		}
		var data DataClass
		for i := range app.Flows {
			if f := &app.Flows[i]; f.FromAccess == from && f.FromComponent == sender && f.To == name {
				data = f.Data
				break
			}
		}
		p.data = append(p.data, data)
		p.stages = append(p.stages, components[name])
		for _, it := range components[name] {
			it.paths = append(it.paths, p)
		}
	}
	c.paths = append(c.paths, p)
}

// checkChoice is one choice of placed replicas, with what it takes.
type checkChoice struct {
	items   []*checkItem
	hops    []latency.Tail // as many as there are ends before an end
	unknown int            // the first hop whose latency is not known, -1
	latency topology.Micros
}

// judgePath returns what is wrong with the worst choice of replicas, nil where nothing is. Only choices with a given
// workload count, all where it is nil.
func (c *checker) judgePath(p *checkPath, with *checkItem) (*Violation, error) {
	worst, missed, err := c.worstChoice(p, with)
	if err != nil || missed == 0 {
		return nil, err
	}
	v := Violation{Kind: ByPath, Workloads: idsOf(worst.items), Have: int64(worst.latency), Want: int64(p.Bound), Unit: "us"}
	if worst.unknown >= 0 {
		v.Have = -1
	}
	if c.brief {
		return &v, nil
	}
	v.Message = c.pathText(p, worst)
	if missed > 1 {
		v.Message += fmt.Sprintf("; %d choices of replicas miss it", missed)
	}
	return &v, nil
}

// pathBreach is about a path of which the worst choice is too long or not known.
func (c *checker) pathBreach(v *Violation, path int) checkBreach {
	b := checkBreach{Violation: *v, key: fmt.Sprintf("path %d", path), excess: v.Have - v.Want}
	if v.Have < 0 {
		b.excess = math.MaxInt64
		for _, id := range v.Workloads {
			b.place += string(id) + " " + string(c.byID[id].site.ID) + " "
		}
	}
	return b
}

// worstChoice tries all choices of placed replicas, and counts those that miss the bound. One that is not known is worse
// than all that are.
func (c *checker) worstChoice(p *checkPath, with *checkItem) (worst *checkChoice, missed int, err error) {
	placed := make([][]*checkItem, len(p.stages))
	all := 1
	for k, items := range p.stages {
		placed[k] = placedOf(items)
		if with != nil && slices.Contains(items, with) {
			placed[k] = []*checkItem{with}
		}
		all *= len(placed[k])
	}
	for n := range all {
		choice := &checkChoice{items: make([]*checkItem, len(placed))}
		for k := len(placed) - 1; k >= 0; k-- {
			choice.items[k] = placed[k][n%len(placed[k])]
			n /= len(placed[k])
		}
		if err := c.travel(p, choice); err != nil {
			return nil, 0, err
		}
		if choice.unknown < 0 && choice.latency <= p.Bound {
			continue
		}
		if missed++; worst == nil || choice.compare(worst) < 0 {
			worst = choice
		}
	}
	return worst, missed, nil
}

// compare puts the worse of two choices first: one that is not known, then the longer one, then by IDs.
func (a *checkChoice) compare(b *checkChoice) int {
	switch {
	case (a.unknown >= 0) != (b.unknown >= 0):
		return b.unknown - a.unknown
	case a.unknown < 0 && a.latency != b.latency:
		return cmp.Compare(b.latency, a.latency)
	}
	return slices.CompareFunc(a.items, b.items, func(x, y *checkItem) int { return cmp.Compare(x.w.ID, y.w.ID) })
}

// travel adds up the hops of a choice.
func (c *checker) travel(p *checkPath, choice *checkChoice) error {
	choice.unknown = -1
	origin := p.FromAccess.Node()
	var sum latency.Tail
	for k, it := range choice.items {
		end := it.site.ID.Node()
		if k == 0 && p.FromAccess == "" {
			origin = end
			continue
		}
		hop, known := latency.Tail{}, true
		if origin != end {
			class := p.data[k]
			if class == "" {
				class = it.w.Data
			}
			t, err := c.transit(class)
			if err != nil {
				return err
			}
			hop, known = c.row(origin, t).Tail(end, p.percentile())
		}
		if !known && choice.unknown < 0 {
			choice.unknown = len(choice.hops)
		}
		choice.hops = append(choice.hops, hop)
		sum = sum.Plus(hop)
		origin = end
	}
	choice.latency = sum.Latency(p.percentile())
	return nil
}

// pathText says how long a choice takes, and which hop takes how much of it.
func (c *checker) pathText(p *checkPath, choice *checkChoice) string {
	var ends []string
	if p.FromAccess != "" {
		ends = append(ends, string(p.FromAccess))
	}
	for _, it := range choice.items {
		ends = append(ends, fmt.Sprintf("%s at %s", it.w.ID, it.site.ID))
	}
	if choice.unknown >= 0 {
		return fmt.Sprintf("path %s: no way from %s to %s is known that its data may take (%s bound %s)", p.label(), ends[choice.unknown],
			ends[choice.unknown+1], p.percentile(), microsText(p.Bound))
	}
	text := ends[0]
	for k, share := range latency.Shares(choice.hops, p.percentile()) {
		text += fmt.Sprintf(" -%s-> %s", microsText(share), ends[k+1])
	}
	have, want := comparedText(int64(choice.latency), int64(p.Bound), quantity.Duration)
	return strings.Join([]string{"path", p.label() + ":", p.percentile().String(), "is", have + ",", "bound", want + ":", text}, " ")
}
