package report

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// costChart is a bar chart of what is paid an hour, by one property of the sites.
type costChart struct {
	Title string
	Bars  []costBar
}

// costBar is one bar; Width is per cent of the longest.
type costBar struct {
	Label     string
	Cost      topology.MicroEUR
	Workloads int
	Width     int
}

func costs(d *Document) []costChart {
	by := func(title string, key func(*topology.Site) string) costChart {
		bars := map[string]*costBar{}
		for _, l := range d.Evaluation.Lines {
			s, ok := d.Problem.Continuum.Site(l.Site)
			if !ok {
				continue
			}
			b := bars[key(s)]
			if b == nil {
				b = &costBar{Label: key(s)}
				bars[key(s)] = b
			}
			b.Cost += l.Price + l.Traffic
			b.Workloads++
		}
		c := costChart{Title: title}
		for _, b := range bars {
			c.Bars = append(c.Bars, *b)
		}
		slices.SortFunc(c.Bars, func(a, b costBar) int {
			return cmp.Or(cmp.Compare(b.Cost, a.Cost), cmp.Compare(a.Label, b.Label))
		})
		for i := range c.Bars {
			if top := c.Bars[0].Cost; top > 0 {
				c.Bars[i].Width = int(100 * c.Bars[i].Cost / top)
			}
		}
		return c
	}
	return []costChart{
		by("by provider", func(s *topology.Site) string { return string(s.Provider) }),
		by("by country", func(s *topology.Site) string { return string(s.Country) }),
		by("by tier", func(s *topology.Site) string { return s.Tier.String() }),
	}
}
