package scheduler

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// counted says how many nodes each reason refuses, most first, in the words kube-scheduler uses for its own: "12 policy: ...".
func counted(why map[string]string) []string {
	n := map[string]int{}
	for _, reason := range why {
		n[reason]++
	}
	reasons := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	out := make([]string, len(reasons))
	for i, r := range reasons {
		out[i] = fmt.Sprintf("%d %s", n[r], r)
	}
	return out
}
