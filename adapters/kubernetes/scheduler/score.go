package scheduler

import (
	"context"

	v1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// PreScore rates all nodes that are left in one question.
func (p *Plugin) PreScore(ctx context.Context, state fwk.CycleState, pod *v1.Pod, nodes []fwk.NodeInfo) *fwk.Status {
	v, ok := read(state)
	if !ok {
		return fwk.NewStatus(fwk.Error, "domicile: there is no verdict in this cycle")
	}
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Node().Name
	}
	scores, err := p.cluster.Score(ctx, pod, names)
	if err != nil {
		return fwk.AsStatus(err)
	}
	if len(scores) != len(names) {
		return fwk.NewStatus(fwk.Error, "domicile: not every node has a score")
	}
	rated := *v
	rated.scores = make(map[string]int64, len(names))
	for i, name := range names {
		rated.scores[name] = min(max(scores[i], fwk.MinScore), fwk.MaxScore)
	}
	state.Write(stateKey, &rated)
	return nil
}

// Score returns what PreScore found.
func (p *Plugin) Score(_ context.Context, state fwk.CycleState, _ *v1.Pod, n fwk.NodeInfo) (int64, *fwk.Status) {
	v, ok := read(state)
	if !ok {
		return 0, fwk.NewStatus(fwk.Error, "domicile: there is no verdict in this cycle")
	}
	return v.scores[n.Node().Name], nil
}

// ScoreExtensions has none: scores are on Kubernetes' scale already.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }
