package external

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/adapters/opennebula"
)

// poolCalls are what is read for each decision, in the order of a document of OpenNebula 7, with the element that the reply
// must be. Of the machines, those that are done are left out (the state -1).
var poolCalls = [...]struct {
	method, root string
	params       []any
}{
	{"one.vmpool.infoextended", "VM_POOL", []any{-2, -1, -1, -1}},
	{"one.hostpool.info", "HOST_POOL", nil},
	{"one.datastorepool.info", "DATASTORE_POOL", nil},
	{"one.vnpool.info", "VNET_POOL", []any{-2, -1, -1}},
	{"one.vmgrouppool.info", "VM_GROUP_POOL", []any{-2, -1, -1}},
	{"one.clusterpool.info", "CLUSTER_POOL", nil},
}

// pools reads what there is, as the document that OpenNebula 7 would hand over: so one reader serves both.
func (s *Service) pools(ctx context.Context) (*opennebula.Document, error) {
	var parts []io.Reader
	for _, p := range poolCalls {
		text, err := s.API.call(ctx, p.method, p.params...)
		if err != nil {
			return nil, err
		}
		text = strings.TrimSpace(text)
		if !strings.HasPrefix(text, "<"+p.root+">") && !strings.HasPrefix(text, "<"+p.root+"/>") {
			return nil, fmt.Errorf("%w: %s: the reply is no %s", ErrAPI, p.method, p.root)
		}
		parts = append(parts, strings.NewReader(text))
	}
	all := append([]io.Reader{strings.NewReader("<SCHEDULER_DRIVER_ACTION>")}, parts...)
	d, err := opennebula.Read(io.MultiReader(append(all, strings.NewReader("<REQUIREMENTS/></SCHEDULER_DRIVER_ACTION>"))...))
	if err != nil {
		return nil, err
	}
	clusters := make(map[int]map[string]string, len(d.Clusters))
	for i := range d.Clusters {
		clusters[d.Clusters[i].ID] = d.Clusters[i].Attributes
	}
	for i := range d.Hosts {
		h := &d.Hosts[i]
		attributes := maps.Clone(clusters[h.Cluster])
		if attributes == nil {
			attributes = make(map[string]string)
		}
		maps.Copy(attributes, h.Attributes)
		h.Attributes = attributes
	}
	d.Clusters = nil
	return d, nil
}

// OpenNebula's states of a machine in which its requirements can still come to bear.
const (
	statePending = 1
	stateHold    = 2
	stateActive  = 3
)

// waiting are the machines that OpenNebula may place: those that wait, are held, or are to be rescheduled.
func waiting(d *opennebula.Document) []*opennebula.VM {
	var out []*opennebula.VM
	for i := range d.VMs {
		v := &d.VMs[i]
		if v.Bad == "" && (v.State == statePending || v.State == stateHold || v.State == stateActive && v.Resched) {
			out = append(out, v)
		}
	}
	return out
}

// hostIDs are those of all hosts, ascending.
func hostIDs(d *opennebula.Document) []int {
	out := make([]int, 0, len(d.Hosts))
	for i := range d.Hosts {
		out = append(out, d.Hosts[i].ID)
	}
	return out
}

// withRequirements states what machines may be given: the hosts listed for each, any system datastore, and any network for an
// automatic interface, which OpenNebula chooses itself afterwards.
func withRequirements(d *opennebula.Document, hosts map[int][]int) *opennebula.Document {
	out := *d
	out.Requirements = nil
	var datastores, networks []int
	for i := range d.Datastores {
		if d.Datastores[i].Type == 1 {
			datastores = append(datastores, d.Datastores[i].ID)
		}
	}
	for i := range d.Networks {
		networks = append(networks, d.Networks[i].ID)
	}
	for i := range d.VMs {
		v := &d.VMs[i]
		list, asked := hosts[v.ID]
		if !asked {
			continue
		}
		r := opennebula.Requirement{VM: v.ID, Hosts: slices.Clone(list), Datastores: datastores}
		for _, n := range v.NICs {
			if n.Auto {
				r.NICs = append(r.NICs, opennebula.NICChoice{NIC: n.ID, Networks: networks})
			}
		}
		out.Requirements = append(out.Requirements, r)
	}
	return &out
}
