package opennebula

import (
	"math"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// measuredCPU is what a VM was last seen to use. No host is refused for it, it is only balanced.
const measuredCPU topology.Dimension = "measured-cpu"

// rule says what unary requirements of oned allow.
type rule struct {
	c     *worldCase
	vm    map[string]int // by component
	hosts map[topology.SiteID]int
}

// Judge implements placement.Rule.
func (r *rule) Judge(w *placement.Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	k, ok := r.hosts[s.ID]
	if !ok {
		return false, "no host of the document", 0
	}
	vm := r.vm[w.Component]
	var cost topology.MicroEUR
	if r.c.quit[vm] && r.c.host(vm) == r.c.doc.Hosts[k].ID {
		cost = 1
	}
	allowed := r.c.allow[vm]
	return allowed != nil && allowed[k], "not allowed by OpenNebula", cost
}

// host returns the host that a VM is on, -1 where it is on none.
func (c *worldCase) host(vm int) int {
	if v := c.doc.vm(vm); v != nil && v.onHost() {
		return v.Running.Host
	}
	return -1
}

// judge fills in what is allowed, and counts why the rest is not.
func (c *worldCase) judge() {
	for i := range c.vms {
		s := &c.vms[i]
		if s.role == fixed {
			continue
		}
		if s.onHost() {
			req := c.doc.requirement(s.ID)
			c.quit[s.ID] = s.role == leave || req != nil && !has(req.Hosts, s.Running.Host)
		}
		allowed, counts := make([]bool, len(c.doc.Hosts)), make(map[string]int)
		for k := range c.doc.Hosts {
			why := c.why(s, &c.doc.Hosts[k])
			allowed[k] = why == ""
			if why != "" {
				counts[why]++
			}
		}
		c.allow[s.ID], c.whys[s.ID] = allowed, counts
	}
}

// problem says what is asked. Hosts are sites; what stays where it is takes room from its host's capacity and is itself a
// workload without demand, so that groups see it.
func (c *worldCase) problem(w *world) *placement.Problem {
	apps := c.applications()
	p := &placement.Problem{
		Continuum: w.continuum, Latency: w.graph, Applications: apps, Admission: c.cfg.Admission, Transit: c.cfg.Transit,
		Rules: []placement.Rule{w.rule}, Current: placement.Assignment{}, Objective: c.objective(), AsOf: c.cfg.AsOf,
	}
	for i := range c.vms {
		if s := &c.vms[i]; s.onHost() {
			p.Current[c.workload(s.ID)] = siteID(s.Running.Host)
		}
	}
	if c.cfg.Mode == Optimize {
		p.Budgets = []placement.Budget{placement.MoveBudget{AtMost: c.limit}}
	}
	return p
}

// priorities: what runs is never given up for what is new, and USER_PRIORITY counts among what is new.
const (
	priorityRuns = 1_000_000_000
	priorityNew  = 100
)

func (s *subject) priority() int64 {
	if s.role != deploy {
		return priorityRuns
	}
	v, err := strconv.ParseFloat(s.Attributes["USER_PRIORITY"], 64)
	if err != nil || math.IsNaN(v) {
		v = 0
	}
	return int64(priorityNew * (1 + min(max(v, -0.9), 10_000)))
}

// applications is one for each tenant where policies judge, for those speak about tenants: the group that owns a VM in
// OpenNebula. Else it is one for all, for VM groups may cross the borders of tenants; see doubts.
func (c *worldCase) applications() []placement.Application {
	var apps []placement.Application
	number := make(map[string]int)
	for i := range c.vms {
		s := &c.vms[i]
		tenant := c.tenant(s.VM)
		k, ok := number[tenant]
		if !ok {
			k = len(apps)
			number[tenant] = k
			apps = append(apps, placement.Application{Name: "opennebula", Tenant: tenant})
			if tenant != "" {
				apps[k].Name += "-" + tenant
			}
		}
		app := &apps[k]
		w := placement.Workload{
			ID: c.workload(s.ID), Application: app.Name, Tenant: tenant, Component: component(s.ID), Kind: placement.VM,
			Demand: topology.Resources{}, Priority: s.priority(), MoveCost: topology.MicroEUR(720 * (1_000_000 + s.Memory>>20)),
			Data: placement.DataClass(s.Attributes[attrData]), Attributes: facts(s.Attributes),
		}
		w.Attributes["owner"], w.Attributes["group"] = s.Owner, s.Group
		if s.role == fixed {
			w.Site = siteID(s.Running.Host)
		} else {
			w.Demand = topology.Resources{topology.CPU: s.CPU, topology.Memory: s.Memory}
			if s.UsedCPU > 0 {
				w.Demand[measuredCPU] = s.UsedCPU
			}
		}
		app.Workloads = append(app.Workloads, w)
		app.Flows = append(app.Flows, c.flows(s)...)
	}
	for k := range apps {
		apps[k].Constraints = c.constraints(apps[k].Tenant)
	}
	return apps
}

func (c *worldCase) tenant(v *VM) string {
	if c.cfg.Admission == nil && c.cfg.Transit == nil {
		return ""
	}
	return v.Group
}

// crosses says whether a VM belongs to a VM group with members of several tenants where policies judge tenants.
func (c *worldCase) crosses(v *VM) bool {
	for _, m := range v.Roles {
		if g := c.doc.group(m.Group); g != nil {
			for _, r := range g.Roles {
				for _, id := range c.doc.members(g, r.Name) {
					if other := c.doc.vm(id); other != nil && c.tenant(other) != c.tenant(v) {
						return true
					}
				}
			}
		}
	}
	return false
}

func (c *worldCase) constraints(tenant string) []placement.Constraint {
	part := make(map[int]bool, len(c.vms))
	for _, s := range c.vms {
		if c.tenant(s.VM) == tenant {
			part[s.ID] = true
		}
	}
	names := func(set []int) []string {
		var out []string
		for _, vm := range set {
			if part[vm] {
				out = append(out, component(vm))
			}
		}
		return out
	}
	var out []placement.Constraint
	for _, set := range c.doc.affined() {
		if n := names(set); len(n) > 1 {
			out = append(out, placement.Affinity{Components: n, Over: "site"})
		}
	}
	for _, a := range c.doc.antiAffined() {
		if a.whole {
			if n := names(a.roles[0]); len(n) > 1 {
				out = append(out, placement.Conflict{Components: n, Over: "site", AtMost: 1})
			}
			continue
		}
		a.pairs(func(v, w int) {
			if part[v] && part[w] {
				out = append(out, placement.Conflict{Components: []string{component(v), component(w)}, Over: "site", AtMost: 1})
			}
		})
	}
	return out
}

// objective: as much as possible has a place; then, in a placement, nothing moves that need not; then no load stands above what
// is aimed at; then as little moves as possible.
func (c *worldCase) objective() placement.Objective {
	out := placement.Objective{{Name: "unplaced", Terms: []placement.Term{{Kind: placement.Unplaced, Weight: 1}}}}
	// Who must leave may stay where nothing else is found, and holds its room there.
	out = append(out, placement.Tier{Name: "leave", Terms: []placement.Term{{Kind: placement.RuleCost, Weight: 1}}})
	moves := placement.Tier{Name: "moves", Terms: []placement.Term{{Kind: placement.Moves, Weight: 1}}}
	if c.cfg.Mode == Place {
		out = append(out, moves)
	}
	if c.cfg.Admission != nil || c.cfg.Continuum != nil {
		t := placement.DefaultObjective[1]
		for _, term := range t.Terms {
			if term.Kind == placement.Preference {
				out = append(out, placement.Tier{Name: "preference", Terms: []placement.Term{term}})
			}
		}
		out = append(out, placement.DefaultObjective[2])
	}
	load := placement.Tier{Name: "load"}
	for k, dim := range dimensions {
		var sum, n int64
		for i := range c.doc.Hosts {
			if m := c.most(i, k); m > 0 {
				sum += m >> 10
				n++
			}
		}
		if weight := int64(c.weights.list()[k] * 1e6); weight > 0 && n > 0 {
			load.Terms = append(load.Terms, placement.Term{Kind: placement.Excess, Dimension: dim, Weight: weight, Per: max(1, sum/n<<10)})
		}
	}
	if len(load.Terms) > 0 {
		out = append(out, load)
	}
	if c.cfg.Mode == Optimize {
		out = append(out, moves)
	}
	return out
}

// The attributes that say something to Domicile, of virtual machines, hosts, clusters and networks.
const (
	attrCountries = "DOMICILE_COUNTRIES" // of a VM: where it may be, as in "DE, FR"
	attrData      = "DATA_CLASS"         // of a VM: its class of data
	attrAccess    = "LATENCY_FROM"       // of a VM: an access point of the continuum
	attrBound     = "LATENCY_MAX_MS"     // of a VM: the longest round trip from there, at p95
	attrCountry   = "COUNTRY"            // of a cluster or host
	attrProvider  = "PROVIDER"           // of a cluster or host
	attrOperator  = "PROVIDER_COUNTRY"   // of a cluster or host: where its provider has its seat
	attrSite      = "DOMICILE_SITE"      // of a cluster or host: the site of the continuum that it stands at
)

// lists are the attributes that are lists, also with one value.
var lists = map[string]bool{"residency": true, "notIn": true, "certifications": true, "gpuModels": true, "registeredLocations": true,
	"supportFrom": true, "establishments": true}

// facts turns attributes into what policies read: EXTERNAL_KMS becomes externalKms, YES true, a number a number, a list a list.
func facts(attributes map[string]string) map[string]any {
	out := make(map[string]any, len(attributes))
	for k, v := range attributes {
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == '\ufffd' }) || v == "" {
			continue
		}
		name := camel(k)
		if name == "" {
			continue
		}
		switch n, err := strconv.ParseInt(v, 10, 64); {
		case lists[name]:
			all := []any{}
			for _, part := range words(v) {
				all = append(all, part)
			}
			out[name] = all
		case strings.EqualFold(v, "yes"), strings.EqualFold(v, "true"):
			out[name] = true
		case strings.EqualFold(v, "no"), strings.EqualFold(v, "false"):
			out[name] = false
		case err == nil:
			out[name] = n
		default:
			out[name] = v
		}
	}
	return out
}

// camel turns PHYSICAL_ACCESS into physicalAccess.
func camel(name string) string {
	var b strings.Builder
	for i, part := range strings.Split(strings.ToLower(name), "_") {
		if i > 0 && part != "" {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}
