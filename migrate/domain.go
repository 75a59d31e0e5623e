package migrate

import (
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
)

// domains numbers the values that sites have in each domain.
type domains struct {
	world  *world
	values map[placement.Domain][]int32 // per site
}

func newDomains(w *world) *domains {
	return &domains{world: w, values: make(map[placement.Domain][]int32)}
}

// of returns the number of each site's value. Sites without a label have values of their own.
func (d *domains) of(domain placement.Domain) []int32 {
	if v, ok := d.values[domain]; ok {
		return v
	}
	ids := make(map[string]int32)
	values := make([]int32, len(d.world.sites))
	for i := range d.world.sites {
		name := d.name(domain, i)
		if _, ok := ids[name]; !ok {
			ids[name] = int32(len(ids))
		}
		values[i] = ids[name]
	}
	d.values[domain] = values
	return values
}

// name returns a site's value, marked where it stands for the site alone.
func (d *domains) name(domain placement.Domain, site int) string {
	s := d.world.sites[site]
	switch domain {
	case "provider":
		return string(s.Provider)
	case "country":
		return string(s.Country)
	case "tier":
		return strconv.Itoa(int(s.Tier))
	}
	if key, ok := strings.CutPrefix(string(domain), "label:"); ok {
		if value, ok := s.Labels[key]; ok {
			return "=" + value
		}
	}
	return string(s.ID)
}

// members returns the workloads of some components of an application that are placed at the start.
func (w *world) members(app *placement.Application, components []string) []int32 {
	in := make(map[string]bool, len(components))
	for _, c := range components {
		in[c] = true
	}
	var out []int32
	for i := range app.Workloads {
		work := w.workIndex[app.Workloads[i].ID]
		if in[app.Workloads[i].Component] && w.from[work] != nowhere {
			out = append(out, work)
		}
	}
	return out
}
