package opennebula

import (
	"slices"

	"github.com/domicile-eu/domicile/adapters/opennebula"
)

// The two sides of OneDRS's mix of units: memory of hosts is KiB, taken as if 1,000 were a MiB.
const (
	onedrs    = 1000.0 / 1024
	trueUnits = 1.0
)

// judge computes, from the document and the target alone, what the answer is worth, what it cannot be less than, and what is
// wrong with the plan.
func (r *result) judge(d *opennebula.Document, cfg *opennebula.Config, a *opennebula.Answer) {
	on := make(map[int]int)
	for i := range d.VMs {
		if v := &d.VMs[i]; v.Running != nil && v.State != 1 {
			on[v.ID] = v.Running.Host
		}
	}
	r.Initial = value(d, cfg.Mode, on, onedrs)
	for vm, t := range a.Target {
		on[vm] = t.Host
	}
	r.Value, r.TrueValue = value(d, cfg.Mode, on, onedrs), value(d, cfg.Mode, on, trueUnits)
	r.Bound, r.TrueBound = bound(d, cfg.Mode, on, onedrs), bound(d, cfg.Mode, on, trueUnits)
	r.Gap = (r.Value - r.Bound) / max(r.Value, 1)
	r.Actions, r.Waves, r.First = len(a.Target), a.Waves, len(a.Wave.Actions)
	r.bad = opennebula.CheckPlan(d, cfg.Mode, &a.Wave)
	r.Violations = len(r.bad)
	const rounding = 1e-9
	if r.Value < r.Bound-rounding || r.TrueValue < r.TrueBound-rounding {
		r.bad = append(r.bad, "the bound is above the value")
	}
}

// A measure is what VMs use of hosts.
type measure struct {
	weight     float64
	base, most []float64 // by host
	demand     []float64 // by VM that is on a host
	host       []int     // of these VMs, by index
}

// measures: in an optimization half measured CPU and half memory, of the VMs alone; in a placement requested CPU, on top of what
// the hosts hold already.
func measuresOf(d *opennebula.Document, mode opennebula.Mode, on map[int]int, unit float64) []measure {
	index := make(map[int]int)
	for i := range d.Hosts {
		index[d.Hosts[i].ID] = i
	}
	out := []measure{{weight: 0.5}, {weight: 0.5}}
	if mode == opennebula.Place {
		out = []measure{{weight: 1}}
	}
	for i := range d.Hosts {
		h := &d.Hosts[i]
		for k := range out {
			most, base := float64(h.MaxCPU), 0.0
			if k == 1 {
				most = float64(h.MaxMemory)
			}
			if mode == opennebula.Place {
				base = float64(h.UsedCPU)
			}
			out[k].most, out[k].base = append(out[k].most, most), append(out[k].base, base)
		}
	}
	for i := range d.VMs {
		v := &d.VMs[i]
		host, ok := on[v.ID]
		at, there := index[host]
		if !ok || !there || mode == opennebula.Place && v.State != 1 {
			continue
		}
		for k := range out {
			demand := float64(v.UsedCPU)
			if mode == opennebula.Place {
				demand = float64(v.CPU)
			} else if k == 1 {
				demand = float64(v.Memory) * unit
			}
			out[k].demand, out[k].host = append(out[k].demand, demand), append(out[k].host, at)
		}
	}
	return out
}

func value(d *opennebula.Document, mode opennebula.Mode, on map[int]int, unit float64) float64 {
	var sum float64
	for _, m := range measuresOf(d, mode, on, unit) {
		use := slices.Clone(m.base)
		for i, x := range m.demand {
			use[m.host[i]] += x
		}
		worst := 0.0
		for h := range use {
			worst = max(worst, use[h]/m.most[h])
		}
		sum += m.weight * worst
	}
	return sum
}

// bound is the least that any assignment of these VMs comes to: in each measure no less than the load of all hosts together,
// than what a host holds already, and than the largest VM on the host where it weighs least.
func bound(d *opennebula.Document, mode opennebula.Mode, on map[int]int, unit float64) float64 {
	var sum float64
	for _, m := range measuresOf(d, mode, on, unit) {
		var use, most, worst float64
		for h := range m.base {
			use, most = use+m.base[h], most+m.most[h]
			worst = max(worst, m.base[h]/m.most[h])
		}
		for _, x := range m.demand {
			use += x
			least := (m.base[0] + x) / m.most[0]
			for h := range m.base {
				least = min(least, (m.base[h]+x)/m.most[h])
			}
			worst = max(worst, least)
		}
		sum += m.weight * max(worst, use/most)
	}
	return sum
}
