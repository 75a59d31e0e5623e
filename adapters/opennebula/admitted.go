package opennebula

import (
	"context"
	"slices"

	"github.com/domicile-eu/domicile/placement"
)

// Admitted returns, for each VM that has requirements in a document, the hosts of those where hard rules let it be: policies,
// ways that its data may take, bounds on latency, and DOMICILE_COUNTRIES. What passes, such as room and company, does not
// count. A VM whose wishes cannot be understood is admitted nowhere. Hosts stand in ascending order.
func Admitted(ctx context.Context, d *Document, cfg *Config) (map[int][]int, error) {
	if cfg == nil {
		cfg = &Config{}
	}
	c := newCase(d, cfg)
	c.doubts()
	out := make(map[int][]int, len(d.Requirements))
	for i := range d.Requirements {
		out[d.Requirements[i].VM] = nil
	}
	w, err := c.world()
	if err != nil || len(c.vms) == 0 {
		return out, err
	}
	p := c.problem(w)
	p.Rules = nil
	s, err := placement.NewScheduler(ctx, placement.Answer{Problem: p, Assignment: placement.Assignment{}}, &placement.SchedulerOptions{
		Prices: &placement.Certificate{},
	})
	if err != nil {
		return nil, err
	}
	app := p.Applications[0]
	app.Constraints = nil
	for i := range c.vms {
		v := &c.vms[i]
		req := c.doc.requirement(v.ID)
		if req == nil || c.reasons[v.ID] != "" {
			continue
		}
		seen, err := s.Outlook(ctx, app, nil, c.workload(v.ID))
		if err != nil {
			return nil, err
		}
		for k := range d.Hosts {
			h := &d.Hosts[k]
			at, ok := slices.BinarySearch(seen.Sites, siteID(h.ID))
			if ok && has(req.Hosts, h.ID) && !forbids(seen.Refused[at]) && v.inCountries(h) {
				out[v.ID] = append(out[v.ID], h.ID)
			}
		}
	}
	return out, nil
}

// forbids says whether a constraint is a rule that does not pass with time.
func forbids(kind placement.ConstraintKind) bool {
	switch kind {
	case placement.ByAdmission, placement.ByTransit, placement.ByLatency, placement.ByPath:
		return true
	}
	return false
}

// inCountries says whether a host is in one of the countries that the VM names, if it names any.
func (s *subject) inCountries(h *Host) bool {
	countries := s.Attributes[attrCountries]
	return countries == "" || slices.Contains(words(countries), h.Attributes[attrCountry])
}

// crosses says whether the VM may be on a network: one that states a country of its own has to be in one that the VM names, if
// it names any; any other is where its hosts are.
func (s *subject) crosses(n *Network) bool {
	countries := s.Attributes[attrCountries]
	return countries == "" || n.Attributes[attrCountry] == "" || slices.Contains(words(countries), n.Attributes[attrCountry])
}
