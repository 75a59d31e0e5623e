package opennebula

import (
	"fmt"
	"strconv"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// world is what placement sees of the hosts.
type world struct {
	continuum *topology.Continuum
	graph     *latency.Graph
	rule      *rule
	sites     []topology.Site // by index of doc.Hosts
}

const (
	// unknownProvider operates hosts that no PROVIDER is stated for.
	unknownProvider = "unstated"
	// nowhere stands for the country of a host that states none, where nothing judges countries. Nothing reads it.
	nowhere topology.Jurisdiction = "AQ"
)

// world describes hosts as sites. With a continuum, a host that names its site has all facts of that, and is linked to it.
func (c *worldCase) world() (*world, error) {
	w := &world{rule: &rule{c: c, vm: make(map[string]int), hosts: make(map[topology.SiteID]int)}}
	spec := topology.Spec{Name: "opennebula", AsOf: c.cfg.AsOf}
	if c.cfg.Continuum != nil {
		spec = c.cfg.Continuum.Spec()
		spec.AsOf = c.cfg.AsOf
		for i := range spec.Sites { // they stand for where hosts are, and run nothing themselves
			spec.Sites[i].State, spec.Sites[i].Safe, spec.Sites[i].Capacity, spec.Sites[i].Prices, spec.Sites[i].Energy.Power = topology.Cordoned, nil, nil, nil, nil
		}
	}
	providers := make(map[topology.ProviderID]bool)
	for _, p := range spec.Providers {
		providers[p.ID] = true
	}
	for i := range c.doc.Hosts {
		h := &c.doc.Hosts[i]
		s := c.site(h)
		if !providers[s.Provider] {
			providers[s.Provider] = true
			p := topology.Provider{ID: s.Provider, Country: country(h.Attributes[attrOperator], nowhere)}
			spec.Providers = append(spec.Providers, p)
		}
		w.rule.hosts[s.ID] = i
		w.sites = append(w.sites, s)
	}
	for i := range c.vms {
		w.rule.vm[component(c.vms[i].ID)] = c.vms[i].ID
	}
	sites, links := c.beyond(providers, &spec)
	spec.Sites = append(append(spec.Sites, w.sites...), sites...)
	spec.Links = append(spec.Links, links...)
	var err error
	if w.continuum, err = topology.New(spec); err != nil {
		return nil, fmt.Errorf("%w: hosts as sites: %w", ErrInvalid, err)
	}
	w.graph, err = latency.New(w.continuum, nil)
	return w, err
}

// beyond adds a site for each host that is not in the document and that something runs on, and the links of hosts to the
// sites of the continuum that they stand at.
func (c *worldCase) beyond(providers map[topology.ProviderID]bool, spec *topology.Spec) (sites []topology.Site, links []topology.Link) {
	there := make(map[int]bool)
	for i := range c.doc.Hosts {
		h := &c.doc.Hosts[i]
		there[h.ID] = true
		if at, ok := c.place(h); ok {
			links = append(links, topology.Link{A: topology.NodeID(siteID(h.ID)), B: topology.NodeID(at.ID), Operator: string(at.Provider),
				Jurisdictions: []topology.Jurisdiction{at.Country}, RTT: topology.RTT{P50: 1, P95: 1, P99: 1}})
		}
	}
	for i := range c.vms {
		s := &c.vms[i]
		if s.role != fixed || there[s.Running.Host] {
			continue
		}
		there[s.Running.Host] = true
		if !providers[unknownProvider] {
			providers[unknownProvider] = true
			spec.Providers = append(spec.Providers, topology.Provider{ID: unknownProvider, Country: nowhere})
		}
		sites = append(sites, topology.Site{ID: siteID(s.Running.Host), Provider: unknownProvider, Country: nowhere, Tier: topology.Cloud,
			State: topology.Cordoned, Runtimes: []topology.Runtime{topology.VM}})
	}
	return sites, links
}

// place returns the site of the continuum that a host stands at.
func (c *worldCase) place(h *Host) (*topology.Site, bool) {
	if c.cfg.Continuum == nil || h.Attributes[attrSite] == "" {
		return nil, false
	}
	return c.cfg.Continuum.Site(topology.SiteID(h.Attributes[attrSite]))
}

func (c *worldCase) site(h *Host) topology.Site {
	k := len(c.doc.Hosts)
	for i := range c.doc.Hosts {
		if c.doc.Hosts[i].ID == h.ID {
			k = i
			break
		}
	}
	s := topology.Site{Provider: unknownProvider, Tier: topology.Cloud, Country: country(h.Attributes[attrCountry], nowhere)}
	unsure := c.cfg.Admission != nil && s.Country == nowhere
	if name := h.Attributes[attrProvider]; name != "" {
		s.Provider = topology.ProviderID(name)
	}
	if at, ok := c.place(h); ok {
		s, unsure = *at, false
	} else if h.Attributes[attrSite] != "" && c.cfg.Continuum != nil {
		unsure = true
	}
	s.ID, s.Name, s.Runtimes, s.State = siteID(h.ID), "", []topology.Runtime{topology.VM}, topology.Up
	s.Safe, s.Prices, s.Energy.Power = nil, nil, nil
	own := facts(h.Attributes)
	for key, v := range s.Attributes {
		own[key] = v // what the continuum states wins over what a host says of itself
	}
	s.Attributes = own
	s.Labels = map[string]string{"cluster": strconv.Itoa(h.Cluster)}
	if !h.usable() || unsure {
		s.State = topology.Cordoned
	}
	r := c.free[k]
	s.Capacity = topology.Resources{topology.CPU: r.cpu, topology.Memory: r.memory, measuredCPU: c.ample()}
	return s
}

// ample is more than all VMs together were measured to use.
func (c *worldCase) ample() int64 {
	var sum int64
	for i := range c.vms {
		sum += c.vms[i].UsedCPU
	}
	return sum + 1
}

// country returns a country as attributes state it, or the other one where that is none.
func country(text string, otherwise topology.Jurisdiction) topology.Jurisdiction {
	if len(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z' {
		return otherwise
	}
	probe := topology.Spec{AsOf: time.Time{}, Providers: []topology.Provider{{ID: "p", Country: topology.Jurisdiction(text)}}}
	if _, err := topology.New(probe); err != nil {
		return otherwise
	}
	return topology.Jurisdiction(text)
}

// flows of a VM: from where its users are.
func (c *worldCase) flows(s *subject) []placement.Flow {
	from, limit := s.Attributes[attrAccess], s.Attributes[attrBound]
	if from == "" || s.role == fixed || c.cfg.Continuum == nil {
		return nil
	}
	if _, ok := c.cfg.Continuum.AccessPoint(topology.AccessPointID(from)); !ok {
		return nil // told by doubts
	}
	f := placement.Flow{FromAccess: topology.AccessPointID(from), To: component(s.ID), Rate: 1_000_000}
	if v, ok := scaled(limit, 1000); ok && v > 0 {
		f.Bound = topology.Micros(v)
	}
	return []placement.Flow{f}
}
