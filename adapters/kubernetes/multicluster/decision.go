package multicluster

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Decisions are the PlacementDecisions of the Cluster Inventory API.
var Decisions = schema.GroupVersionResource{Group: "multicluster.x-k8s.io", Version: "v1alpha1", Resource: "placementdecisions"}

// Labels and annotations of a PlacementDecision.
const (
	labelDecision  = "multicluster.x-k8s.io/decision-key"
	labelIndex     = "multicluster.x-k8s.io/decision-index"
	labelPlacement = "multicluster.x-k8s.io/placement-key"
	labelManaged   = "app.kubernetes.io/managed-by"

	noteComponent = "domicile.eu/component"
	noteReplicas  = "domicile.eu/replicas"
	noteUnplaced  = "domicile.eu/unplaced"
	noteDigest    = "domicile.eu/digest"
)

// perSlice is how many clusters the API lets one PlacementDecision name.
const perSlice = 100

// component names replicas that share a decision.
type component struct{ application, name string }

func (c component) String() string { return c.application + "/" + c.name }

// Decide translates an answer into PlacementDecisions: for each component of each application the clusters that run it, those with
// most replicas first, then by name, a hundred in each object. A component that has no place gets an object without decisions. How many
// replicas are where, and how many have no place and why, stands in annotations; the API has no field for it. profiles
// gives the namespace of each cluster's ClusterProfile. O(workloads log workloads).
func Decide(p *placement.Problem, r *placement.Result, profiles map[string]string, opts Options) []*unstructured.Unstructured {
	counts, refused := map[component]map[topology.SiteID]int{}, map[component]map[placement.ConstraintKind]int{}
	missing, of := map[component]int{}, map[placement.WorkloadID]component{}
	for _, a := range p.Applications {
		for i := range a.Workloads {
			w := &a.Workloads[i]
			c := component{a.Name, w.Component}
			of[w.ID] = c
			if counts[c] == nil {
				counts[c] = map[topology.SiteID]int{}
			}
			if s, ok := r.Assignment[w.ID]; ok {
				counts[c][s]++
			} else {
				missing[c]++
			}
		}
	}
	for _, u := range r.Unplaced {
		if refused[of[u.Workload]] == nil {
			refused[of[u.Workload]] = u.Refused
		}
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b component) int {
		return cmp.Or(cmp.Compare(a.application, b.application), cmp.Compare(a.name, b.name))
	})
	var out []*unstructured.Unstructured
	for _, c := range keys {
		sites := slices.SortedFunc(maps.Keys(counts[c]), func(a, b topology.SiteID) int {
			return cmp.Or(cmp.Compare(counts[c][b], counts[c][a]), cmp.Compare(a, b))
		})
		for at, index := 0, 0; at == 0 || at < len(sites); at, index = at+perSlice, index+1 {
			slice := sites[at:min(at+perSlice, len(sites))]
			o := decision(c, index, slice, counts[c], profiles, opts)
			notes := o.GetAnnotations()
			notes[noteDigest] = r.Digest
			if n := missing[c]; n > 0 {
				notes[noteUnplaced] = fmt.Sprintf("%d replicas have no place; clusters refused: %s", n, words(refused[c]))
			}
			o.SetAnnotations(notes)
			out = append(out, o)
		}
	}
	return out
}

// decision is one PlacementDecision.
func decision(c component, index int, sites []topology.SiteID, counts map[topology.SiteID]int, profiles map[string]string, opts Options) *unstructured.Unstructured {
	list, replicas := []any{}, map[string]int{}
	for _, s := range sites {
		ref := map[string]any{"name": string(s)}
		if ns := profiles[string(s)]; ns != "" {
			ref["namespace"] = ns
		}
		list = append(list, map[string]any{"clusterProfileRef": ref, "reason": "admitted, and best of those that are"})
		replicas[string(s)] = counts[s]
	}
	text, err := json.Marshal(replicas)
	if err != nil {
		panic(err) // a map of numbers has a text
	}
	key := label(c.String())
	o := &unstructured.Unstructured{Object: map[string]any{"schedulerName": opts.Scheduler, "decisions": list}}
	o.SetGroupVersionKind(Decisions.GroupVersion().WithKind("PlacementDecision"))
	o.SetName(key + "-" + strconv.Itoa(index))
	o.SetNamespace(opts.Namespace)
	o.SetLabels(map[string]string{
		labelManaged: opts.Scheduler, labelDecision: key, labelIndex: strconv.Itoa(index), labelPlacement: label(c.application),
	})
	o.SetAnnotations(map[string]string{noteComponent: c.String(), noteReplicas: string(text)})
	return o
}

// label makes a valid label value of any text, and different ones of different texts.
func label(text string) string {
	var b strings.Builder
	same := true
	for _, r := range text {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
			same = false
		}
	}
	s := strings.Trim(b.String(), "-")
	if same && s == text && s != "" && len(s) <= 40 {
		return s
	}
	sum := sha256.Sum256([]byte(text))
	return "x" + s[:min(len(s), 40)] + "-" + hex.EncodeToString(sum[:6])
}

// words puts counts of refusals into one line, most first.
func words(refused map[placement.ConstraintKind]int) string {
	kinds := slices.SortedFunc(maps.Keys(refused), func(a, b placement.ConstraintKind) int {
		return cmp.Or(cmp.Compare(refused[b], refused[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, k := range kinds {
		if refused[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d by %s", refused[k], k))
		}
	}
	if parts == nil {
		return "not counted"
	}
	return strings.Join(parts, ", ")
}

// Current is the assignment that earlier PlacementDecisions stand for: each component's replicas in order of ID over the
// clusters in order of name. Decisions that this program did not write, or that cannot be read, count for nothing.
func Current(apps []placement.Application, objects []*unstructured.Unstructured) placement.Assignment {
	counts := map[string]map[string]int{}
	for _, o := range objects {
		notes := o.GetAnnotations()
		var some map[string]int
		if json.Unmarshal([]byte(notes[noteReplicas]), &some) != nil {
			continue
		}
		c := notes[noteComponent]
		if counts[c] == nil {
			counts[c] = map[string]int{}
		}
		maps.Copy(counts[c], some)
	}
	out := placement.Assignment{}
	for _, a := range apps {
		ids := map[string][]placement.WorkloadID{}
		for i := range a.Workloads {
			w := &a.Workloads[i]
			c := component{a.Name, w.Component}.String()
			ids[c] = append(ids[c], w.ID)
		}
		for c, list := range ids {
			slices.Sort(list)
			for _, site := range slices.Sorted(maps.Keys(counts[c])) {
				n := min(max(counts[c][site], 0), len(list))
				for _, id := range list[:n] {
					out[id] = topology.SiteID(site)
				}
				list = list[n:]
			}
		}
	}
	return out
}
