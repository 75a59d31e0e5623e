package scheduler

import (
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// stateKey is where a cycle's verdict lies in its CycleState.
const stateKey fwk.StateKey = Name

// verdict is what one cycle decided about its pod. Only freed differs between clones of it.
type verdict struct {
	// narrow holds the candidates where those are few; nil: all nodes were judged.
	narrow map[string]bool
	// all is the judgement of all nodes where narrow is nil.
	hard, soft map[string]string
	// freed are nodes that preemption has, in its mind, taken pods from: room is for Kubernetes to count there.
	freed map[string]bool
	// scores are those of the nodes that were left after filtering.
	scores map[string]int64
}

// Clone is for preemption, which tries what it would be like without some pods.
func (v *verdict) Clone() fwk.StateData {
	c := *v
	c.freed = make(map[string]bool, len(v.freed)+1)
	for n := range v.freed {
		c.freed[n] = true
	}
	return &c
}

func wide(f *kubernetes.Filtered) *verdict { return &verdict{hard: f.Hard, soft: f.Soft} }

func read(state fwk.CycleState) (*verdict, bool) {
	d, err := state.Read(stateKey)
	if err != nil {
		return nil, false
	}
	v, ok := d.(*verdict)
	return v, ok
}
