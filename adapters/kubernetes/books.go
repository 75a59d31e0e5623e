package kubernetes

import (
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/placement"
)

// books are who is where and what that takes. The cluster's lock guards them.
type books struct {
	nodes   map[string]*node
	pods    map[types.NamespacedName]*pod
	held    map[types.NamespacedName]*pod // reservations: of pods that nobody has seen bound
	apps    map[appKey]map[*pod]struct{}  // placed pods of applications
	byPlace [][]string                    // names of known nodes, by place; in no order
	places  []identity
	placed  map[identity]int32
	expiry  time.Time // before which no reservation runs out
}

type appKey struct{ namespace, name string }

// node is a node, or what pods say of one that is not known.
type node struct {
	known    bool
	cordoned bool
	place    int32
	has      room
	used     room
	slot     int // in byPlace
}

// pod is a pod that is bound or reserved, or that waits.
type pod struct {
	uid       types.UID
	node      string // empty: it waits
	demand    room
	app       appKey // without a name: of no application
	component string
	class     string // of its data, as it states it
	text      string // of its flows
	flows     []placement.Flow
	object    *v1.Pod   // of those that wait
	until     time.Time // of reservations
}

func newBooks() books {
	return books{
		nodes: make(map[string]*node), pods: make(map[types.NamespacedName]*pod), held: make(map[types.NamespacedName]*pod),
		apps: make(map[appKey]map[*pod]struct{}), placed: make(map[identity]int32),
	}
}

func (b *books) node(name string) *node {
	n := b.nodes[name]
	if n == nil {
		n = &node{}
		b.nodes[name] = n
	}
	return n
}

// enter counts a placed pod, leave takes it out again.
func (b *books) enter(p *pod) {
	if p.node == "" {
		return
	}
	b.node(p.node).used.add(p.demand, 1)
	if p.app.name == "" {
		return
	}
	if b.apps[p.app] == nil {
		b.apps[p.app] = make(map[*pod]struct{})
	}
	b.apps[p.app][p] = struct{}{}
}

func (b *books) leave(p *pod) {
	if p == nil || p.node == "" {
		return
	}
	n := b.node(p.node)
	n.used.add(p.demand, -1)
	if !n.known && n.used.pods == 0 {
		delete(b.nodes, p.node)
	}
	if all := b.apps[p.app]; all != nil {
		delete(all, p)
		if len(all) == 0 {
			delete(b.apps, p.app)
		}
	}
}

// release takes a reservation out.
func (b *books) release(key types.NamespacedName) {
	b.leave(b.held[key])
	delete(b.held, key)
}

// expire takes out reservations that have run out.
func (b *books) expire(now time.Time) {
	b.expiry = time.Time{}
	for key, p := range b.held {
		if !now.Before(p.until) {
			b.release(key)
		} else if b.expiry.IsZero() || p.until.Before(b.expiry) {
			b.expiry = p.until
		}
	}
}

// names lists the known nodes of a place.
func (b *books) names(place int32) []string { return b.byPlace[place] }

// unlist takes a node out of the list of its place.
func (b *books) unlist(n *node) {
	list := b.byPlace[n.place]
	last := len(list) - 1
	list[n.slot] = list[last]
	b.nodes[list[n.slot]].slot = n.slot
	b.byPlace[n.place] = list[:last]
}

func keyOf(p *v1.Pod) types.NamespacedName {
	return types.NamespacedName{Namespace: p.Namespace, Name: p.Name}
}

// SetNode tells of a node. Only what it says of its place, its room and whether it takes pods counts; everything else,
// such as heartbeats, changes nothing.
func (c *Cluster) SetNode(n *v1.Node) {
	id, has := identityOf(n), roomOf(n.Status.Allocatable)
	cordoned := n.Spec.Unschedulable || n.DeletionTimestamp != nil
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.books.placed[id]
	if !ok {
		at = int32(len(c.books.places))
		c.books.places = append(c.books.places, id)
		c.books.placed[id] = at
		c.books.byPlace = append(c.books.byPlace, nil)
	}
	have := c.books.node(n.Name)
	if have.known && have.place != at {
		c.books.unlist(have)
		have.known = false
	}
	if !have.known {
		have.slot = len(c.books.byPlace[at])
		c.books.byPlace[at] = append(c.books.byPlace[at], n.Name)
	}
	have.known, have.cordoned, have.place, have.has = true, cordoned, at, has
}

// DeleteNode tells that a node is gone. Pods that are still said to be there stay in the books.
func (c *Cluster) DeleteNode(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.books.nodes[name]; n != nil {
		if n.known {
			c.books.unlist(n)
		}
		if n.known, n.has = false, (room{}); n.used.pods == 0 {
			delete(c.books.nodes, name)
		}
	}
}

// SetPod tells of a pod. One that has ended takes no room.
func (c *Cluster) SetPod(p *v1.Pod) {
	if p.Status.Phase == v1.PodSucceeded || p.Status.Phase == v1.PodFailed {
		c.DeletePod(p)
		return
	}
	fresh := record(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	key := keyOf(p)
	c.books.leave(c.books.pods[key])
	if held := c.books.held[key]; held != nil && (fresh.node != "" || held.uid != fresh.uid) {
		c.books.release(key)
	}
	c.books.pods[key] = fresh
	c.books.enter(fresh)
}

// record is what the books keep of a pod. Flows that cannot be read are those of nobody: the pod itself is refused.
func record(p *v1.Pod) *pod {
	out := &pod{uid: p.UID, node: p.Spec.NodeName, demand: demandOf(p)}
	out.app = appKey{p.Namespace, p.Labels[ApplicationLabel]}
	if out.component = p.Labels[ComponentLabel]; out.component == "" {
		out.component = defaultComponent
	}
	if out.node == "" {
		out.object = p
	}
	if out.app.name != "" {
		out.class = p.Annotations[DataAnnotation]
		out.text = p.Annotations[FlowsAnnotation]
		out.flows, _ = parseFlows(out.text, out.component)
	}
	return out
}

const defaultComponent = "pod"

// DeletePod tells that a pod is gone.
func (c *Cluster) DeletePod(p *v1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := keyOf(p)
	c.books.leave(c.books.pods[key])
	delete(c.books.pods, key)
	c.books.release(key)
}
