package kubernetes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// world is the continuum with the places that nodes are of, and what is known of pods there. It is immutable but for its
// memo. Pods and room are not part of it, so that only new places, inputs and hours make a new one.
type world struct {
	in        *inputs
	asOf      time.Time
	graph     *latency.Graph
	continuum *topology.Continuum // with sites for places that labels alone describe
	scheduler *placement.Scheduler

	places int
	sites  []*topology.Site // by place; nil where there is none
	faults []string         // by place: why there is none
	alike  []int32          // by site in order of ID: the number of what policies cannot tell apart; nil: no policies

	hard     bool            // a rule of the continuum is in force
	hardFor  map[string]bool // tenants that have rules of their own
	hardWith map[topology.ProviderID]bool

	mu    sync.Mutex // guards the memo
	known map[string]*view
	order []string
}

// Shapes and views that are kept; one takes some 50 and 20 bytes a place.
const (
	mostShapes = 128
	mostViews  = 256
)

func (w *world) serves(in *inputs, asOf time.Time, places int) bool {
	return w != nil && w.in == in && w.asOf.Equal(asOf) && w.places >= places
}

// newWorld makes a world. last may lend its graph.
func newWorld(ctx context.Context, cfg *Config, in *inputs, asOf time.Time, places []identity, last *world) (*world, error) {
	w := &world{in: in, asOf: asOf, places: len(places), known: make(map[string]*view)}
	if err := w.settle(places); err != nil {
		return nil, err
	}
	if last != nil && last.in.continuum == in.continuum && last.asOf.Equal(asOf) {
		w.graph = last.graph
	} else {
		var err error
		w.graph, err = latency.New(in.continuum, &latency.Options{Observations: in.observations, AsOf: asOf, MaxAge: cfg.MeasurementAge})
		if err != nil {
			return nil, err
		}
	}
	p := &placement.Problem{Continuum: w.continuum, Latency: w.graph, AsOf: asOf}
	if in.set != nil {
		p.Admission, p.Transit = in.set, in.set
		w.listRules()
		sites := slices.Collect(w.continuum.Sites())
		_, alike, err := in.set.Classes(ctx, w.scope(), nil, sites)
		if err != nil {
			return nil, err
		}
		w.alike = alike
	}
	var err error
	w.scheduler, err = placement.NewScheduler(ctx, placement.Answer{Problem: p},
		&placement.SchedulerOptions{Prices: &placement.Certificate{}, Shapes: mostShapes})
	return w, err
}

// settle finds the site of every place, and makes those that labels alone describe.
func (w *world) settle(places []identity) error {
	var made []topology.Site
	known := make(map[topology.SiteID]bool)
	ids := make([]topology.SiteID, len(places))
	w.faults = make([]string, len(places))
	for k, id := range places {
		site, own, fault := id.of(w.in.continuum)
		if w.faults[k] = fault; fault != "" {
			continue
		}
		ids[k] = site.ID
		if own && !known[site.ID] {
			known[site.ID] = true
			site.Capacity = plenty
			made = append(made, site)
		}
	}
	var err error
	if w.continuum, err = w.withMade(made, ids); err != nil {
		return err
	}
	w.sites = make([]*topology.Site, len(places))
	for k, id := range ids {
		if w.faults[k] == "" {
			w.sites[k], _ = w.continuum.Site(id)
		}
	}
	return nil
}

// withMade adds sites one by one where all together are refused: labels of one node must not close all others.
func (w *world) withMade(made []topology.Site, ids []topology.SiteID) (*topology.Continuum, error) {
	if len(made) == 0 {
		return w.in.continuum, nil
	}
	if c, err := w.in.continuum.Update(topology.Changes{Put: topology.Spec{Sites: made}}); err == nil {
		return c, nil
	}
	c := w.in.continuum
	for k := range made {
		next, err := c.Update(topology.Changes{Put: topology.Spec{Sites: made[k : k+1]}})
		if err == nil {
			c = next
			continue
		}
		for n := range ids {
			if ids[n] == made[k].ID {
				w.faults[n] = reasonBadIdentity
			}
		}
	}
	return c, nil
}

// listRules notes who has hard rules in force.
func (w *world) listRules() {
	w.hardFor, w.hardWith = make(map[string]bool), make(map[topology.ProviderID]bool)
	for _, r := range w.in.set.Rules() {
		if r.Kind == "prefer" {
			continue
		}
		if tenant, ok := strings.CutPrefix(r.Side, "tenant:"); ok {
			w.hardFor[tenant] = true
		} else if owner, ok := strings.CutPrefix(r.Side, "owner:"); ok {
			w.hardWith[topology.ProviderID(owner)] = true
		} else {
			w.hard = true
		}
	}
}

// site returns the site of a place, nil where there is none.
func (w *world) site(place int32) *topology.Site {
	if place < 0 || int(place) >= len(w.sites) {
		return nil
	}
	return w.sites[place]
}

func (w *world) scope() placement.Scope {
	return placement.Scope{Continuum: w.continuum, AsOf: w.asOf}
}

// view is what is known of a pod on every place, by place.
type view struct {
	reason []string // why not; empty: it may
	rank   []int32  // as in placement.Outlook
	cost   []int64
	best   []int32 // places that may take it, best first
}

// view returns what a world says of a pod.
func (w *world) view(ctx context.Context, a *asked) (*view, error) {
	w.mu.Lock()
	v := w.known[a.key]
	w.mu.Unlock()
	if v != nil {
		return v, nil
	}
	v, err := w.look(ctx, a)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known[a.key] == nil {
		if len(w.order) == mostViews {
			delete(w.known, w.order[0])
			w.order = append(w.order[:0], w.order[1:]...)
		}
		w.order = append(w.order, a.key)
	}
	w.known[a.key] = v
	return v, nil
}

// look asks the scheduler.
func (w *world) look(ctx context.Context, a *asked) (*view, error) {
	v := &view{reason: make([]string, w.places), rank: make([]int32, w.places), cost: make([]int64, w.places)}
	app, places, id := a.application(w)
	o, err := w.scheduler.Outlook(ctx, app, places, id)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	at := make(map[topology.SiteID]int, len(o.Sites))
	for k, site := range o.Sites {
		at[site] = k
	}
	load := &app.Workloads[slices.IndexFunc(app.Workloads, func(x placement.Workload) bool { return x.ID == id })]
	lost := a.lost(w)
	said := make(map[int32]string) // by what policies cannot tell apart
	for k := range v.reason {
		switch site := w.sites[k]; {
		case site == nil:
			v.reason[k] = w.faults[k]
		case lost:
			v.reason[k] = reasonLost
		case a.class == "" && (w.hard || w.hardFor[a.tenant] || w.hardWith[site.Provider]):
			v.reason[k] = reasonNoClass
		default:
			n := at[site.ID]
			v.rank[k], v.cost[k] = o.Rank[n], o.Cost[n]
			if kind := o.Refused[n]; kind == placement.ByAdmission {
				v.reason[k], err = w.policyReason(ctx, said, load, site, n)
			} else if kind != "" {
				v.reason[k] = reasonOf(kind)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
		}
		if v.reason[k] == "" {
			v.best = append(v.best, int32(k))
		}
	}
	slices.SortStableFunc(v.best, func(a, b int32) int { return int(v.rank[a] - v.rank[b]) })
	return v, nil
}

// policyReason says in a few words which rule denies a site, by number in order of ID.
func (w *world) policyReason(ctx context.Context, said map[int32]string, load *placement.Workload, site *topology.Site, n int) (string, error) {
	if text, ok := said[w.alike[n]]; ok {
		return text, nil
	}
	reasons, err := w.in.set.Reasons(ctx, w.scope(), load, site)
	if err != nil {
		return "", err
	}
	text := "domicile: policy"
	if len(reasons) > 0 {
		text = strings.TrimSpace("domicile: policy " + reasons[0].Code + " " + cut(reasons[0].Title, 120))
	}
	said[w.alike[n]] = text
	return text, nil
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// reasonOf words what refuses a site by itself or because of an application's other pods.
func reasonOf(kind placement.ConstraintKind) string {
	switch kind {
	case placement.ByLatency:
		return "domicile: latency bound of a flow is missed or not known to be met"
	case placement.ByPath:
		return "domicile: latency bound of a path is missed or not known to be met"
	case placement.ByTransit:
		return "domicile: no way is known that the pod's data may take"
	case placement.ByState:
		return "domicile: site is down or cordoned"
	case placement.ByRuntime:
		return "domicile: site does not run Kubernetes"
	case placement.BySelector:
		return "domicile: site is not one that the application selects"
	}
	return "domicile: " + string(kind) + " of the application is broken there"
}
