package migrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// model is a state of servers and virtual machines, as BtrPlace writes it.
type model struct {
	Mapping struct {
		OnlineNodes map[int]struct {
			RunningVMs []int `json:"runningVMs"`
		} `json:"onlineNodes"`
		OfflineNodes []int `json:"offlineNodes"`
	} `json:"mapping"`
	Attributes struct {
		Nodes map[int]struct {
			Boot float64 `json:"boot"` // s
		} `json:"nodes"`
		VMs map[int]facts `json:"vms"`
	} `json:"attributes"`
	Views []view `json:"views"`
}

// facts are what is known of a machine's memory, in MB (10^6 bytes), s and MB/s. Instances and plans name them differently.
type facts struct {
	MemUsed          float64 `json:"memUsed"`
	HotDirtySize     float64 `json:"hotDirtySize"`
	HotDirtyDuration float64 `json:"hotDirtyDuration"`
	ColdDirtyRate    float64 `json:"coldDirtyRate"`
	MaxDirtySize     float64 `json:"maxDirtySize"`
	MaxDirtyDuration float64 `json:"maxDirtyDuration"`
	DirtyRate        float64 `json:"dirtyRate"`
}

// view is what BtrPlace adds to a state: an amount that servers have and machines need, or a network.
type view struct {
	ID       string        `json:"id"`
	Resource string        `json:"rcId"`
	Default  int64         `json:"defCapacity"`
	Nodes    map[int]int64 `json:"nodes"`
	Needs    int64         `json:"defConsumption"`
	VMs      map[int]int64 `json:"vms"`

	Switches []struct {
		ID int `json:"id"`
	} `json:"switches"`
	Links []networkLink `json:"links"`
}

type networkLink struct {
	ID       int     `json:"id"`
	Capacity float64 `json:"capacity"` // Mb/s, each way
	Switch   int     `json:"switch"`
	Element  struct {
		ID   int    `json:"id"`
		Type string `json:"type"`
	} `json:"physicalElement"`
}

// whole turns an amount in millions into whole units.
func whole(millions float64) (int64, error) {
	if !(millions >= 0 && millions < 1e12) {
		return 0, fmt.Errorf("%v is no sensible amount", millions)
	}
	return int64(math.Round(millions * 1e6)), nil
}

func (f facts) migration() (placement.Migration, error) {
	var all [4]int64
	var errs []error
	for i, v := range []float64{
		f.MemUsed, f.HotDirtySize + f.MaxDirtySize, f.HotDirtyDuration + f.MaxDirtyDuration, f.ColdDirtyRate + f.DirtyRate,
	} {
		var err error
		all[i], err = whole(v)
		errs = append(errs, err)
	}
	return placement.Migration{
		Memory: all[0], HotSet: all[1], HotPeriod: topology.Micros(all[2]), DirtyRate: all[3],
	}, errors.Join(errs...)
}

// servers are all servers of a model, in order.
func (m *model) servers() []int {
	all := slices.Collect(maps.Keys(m.Mapping.OnlineNodes))
	all = append(all, m.Mapping.OfflineNodes...)
	slices.Sort(all)
	return all
}

// resources sums up what the views of amounts say, of servers or of machines.
func (m *model) resources(of int, server bool) (topology.Resources, error) {
	out := topology.Resources{}
	for _, v := range m.Views {
		if v.ID != "shareableResource" {
			continue
		}
		list, amount := v.VMs, v.Needs
		if server {
			list, amount = v.Nodes, v.Default
		}
		if own, ok := list[of]; ok {
			amount = own
		}
		if amount < 0 || amount > 1<<40 {
			return nil, fmt.Errorf("resource %q: %d is no sensible amount", v.Resource, amount)
		}
		out[topology.Dimension(v.Resource)] = amount
	}
	return out, nil
}

// add puts the servers and machines of a model into a builder; a machine's place in to is its target.
func (m *model) add(b *builder, to map[int]int, adjust func(vm, from, to int, known placement.Migration) placement.Migration) error {
	var errs []error
	for _, server := range m.servers() {
		capacity, err := m.resources(server, true)
		if err != nil {
			errs = append(errs, fmt.Errorf("server %d: %w", server, err))
		}
		b.site(server, capacity)
	}
	for _, server := range m.Mapping.OfflineNodes {
		boot, err := whole(m.Attributes.Nodes[server].Boot)
		if err != nil {
			errs = append(errs, fmt.Errorf("server %d: boot: %w", server, err))
		}
		b.ready[siteID(server)] = topology.Micros(boot)
	}
	for _, server := range slices.Sorted(maps.Keys(m.Mapping.OnlineNodes)) {
		for _, vm := range m.Mapping.OnlineNodes[server].RunningVMs {
			if _, twice := b.from[workID(vm)]; twice {
				errs = append(errs, fmt.Errorf("vm %d: runs twice", vm))
				continue
			}
			demand, err := m.resources(vm, false)
			known, bad := m.Attributes.VMs[vm].migration()
			if err = errors.Join(err, bad); err != nil {
				errs = append(errs, fmt.Errorf("vm %d: %w", vm, err))
			}
			target, ok := to[vm]
			if !ok {
				target = server
			}
			b.workload(vm, demand, adjust(vm, server, target, known), server, target)
		}
	}
	for vm, server := range to {
		if _, ok := b.from[workID(vm)]; !ok {
			errs = append(errs, fmt.Errorf("vm %d: is to go to server %d and runs nowhere", vm, server))
		}
	}
	return errors.Join(errs...)
}

// decode reads one JSON document.
func decode[T any](f file) (*T, error) {
	var v T
	if err := json.Unmarshal(f.text, &v); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, f.name, err)
	}
	return &v, nil
}
