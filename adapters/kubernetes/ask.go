package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/placement"
)

// asked is a pod as a question: a workload of an application whose other pods are where they are.
type asked struct {
	key       string // the same for all that the same is known of
	refuse    string // why the pod may go nowhere, in the words of a refusal
	defect    error  // the same at length
	space     space
	class     string
	tenant    string
	app       appKey
	component string
	demand    room
	flows     []placement.Flow
	file      *placement.Application // the application of the file that it belongs to
	partners  []partner
	placed    int // other pods that they stand for
	self      types.NamespacedName
}

// partner is where other pods of an application are.
type partner struct {
	component string
	place     int32
	class     string // of its data
}

// Reasons that are the pod's own.
const (
	reasonNoClass    = "domicile: the pod's namespace states no data class, and rules are in force"
	reasonNoSpace    = "domicile: the pod's namespace is not known"
	reasonBadClass   = "domicile: the pod's data class is not one that its namespace allows"
	reasonBadText    = "domicile: the annotations of the pod or its namespace cannot be read"
	reasonBadMember  = "domicile: the pod claims an application or component that is not its own"
	reasonLost       = "domicile: it is not known where another pod of the application runs"
	reasonManyPlaces = "domicile: the application is on too many places"
)

// Of an application that no file describes, so many other pods are counted each; of more, one of each component on each
// place, which leaves every bound as it is and only evens out what traffic costs. On more places than the second limit
// nothing is answered for it.
const (
	mostCounted  = 64
	mostPartners = 4096
)

// ask translates a pod. The caller holds the cluster's lock for reading.
func (c *Cluster) ask(in *inputs, p *v1.Pod) *asked {
	a := &asked{self: keyOf(p), demand: demandOf(p), app: appKey{p.Namespace, p.Labels[ApplicationLabel]}, component: p.Labels[ComponentLabel]}
	if a.component == "" {
		a.component = defaultComponent
	}
	var known bool
	if a.space, known = c.spaces[p.Namespace]; !known {
		return a.no(reasonNoSpace, nil)
	}
	a.tenant = a.space.tenant
	if a.space.defect != nil {
		return a.no(reasonBadText, a.space.defect)
	}
	var err error
	if a.class, err = c.classify(&a.space, p.Annotations[DataAnnotation]); err != nil {
		return a.no(reasonBadClass, err)
	}
	text := p.Annotations[FlowsAnnotation]
	if a.flows, err = parseFlows(text, a.component); err != nil {
		return a.no(reasonBadText, err)
	}
	if a.app.name != "" {
		a.file = in.apps[a.app.name]
	} else if p.Labels[ComponentLabel] != "" {
		return a.no(reasonBadMember, fmt.Errorf("%w: a component without an application", ErrInvalid))
	}
	if err := a.join(c, text); err != nil {
		return a.no(reasonBadMember, err)
	}
	if reason := a.find(c); reason != "" {
		return a.no(reason, nil)
	}
	a.setKey(text, c.books.texts(a))
	return a
}

func (a *asked) no(reason string, err error) *asked {
	a.refuse, a.defect = reason, err
	return a
}

// classify finds the class of a pod's data: its namespace's, or a stricter one that the pod states.
func (c *Cluster) classify(in *space, own string) (string, error) {
	class := in.class
	if class == "" {
		class = c.cfg.Unlabelled
	}
	if len(c.cfg.DataClasses) > 0 && class != "" && c.cfg.strictness(class) < 0 {
		return "", fmt.Errorf("%w: the namespace's data class %q is none of the configuration's", ErrInvalid, class)
	}
	switch {
	case own == "" || own == class:
		return class, nil
	case class == "":
		return "", fmt.Errorf("%w: the pod states data class %q, which could only narrow its namespace's, and that states none", ErrInvalid, own)
	case c.cfg.strictness(own) < 0:
		return "", fmt.Errorf("%w: the pod's data class %q is none of the configuration's", ErrInvalid, own)
	case c.cfg.strictness(own) < c.cfg.strictness(class):
		return "", fmt.Errorf("%w: the pod's data class %q is less strict than its namespace's, %q", ErrInvalid, own, class)
	}
	return own, nil
}

// join holds a pod to the application of the file that it says it belongs to.
func (a *asked) join(c *Cluster, flows string) error {
	if a.file == nil {
		return nil
	}
	if a.file.Tenant != a.tenant {
		return fmt.Errorf("%w: application %s is of tenant %q, the namespace of %q", ErrInvalid, a.app.name, a.file.Tenant, a.tenant)
	}
	k := slices.IndexFunc(a.file.Workloads, func(w placement.Workload) bool { return w.Component == a.component })
	if k < 0 {
		return fmt.Errorf("%w: application %s has no component %q", ErrInvalid, a.app.name, a.component)
	}
	if flows != "" {
		return fmt.Errorf("%w: the flows of application %s stand in the file of applications", ErrInvalid, a.app.name)
	}
	if own := string(a.file.Workloads[k].Data); own != "" && own != a.class {
		var err error
		stated := space{class: a.class}
		a.class, err = c.classify(&stated, own)
		return err
	}
	return nil
}

// find lists where other pods of the application are.
func (a *asked) find(c *Cluster) string {
	if a.app.name == "" {
		return ""
	}
	b := &c.books
	mine := [2]*pod{b.pods[a.self], b.held[a.self]}
	for p := range b.apps[a.app] {
		n := b.nodes[p.node]
		if p == mine[0] || p == mine[1] {
			continue
		}
		class, err := c.classify(&a.space, p.class)
		if err != nil && len(c.cfg.DataClasses) > 0 {
			class = c.cfg.DataClasses[len(c.cfg.DataClasses)-1] // who runs with a class that was not its to state
		}
		at := int32(-1)
		if n != nil && n.known {
			at = n.place
		}
		a.partners = append(a.partners, partner{p.component, at, class})
	}
	slices.SortFunc(a.partners, func(x, y partner) int {
		if c := strings.Compare(x.component, y.component); c != 0 {
			return c
		}
		if x.place != y.place {
			return int(x.place - y.place)
		}
		return strings.Compare(x.class, y.class)
	})
	if a.placed = len(a.partners); a.file == nil && a.placed > mostCounted {
		a.partners = slices.Compact(a.partners)
	}
	if len(a.partners) > mostPartners {
		return reasonManyPlaces
	}
	return ""
}

// texts adds the flows that placed pods of other components state, and returns them as written.
func (b *books) texts(a *asked) string {
	if a.app.name == "" || a.file != nil {
		return ""
	}
	stated := make(map[string]*pod)
	for p := range b.apps[a.app] {
		if p.text != "" && p.component != a.component {
			stated[p.component+"\x00"+p.text] = p
		}
	}
	keys := slices.Sorted(maps.Keys(stated))
	for _, key := range keys {
		a.flows = append(a.flows[:len(a.flows):len(a.flows)], stated[key].flows...)
	}
	return strings.Join(keys, "\x00")
}

func (a *asked) setKey(flows, others string) {
	b := fmt.Appendf(nil, "%q %q %q %q %q %q %d %d %d %d %q %v", a.class, a.tenant, a.space.facts, a.app.namespace, a.app.name, a.component,
		a.demand.cpu, a.demand.memory, a.demand.disk, a.demand.extra[gpuResource], flows, a.file != nil)
	if others != "" || len(a.partners) > 0 {
		b = fmt.Appendf(b, " %q", others)
		for _, p := range a.partners {
			b = fmt.Appendf(b, " %q %d %q", p.component, p.place, p.class)
		}
	}
	a.key = string(b)
}

// application is the pod as a workload among its partners: those of the file, each pod in the place of a replica, or, where
// the file knows nothing of it, one workload for each component on each place.
func (a *asked) application(w *world) (placement.Application, placement.Assignment, placement.WorkloadID) {
	app := placement.Application{Name: a.app.name, Tenant: a.tenant}
	if app.Name == "" {
		app.Name = a.app.namespace
	}
	if a.file != nil {
		app = *a.file
		app.Workloads = slices.Clone(app.Workloads)
	}
	places := make(placement.Assignment)
	used := make([]bool, len(app.Workloads))
	for _, p := range a.partners {
		if w.site(p.place) == nil {
			continue
		}
		k := a.replica(&app, &used, p.component)
		if a.file == nil {
			app.Workloads[k].Data = placement.DataClass(p.class)
		}
		places[app.Workloads[k].ID] = w.sites[p.place].ID
	}
	k := a.replica(&app, &used, a.component)
	self := &app.Workloads[k]
	self.Kind, self.Data, self.Demand = placement.Container, placement.DataClass(a.class), a.demand.priced()
	if a.file == nil {
		self.Attributes = a.space.attributes
		app.Flows = a.flowsAmong(app.Workloads)
	} else if len(a.space.attributes) > 0 {
		facts := maps.Clone(a.space.attributes)
		maps.Copy(facts, self.Attributes)
		self.Attributes = facts
	}
	return app, places, self.ID
}

// replica returns a workload of a component that nobody stands for yet, a new one where all are taken.
func (a *asked) replica(app *placement.Application, used *[]bool, component string) int {
	like := -1
	for k := range app.Workloads {
		if app.Workloads[k].Component == component {
			if like = k; !(*used)[k] {
				(*used)[k] = true
				return k
			}
		}
	}
	fresh := placement.Workload{Kind: placement.Container, Priority: 1, Data: placement.DataClass(a.class), Component: component}
	if like >= 0 {
		fresh = app.Workloads[like]
	}
	fresh.ID = placement.WorkloadID(fmt.Sprintf("%s/%s-%d", app.Name, component, len(app.Workloads)+1))
	fresh.Application, fresh.Tenant = app.Name, app.Tenant
	at := len(app.Workloads)
	if like >= 0 {
		at = like + 1 // replicas stand together
	}
	app.Workloads, *used = slices.Insert(app.Workloads, at, fresh), slices.Insert(*used, at, true)
	return at
}

// lost says whether something has to be near a partner of whom nobody knows where it is. Constraints of the file may speak
// of any partner.
func (a *asked) lost(w *world) bool {
	for _, p := range a.partners {
		if w.site(p.place) != nil {
			continue
		}
		flows := a.flows
		if a.file != nil {
			if flows = a.file.Flows; len(a.file.Constraints) > 0 {
				return true
			}
		}
		for _, f := range flows {
			if f.FromComponent == a.component && f.To == p.component || f.FromComponent == p.component && f.To == a.component {
				return true
			}
		}
	}
	return false
}

// flowsAmong lists the flows whose ends are there.
func (a *asked) flowsAmong(loads []placement.Workload) (out []placement.Flow) {
	there := func(component string) bool {
		return slices.ContainsFunc(loads, func(w placement.Workload) bool { return w.Component == component })
	}
	for _, f := range a.flows {
		if there(f.To) && (f.FromComponent == "" || there(f.FromComponent)) {
			out = append(out, f)
		}
	}
	return out
}
