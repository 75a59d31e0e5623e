package policies

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The input of plain evaluation, written down from the guide of package policy. An embedder keeps the parts and puts them together for
// each pair, and so does this.

// know makes the parts of a workload.
func (p *plain) knowWorkload(w *placement.Workload) {
	if _, ok := p.workloads[w]; ok {
		return
	}
	tiers := []any{}
	for _, t := range w.Tiers {
		tiers = append(tiers, t.String())
	}
	demand := map[string]any{}
	for d, n := range w.Demand {
		if n != 0 {
			demand[string(d)] = n
		}
	}
	p.workloads[w] = map[string]any{
		"application": w.Application, "component": w.Component, "tenant": w.Tenant, "kind": string(w.Kind), "data": string(w.Data),
		"priority": w.Priority, "demand": demand, "tiers": tiers, "labels": texts(w.Labels), "attributes": orEmpty(w.Attributes),
	}
}

// knowSite makes the parts of a site and its provider.
func (p *plain) knowSite(s *topology.Site) {
	if _, ok := p.sites[s]; ok {
		return
	}
	o, _ := p.continuum.Provider(s.Provider)
	runtimes := []any{}
	for _, r := range s.Runtimes {
		runtimes = append(runtimes, string(r))
	}
	control := []any{}
	for _, h := range p.continuum.Control(o.ID) {
		control = append(control, map[string]any{"owner": string(h.Owner), "country": string(h.Country), "share": h.Share, "controls": h.Controls})
	}
	owned := int64(0)
	for _, stake := range o.Owners {
		owned += stake.Share
	}
	sovereignty := map[string]any{}
	for k, n := range o.Sovereignty {
		sovereignty[k] = int64(n)
	}
	p.sites[s] = [2]map[string]any{
		{
			"id": string(s.ID), "country": string(s.Country), "city": s.City, "tier": s.Tier.String(), "runtimes": runtimes,
			"labels": texts(s.Labels), "attributes": orEmpty(s.Attributes), "certifications": p.certificates(s.Certifications, o.Certifications),
			"energy": map[string]any{"intensity": s.Energy.Intensity},
		},
		{
			"id": string(o.ID), "name": o.Name, "country": string(o.Country), "control": control, "ownersKnown": owned,
			"certifications": p.certificates(o.Certifications), "sovereignty": sovereignty, "attributes": orEmpty(o.Attributes),
		},
	}
}

func (p *plain) certificates(lists ...[]topology.Certification) []any {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b topology.Certification) int {
		return cmp.Or(cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Level, b.Level))
	})
	out := []any{}
	var last topology.Certification
	for _, c := range all {
		if c.ValidUntil >= p.day && (c.Scheme != last.Scheme || c.Level != last.Level) {
			out = append(out, map[string]any{"scheme": c.Scheme, "level": c.Level})
			last = c
		}
	}
	return out
}

func texts(m map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
