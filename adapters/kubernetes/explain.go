package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Explain says in words what a pod is taken for, where it is or may go, and what refuses the nodes, with the rules behind
// it. The pod has to be known.
func (c *Cluster) Explain(ctx context.Context, namespace, name string) (string, error) {
	key := types.NamespacedName{Namespace: namespace, Name: name}
	c.mu.RLock()
	have := c.books.pods[key]
	c.mu.RUnlock()
	switch {
	case have == nil:
		return "", fmt.Errorf("%w: there is no pod %s", ErrInvalid, key)
	case have.object == nil:
		return fmt.Sprintf("pod %s runs on node %s\n", key, have.node), nil
	}
	return c.ExplainPod(ctx, have.object)
}

// ExplainPod is [Cluster.Explain] for a pod that need not be known.
func (c *Cluster) ExplainPod(ctx context.Context, p *v1.Pod) (string, error) {
	q, err := c.question(ctx, p)
	if err != nil {
		return "", err
	}
	b := &strings.Builder{}
	a := q.a
	fmt.Fprintf(b, "pod %s waits\n", a.self)
	fmt.Fprintf(b, "  taken for: tenant %q, data class %q, application %q, component %q, %d flows, %d other places of the application\n",
		a.tenant, a.class, a.app.name, a.component, len(a.flows), len(a.partners))
	fmt.Fprintf(b, "  judged as of %s\n", q.w.asOf.Format("2006-01-02 15:04"))
	if q.own != nil && !q.own.until.IsZero() {
		fmt.Fprintf(b, "  room is held on node %s until %s\n", q.own.node, q.own.until.UTC().Format("15:04:05"))
	}
	if a.defect != nil {
		fmt.Fprintf(b, "  %v\n", a.defect)
	}
	best, _, err := c.Best(ctx, p, 5)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(b, "  best nodes: %s\n", cmp.Or(strings.Join(best, ", "), "none"))
	if err := c.listRefusals(ctx, q, b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// listRefusals adds what refuses nodes, most frequent first, with one place of each and all that is said of it.
func (c *Cluster) listRefusals(ctx context.Context, q *question, b *strings.Builder) error {
	count, places := make(map[string]int), make(map[string]int32)
	c.mu.RLock()
	all := 0
	for name, n := range c.books.nodes {
		if !n.known {
			continue
		}
		all++
		if reason, _ := q.judge(name); reason != "" {
			count[reason]++
			if at, ok := places[reason]; !ok || n.place < at {
				places[reason] = n.place
			}
		}
	}
	c.mu.RUnlock()
	fmt.Fprintf(b, "  of %d nodes are refused:\n", all)
	order := slices.SortedFunc(maps.Keys(count), func(x, y string) int {
		return cmp.Or(cmp.Compare(count[y], count[x]), strings.Compare(x, y))
	})
	for _, reason := range order {
		fmt.Fprintf(b, "  %6d  %s\n", count[reason], reason)
		site := q.w.site(places[reason])
		if q.w.in.set == nil || q.v == nil || site == nil || q.v.reason[places[reason]] != reason {
			continue
		}
		if err := q.w.tell(ctx, q.a, site, b); err != nil {
			return err
		}
	}
	return nil
}

// tell adds all that policies say of a site.
func (w *world) tell(ctx context.Context, a *asked, site *topology.Site, b *strings.Builder) error {
	app, _, id := a.application(w)
	k := slices.IndexFunc(app.Workloads, func(x placement.Workload) bool { return x.ID == id })
	reasons, err := w.in.set.Reasons(ctx, w.scope(), &app.Workloads[k], site)
	for _, r := range reasons {
		fmt.Fprintf(b, "          for one, %s: %s %s", site.ID, r.Code, r.Title)
		if r.Message != "" {
			fmt.Fprintf(b, ": %s", r.Message)
		}
		fmt.Fprintf(b, " (%s, %s)\n", cmp.Or(r.Basis, "no basis stated"), r.Location)
	}
	return err
}
