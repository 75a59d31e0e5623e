package multicluster

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/domicile-eu/domicile/topology"
)

// Member is one cluster as an inventory has it.
type Member struct {
	Name string // of the cluster and of its site
	// Namespace is where the inventory's object is; empty where it has none.
	Namespace string
	// NotReady says why the cluster takes nothing new; empty: it does.
	NotReady string
	// Free is what it has to give of each dimension, in base units; a dimension that is not listed: what the continuum says.
	Free topology.Resources
}

// Fold puts clusters into a continuum: a site without a cluster is down, one whose cluster is not ready is cordoned, and of
// capacity and ease the smaller figure counts. Members that the continuum does not know are left out, and named in notes, in order.
// Two members of one name are not ready, since nobody can say which one is meant. O(sites log sites).
func Fold(c *topology.Continuum, members []Member) (_ *topology.Continuum, notes []string, _ error) {
	byName := make(map[topology.SiteID]Member, len(members))
	for _, m := range members {
		id := topology.SiteID(m.Name)
		if _, ok := c.Site(id); !ok {
			notes = append(notes, fmt.Sprintf("cluster %s: the continuum has no site of that name; it is never chosen", m.Name))
			continue
		}
		if other, twice := byName[id]; twice {
			m.NotReady = fmt.Sprintf("there are two of that name, in namespaces %q and %q", other.Namespace, m.Namespace)
		}
		byName[id] = m
	}
	var put topology.Spec
	for s := range c.Sites() {
		m, listed := byName[s.ID]
		next := *s
		switch {
		case !listed:
			next.State = topology.Down
		case m.NotReady != "":
			next.State = max(next.State, topology.Cordoned)
			notes = append(notes, fmt.Sprintf("cluster %s: %s; it takes nothing new", m.Name, m.NotReady))
		}
		shrink(&next, m.Free)
		if next.State != s.State || len(m.Free) > 0 {
			put.Sites = append(put.Sites, next)
		}
	}
	slices.Sort(notes)
	if len(put.Sites) == 0 {
		return c, notes, nil
	}
	next, err := c.Update(topology.Changes{Put: put})
	return next, notes, err
}

// shrink lowers capacity, and what is taken with ease, to what is free.
func shrink(s *topology.Site, free topology.Resources) {
	capacity, safe := topology.Resources{}, topology.Resources{}
	for d, n := range s.Capacity {
		capacity[d] = n
		if f, ok := free[d]; ok {
			capacity[d] = min(n, max(f, 0))
		}
	}
	for d, n := range s.Safe {
		safe[d] = min(n, capacity[d])
	}
	s.Capacity, s.Safe = capacity, safe
}

// dimension is the name that a Kubernetes resource has in a continuum: of an extended resource what stands behind the slash.
func dimension(name string) topology.Dimension {
	switch name {
	case "cpu", "memory":
		return topology.Dimension(name)
	case "ephemeral-storage":
		return topology.Disk
	}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	return topology.Dimension(strings.ToLower(name))
}

// amount reads a quantity in the base unit of its dimension; what is below one unit counts as one.
func amount(d topology.Dimension, text string) (int64, error) {
	if len(text) > 64 {
		return 0, fmt.Errorf("a quantity of %d bytes", len(text))
	}
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no quantity", text)
	}
	if q.Sign() < 0 {
		return 0, fmt.Errorf("%q is negative", text)
	}
	if q.Cmp(*resource.NewQuantity(1<<53, resource.DecimalSI)) > 0 {
		return 0, fmt.Errorf("%q is too large", text)
	}
	if d == topology.CPU {
		return q.MilliValue(), nil
	}
	return q.Value(), nil
}
