package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// findWorkload resolves a workload name, or says what comes close.
func findWorkload(p *placement.Problem, name string) (placement.WorkloadID, error) {
	var all []string
	for _, app := range p.Applications {
		for _, w := range app.Workloads {
			if string(w.ID) == name {
				return w.ID, nil
			}
			all = append(all, string(w.ID))
		}
	}
	return "", badInput(fmt.Errorf("no workload %q%s", name, closest(name, all)))
}

// findSite resolves a site name, or says what comes close.
func findSite(c *topology.Continuum, name string) (topology.SiteID, error) {
	if _, ok := c.Site(topology.SiteID(name)); ok {
		return topology.SiteID(name), nil
	}
	var all []string
	for s := range c.Sites() {
		all = append(all, string(s.ID))
	}
	return "", badInput(fmt.Errorf("no site %q%s", name, closest(name, all)))
}

// closest suggests the names that contain the word or start alike; empty where none does.
func closest(name string, all []string) string {
	const most = 5
	var out []string
	add := func(match func(string) bool) {
		for _, a := range all {
			if len(out) < most && match(a) && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	low := strings.ToLower(name)
	add(func(a string) bool { return strings.Contains(a, low) || (low != "" && strings.Contains(low, a)) })
	if len(low) >= 3 {
		add(func(a string) bool { return strings.HasPrefix(a, low[:3]) })
	}
	if len(out) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(out, ", ") + "?"
}
