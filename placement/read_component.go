package placement

import (
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// readComponent reads a component as the workload that its replicas are copies of.
func readComponent(o *document.Object, app *Application, data DataClass) Workload {
	o.Known("name", "kind", "replicas", "demand", "data", "priority", "site", "tiers", "labels", "attributes", "moveCost", "migration")
	o.Required("name", "kind")
	w := Workload{
		Application: app.Name, Tenant: app.Tenant, Component: name(o, "name"),
		Kind: Kind(o.String("kind")), Demand: readDemand(o), Data: data, Priority: 1,
		Site: topology.SiteID(name(o, "site")), Labels: readLabels(o),
		MoveCost:  topology.MicroEUR(o.Quantity("moveCost", quantity.Euro)),
		Migration: readMigration(o.Object("migration")),
	}
	if o.Has("data") {
		w.Data = DataClass(name(o, "data"))
	}
	if o.Has("priority") {
		w.Priority = o.Int("priority")
	}
	for i, text := range o.Strings("tiers") {
		tier, ok := tierOf(text)
		if !ok {
			o.DefectAt(fmt.Sprintf("tiers[%d]", i), "%q is none of far-edge, edge, regional and cloud", text)
			continue
		}
		w.Tiers = append(w.Tiers, tier)
	}
	o.Object("attributes") // notes what is no mapping
	w.Attributes, _ = o.Any("attributes").(map[string]any)
	return w
}

// replicas returns a component's workloads with their IDs.
func (r *applicationsReader) replicas(o *document.Object, w Workload) []Workload {
	count := int64(1)
	if o.Has("replicas") {
		if count = o.Int("replicas"); count < 1 {
			o.DefectAt("replicas", "%d is below 1", count)
		}
	}
	count = max(count, 1)
	if count > mostWorkloads-r.workloads {
		o.Defect("replicas", "%d more workloads are over the limit of %d in a file", count, mostWorkloads)
		count = 1
	}
	r.workloads += count
	replicas := make([]Workload, count)
	for i := range replicas {
		replicas[i] = w
		id := w.Application + "/" + w.Component
		if count > 1 {
			id = fmt.Sprintf("%s-%d", id, i+1)
		}
		replicas[i].ID = WorkloadID(id)
		if other, taken := r.ids[replicas[i].ID]; taken && w.Component != "" && other != w.Component {
			o.Defect("name", "%s would be the ID of a workload of %s and of %s", id, other, w.Component)
		}
		r.ids[replicas[i].ID] = w.Component
	}
	return replicas
}

func readDemand(o *document.Object) topology.Resources {
	amounts := o.Object("demand")
	var demand topology.Resources
	for _, pair := range o.Pairs("demand") {
		if demand == nil {
			demand = make(topology.Resources)
		}
		dim := topology.Dimension(pair.Key)
		demand[dim] = amounts.Quantity(pair.Key, dimensionUnit(dim))
	}
	return demand
}

func readLabels(o *document.Object) map[string]string {
	var labels map[string]string
	for _, pair := range o.Pairs("labels") {
		if labels == nil {
			labels = make(map[string]string)
		}
		labels[pair.Key] = pair.Value
	}
	return labels
}

func readMigration(o *document.Object) Migration {
	o.Known("memory", "dirtyRate", "hotSet", "hotPeriod", "disk", "diskWrite", "nodes", "methods", "downtime")
	m := Migration{
		Memory:    o.Quantity("memory", quantity.Bytes),
		DirtyRate: o.Quantity("dirtyRate", quantity.BytesPerSecond),
		HotSet:    o.Quantity("hotSet", quantity.Bytes),
		HotPeriod: topology.Micros(o.Quantity("hotPeriod", quantity.Duration)),
		Disk:      o.Quantity("disk", quantity.Bytes),
		DiskWrite: o.Quantity("diskWrite", quantity.BytesPerSecond),
		Nodes:     o.Int("nodes"),
		Downtime:  topology.Micros(o.Quantity("downtime", quantity.Duration)),
	}
	for _, method := range o.Strings("methods") {
		m.Methods = append(m.Methods, Method(method))
	}
	return m
}

func tierOf(text string) (topology.Tier, bool) {
	for tier := topology.FarEdge; tier <= topology.Cloud; tier++ {
		if tier.String() == strings.TrimSpace(text) {
			return tier, true
		}
	}
	return 0, false
}
