package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Step is the eviction of one pod.
type Step struct {
	Move      int       `json:"move"` // ID in the plan
	Namespace string    `json:"namespace"`
	Pod       string    `json:"pod"`
	UID       types.UID `json:"uid"` // another pod of that name is not meant
	// From is the node it is on, Expected the site or node where the decision wants its successor.
	From     string          `json:"from"`
	Expected topology.SiteID `json:"expected"`
	Budget   string          `json:"budget,omitempty"` // the disruption budget that counts, empty: none
	After    []int           `json:"after,omitempty"`  // moves of steps that come first
	Wave     int             `json:"wave"`             // from 1
}

// Refused is a move that is not carried out, and why.
type Refused struct {
	Move     int                  `json:"move"`
	Workload placement.WorkloadID `json:"workload"`
	Why      string               `json:"why"`
}

// Evictions are the steps of a plan, by wave, then move.
type Evictions struct {
	Steps   []Step    `json:"steps"`
	Refused []Refused `json:"refused,omitempty"`
}

// Pods finds the pod that a workload stands for; nil: there is none.
type Pods func(placement.WorkloadID) *v1.Pod

// Make orders evictions. home says which site a node belongs to. Stage moves, which have no meaning for pods, are refused. O(moves x budgets of the namespace).
func Make(p *migrate.Plan, pods Pods, budgets []policyv1.PodDisruptionBudget, home func(node string) topology.SiteID) (*Evictions, error) {
	rules, err := compile(budgets)
	if err != nil {
		return nil, err
	}
	out, waves := &Evictions{}, map[int]int{}
	used := map[string]map[int]int32{} // by budget and wave
	for _, m := range inOrder(p.Moves) {
		pod := pods(m.Workload)
		why, budget := unfit(pod, m, home), (*rule)(nil)
		if why == "" {
			budget, why = rules.of(pod)
		}
		wave := 1
		for _, id := range m.After {
			before, there := waves[id]
			if !there && why == "" {
				why = fmt.Sprintf("it waits for move %d, which is not carried out", id)
			}
			wave = max(wave, before+1)
		}
		if why != "" {
			out.Refused = append(out.Refused, Refused{m.ID, m.Workload, why})
			continue
		}
		s := Step{Move: m.ID, Namespace: pod.Namespace, Pod: pod.Name, UID: pod.UID, From: pod.Spec.NodeName, Expected: m.To, After: m.After}
		if budget != nil {
			s.Budget = budget.name
			if used[budget.name] == nil {
				used[budget.name] = map[int]int32{}
			}
			for used[budget.name][wave] >= budget.allowed {
				wave++
			}
			used[budget.name][wave]++
		}
		s.Wave = wave
		waves[m.ID] = wave
		out.Steps = append(out.Steps, s)
	}
	slices.SortStableFunc(out.Steps, func(a, b Step) int { return a.Wave - b.Wave })
	return out, nil
}

// inOrder puts moves behind those they wait for; moves of a plan are by start, then ID, and that is nearly so already. Moves that wait for each other
// in a circle, which a plan never has, come last and are refused for what they wait for.
func inOrder(moves []migrate.Move) []*migrate.Move {
	out, done, left := make([]*migrate.Move, 0, len(moves)), map[int]bool{}, make([]*migrate.Move, 0, len(moves))
	for i := range moves {
		left = append(left, &moves[i])
	}
	for len(left) > 0 {
		var later []*migrate.Move
		for _, m := range left {
			if slices.ContainsFunc(m.After, func(id int) bool { return !done[id] }) {
				later = append(later, m)
				continue
			}
			done[m.ID] = true
			out = append(out, m)
		}
		if len(later) == len(left) {
			return append(out, later...)
		}
		left = later
	}
	return out
}

// unfit says why a pod cannot be moved by evicting it.
func unfit(pod *v1.Pod, m *migrate.Move, home func(string) topology.SiteID) string {
	switch {
	case pod == nil:
		return "there is no such pod"
	case m.Stage:
		return "a pod cannot wait on another site"
	case pod.DeletionTimestamp != nil:
		return "it is being deleted already"
	case pod.Spec.NodeName == "":
		return "it runs nowhere"
	case home(pod.Spec.NodeName) != m.From:
		return "it is not where the plan believes it"
	case pod.Annotations[v1.MirrorPodAnnotationKey] != "":
		return "a static pod cannot be evicted"
	}
	owner := metav1.GetControllerOf(pod)
	switch {
	case owner == nil:
		return "it has no controller and would not come back"
	case owner.Kind == "DaemonSet":
		return "a DaemonSet's pod comes back on the same node"
	}
	return ""
}

// rule is a compiled budget.
type rule struct {
	name     string
	selector labels.Selector
	allowed  int32
	stale    bool // its status does not speak of its spec
}

type rules map[string][]rule // by namespace

func compile(budgets []policyv1.PodDisruptionBudget) (rules, error) {
	out := rules{}
	for i := range budgets {
		b := &budgets[i]
		s, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		if err != nil {
			return nil, fmt.Errorf("plan: PodDisruptionBudget %s/%s: spec.selector: %w", b.Namespace, b.Name, err)
		}
		out[b.Namespace] = append(out[b.Namespace], rule{b.Namespace + "/" + b.Name, s, b.Status.DisruptionsAllowed, b.Status.ObservedGeneration < b.Generation})
	}
	return out, nil
}

// of finds the budget of a pod, and why it cannot be kept.
func (r rules) of(pod *v1.Pod) (found *rule, why string) {
	list := r[pod.Namespace]
	for i := range list {
		b := &list[i]
		if !b.selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		switch {
		case found != nil:
			return nil, fmt.Sprintf("two disruption budgets select it, %s and %s", found.name, b.name)
		case b.stale:
			why = fmt.Sprintf("disruption budget %s has not been computed", b.name)
		case b.allowed <= 0:
			why = fmt.Sprintf("disruption budget %s allows no disruption now", b.name)
		}
		found = b
	}
	return found, why
}

// Object is the policy/v1 Eviction of a step, for that very pod and no other of its name.
func (s *Step) Object(dryRun bool) *policyv1.Eviction {
	uid := s.UID
	e := &policyv1.Eviction{
		TypeMeta:      metav1.TypeMeta{APIVersion: "policy/v1", Kind: "Eviction"},
		ObjectMeta:    metav1.ObjectMeta{Name: s.Pod, Namespace: s.Namespace},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}},
	}
	if dryRun {
		e.DeleteOptions.DryRun = []string{metav1.DryRunAll}
	}
	return e
}

// Print writes the evictions for people.
func (e *Evictions) Print(w io.Writer) error {
	var b strings.Builder
	wave := 0
	for i := range e.Steps {
		s := &e.Steps[i]
		if s.Wave != wave {
			wave = s.Wave
			fmt.Fprintf(&b, "wave %d\n", wave)
		}
		fmt.Fprintf(&b, "  %d  evict %s/%s from %s, expected at %s", s.Move, s.Namespace, s.Pod, s.From, s.Expected)
		if len(s.After) > 0 {
			fmt.Fprintf(&b, ", after %s", strings.Trim(fmt.Sprint(s.After), "[]"))
		}
		if s.Budget != "" {
			fmt.Fprintf(&b, ", within %s", s.Budget)
		}
		b.WriteByte('\n')
	}
	for _, r := range e.Refused {
		fmt.Fprintf(&b, "not %d  %s: %s\n", r.Move, r.Workload, r.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
