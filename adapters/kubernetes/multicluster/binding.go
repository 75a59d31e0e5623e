package multicluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Bindings are Karmada's ResourceBindings, Clusters what it knows of its members.
var (
	Bindings = schema.GroupVersionResource{Group: "work.karmada.io", Version: "v1alpha2", Resource: "resourcebindings"}
	Clusters = schema.GroupVersionResource{Group: "cluster.karmada.io", Version: "v1alpha1", Resource: "clusters"}
)

// mostReplicas is how many replicas of one binding are placed one by one.
const mostReplicas = 2000

// Binding is what a ResourceBinding asks for.
type Binding struct {
	Namespace, Name string
	Generation      int64
	Replicas        int64 // zero: the resource has none, and goes to every cluster that may have it
	Demand          topology.Resources
	// Divided shares the replicas out between clusters; otherwise each cluster that may have the resource gets all of them.
	Divided bool
	// Most is how many clusters at most; zero: any number. Only and Not are clusters named by the policy's affinity.
	Most      int
	Only, Not []string
	Current   map[topology.SiteID]int64 // spec.clusters as it is
	Observed  int64                     // status.schedulerObservedGeneration
	Scheduled bool                      // the condition Scheduled is True
}

// Ours says whether a binding waits for the scheduler of this name: not suspended, not being deleted.
func Ours(o *unstructured.Unstructured, scheduler string) bool {
	name, _, _ := unstructured.NestedString(o.Object, "spec", "schedulerName")
	suspended, _, err := unstructured.NestedBool(o.Object, "spec", "suspension", "scheduling")
	return err == nil && name == scheduler && !suspended && o.GetDeletionTimestamp() == nil
}

// ReadBinding translates a ResourceBinding. What a placement asks for beyond what Binding holds (spread over regions or zones,
// fixed weights, several affinity groups, label selectors of clusters) is an error: it would be ignored otherwise.
func ReadBinding(o *unstructured.Unstructured) (*Binding, error) {
	b := &Binding{Namespace: o.GetNamespace(), Name: o.GetName(), Generation: o.GetGeneration(), Demand: topology.Resources{}, Current: map[topology.SiteID]int64{}}
	r := reader{o: o.Object}
	if b.Replicas = r.number("spec", "replicas"); b.Replicas > mostReplicas {
		r.bad("spec.replicas", fmt.Sprintf("%d is more than %d", b.Replicas, mostReplicas))
	}
	request := r.object("spec", "replicaRequirements", "resourceRequest")
	for _, name := range slices.Sorted(maps.Keys(request)) {
		d := dimension(name)
		n, err := amount(d, fmt.Sprint(request[name]))
		if err != nil {
			r.bad("spec.replicaRequirements.resourceRequest."+name, err.Error())
		}
		b.Demand[d] += n
	}
	for i, c := range r.list("spec", "clusters") {
		fields, ok := c.(map[string]any)
		name, named := fields["name"].(string)
		n, _ := fields["replicas"].(int64)
		if !ok || !named || n < 0 || n > mostReplicas {
			r.bad(fmt.Sprintf("spec.clusters[%d]", i), "no cluster with a number of replicas")
			continue
		}
		b.Current[topology.SiteID(name)] += n
	}
	b.placement(&r)
	b.Observed = r.number("status", "schedulerObservedGeneration")
	b.Scheduled = condition(o, "Scheduled") == ""
	return b, errors.Join(r.defects...)
}

// placement reads spec.placement.
func (b *Binding) placement(r *reader) {
	p := r.object("spec", "placement")
	for _, field := range slices.Sorted(maps.Keys(p)) {
		switch field {
		case "clusterAffinity", "replicaScheduling", "spreadConstraints", "clusterTolerations":
		default:
			r.bad("spec.placement."+field, "is not supported by this scheduler")
		}
	}
	affinity := r.object("spec", "placement", "clusterAffinity")
	for _, field := range slices.Sorted(maps.Keys(affinity)) {
		switch field {
		case "clusterNames":
			b.Only = r.words("spec", "placement", "clusterAffinity", field)
		case "exclude":
			b.Not = r.words("spec", "placement", "clusterAffinity", field)
		default:
			r.bad("spec.placement.clusterAffinity."+field, "is not supported by this scheduler")
		}
	}
	scheduling := r.object("spec", "placement", "replicaScheduling")
	switch kind := scheduling["replicaSchedulingType"]; kind {
	case nil, "", "Duplicated":
	case "Divided":
		b.Divided = true
	default:
		r.bad("spec.placement.replicaScheduling.replicaSchedulingType", fmt.Sprintf("%v is not known", kind))
	}
	if scheduling["weightPreference"] != nil {
		r.bad("spec.placement.replicaScheduling.weightPreference", "is not supported by this scheduler: the objective decides")
	}
	for i, s := range r.list("spec", "placement", "spreadConstraints") {
		fields, _ := s.(map[string]any)
		at := fmt.Sprintf("spec.placement.spreadConstraints[%d]", i)
		if fields["spreadByField"] != "cluster" || fields["spreadByLabel"] != nil {
			r.bad(at, "only spreadByField: cluster is supported")
			continue
		}
		most, _ := fields["maxGroups"].(int64)
		if least, _ := fields["minGroups"].(int64); least > 1 {
			r.bad(at+".minGroups", "more than one is not supported by this scheduler")
		}
		if most < 0 || most > mostReplicas {
			r.bad(at+".maxGroups", "is out of range")
			continue
		}
		b.Most = int(most)
	}
}

// workloads are the replicas of a binding, or one that stands for each cluster's copy.
func (b *Binding) workloads(class placement.DataClass, tenant string) (placement.Application, error) {
	app := placement.Application{Name: "binding", Tenant: tenant}
	n, times := int64(1), max(b.Replicas, 1)
	if b.Divided && b.Replicas > 0 {
		n, times = b.Replicas, 1
	}
	demand := make(topology.Resources, len(b.Demand))
	for d, x := range b.Demand {
		if times > 1 && x > (1<<62)/times {
			return app, fmt.Errorf("multicluster: %s: %d times %d does not fit", d, times, x)
		}
		demand[d] = x * times
	}
	for i := range n {
		app.Workloads = append(app.Workloads, placement.Workload{
			ID: placement.WorkloadID(fmt.Sprintf("r%04d", i)), Application: app.Name, Tenant: tenant, Component: "replica",
			Kind: placement.Container, Demand: demand, Data: class, Priority: 1,
		})
	}
	return app, nil
}

// current are the replicas where spec.clusters has them.
func (b *Binding) current(app *placement.Application) placement.Assignment {
	out, next := placement.Assignment{}, 0
	for _, site := range slices.Sorted(maps.Keys(b.Current)) {
		for i := int64(0); i < b.Current[site] && next < len(app.Workloads); i++ {
			out[app.Workloads[next].ID] = site
			next++
		}
	}
	return out
}

// named leaves those clusters that the policy's affinity allows, and closes the others.
func (b *Binding) named(c *topology.Continuum) (*topology.Continuum, error) {
	var put topology.Spec
	for s := range c.Sites() {
		name := string(s.ID)
		if s.State != topology.Down && (len(b.Only) > 0 && !slices.Contains(b.Only, name) || slices.Contains(b.Not, name)) {
			closed := *s
			closed.State = topology.Down
			put.Sites = append(put.Sites, closed)
		}
	}
	if len(put.Sites) == 0 {
		return c, nil
	}
	return c.Update(topology.Changes{Put: put})
}

// Target is one entry of spec.clusters.
type Target struct {
	Cluster  topology.SiteID
	Replicas int64
}

// Place answers a binding: clusters in order of name, or why it cannot be answered in full. there is the continuum with what is free for
// it. A class of data must be known where there are policies.
func (w *World) Place(ctx context.Context, b *Binding, there *topology.Continuum, class placement.DataClass, tenant string, steps int64) ([]Target, string, error) {
	if class == "" && w.Admission != nil {
		return nil, "the namespace states no class of data, and policies are in force", nil
	}
	there, err := b.named(there)
	if err != nil {
		return nil, "", err
	}
	app, err := b.workloads(class, tenant)
	if err != nil {
		return nil, err.Error(), nil
	}
	if !b.Divided || b.Replicas == 0 {
		return w.copies(ctx, b, there, app)
	}
	p := w.problem(there, []placement.Application{app}, b.current(&app))
	if b.Most > 0 {
		return nil, "maxGroups with divided replicas is not supported by this scheduler", nil
	}
	r, err := judge(ctx, p, steps)
	if err != nil {
		return nil, "", err
	}
	if len(r.Assignment) < len(app.Workloads) {
		why := ""
		if len(r.Unplaced) > 0 {
			why = "; clusters refused: " + words(r.Unplaced[0].Refused)
		}
		return nil, fmt.Sprintf("%d of %d replicas have no place%s", len(app.Workloads)-len(r.Assignment), len(app.Workloads), why), nil
	}
	counts := map[topology.SiteID]int64{}
	for _, s := range r.Assignment {
		counts[s]++
	}
	return targets(counts), "", nil
}

// copies gives every cluster that may have it a copy, the best ones where there is a limit.
func (w *World) copies(ctx context.Context, b *Binding, there *topology.Continuum, app placement.Application) ([]Target, string, error) {
	p := w.problem(there, []placement.Application{app}, nil)
	s, err := placement.NewScheduler(ctx, placement.Answer{Problem: p}, &placement.SchedulerOptions{Prices: &placement.Certificate{}})
	if err != nil {
		return nil, "", err
	}
	most := there.NumSites()
	if b.Most > 0 {
		most = min(most, b.Most)
	}
	best, err := s.Candidates(ctx, app.Workloads[0].ID, most)
	if err != nil {
		return nil, "", err
	}
	if len(best) == 0 {
		refused, err := s.Refused(ctx, app.Workloads[0].ID)
		if err != nil {
			return nil, "", err
		}
		return nil, "no cluster may have it; clusters refused: " + words(refused), nil
	}
	counts := map[topology.SiteID]int64{}
	for _, c := range best {
		counts[c.Site] = b.Replicas
	}
	return targets(counts), "", nil
}

func targets(counts map[topology.SiteID]int64) []Target {
	var out []Target
	for _, s := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, Target{s, counts[s]})
	}
	return out
}
