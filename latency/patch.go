package latency

import (
	"cmp"
	"slices"
)

// ways are the last steps to all nodes. Versions of a graph share those that did not change; what did is patched.
type ways struct {
	steps   []step
	patches []patch // in order of node
}

type patch struct {
	node int32
	step step
}

// at returns the step to a node.
func (w *ways) at(node int32) step {
	if len(w.patches) > 0 {
		if i, ok := slices.BinarySearchFunc(w.patches, node, comparePatch); ok {
			return w.patches[i].step
		}
	}
	return w.steps[node]
}

func comparePatch(p patch, node int32) int { return cmp.Compare(p.node, node) }

// with returns the ways with steps replaced, by patches in order of node. Where there are many of them, looking them up
// would cost more than a copy of all steps.
func (w *ways) with(patches []patch) ways {
	if len(patches) == 0 {
		return *w
	}
	const most = 32 // nodes a patch
	if merged := len(w.patches) + len(patches); merged > len(w.steps)/most {
		all := slices.Clone(w.steps)
		for _, list := range [...][]patch{w.patches, patches} {
			for _, p := range list {
				all[p.node] = p.step
			}
		}
		return ways{steps: all}
	}
	merged := make([]patch, 0, len(w.patches)+len(patches))
	old := w.patches
	for _, p := range patches {
		i, found := slices.BinarySearchFunc(old, p.node, comparePatch)
		merged = append(append(merged, old[:i]...), p)
		if found {
			i++
		}
		old = old[i:]
	}
	return ways{steps: w.steps, patches: append(merged, old...)}
}
