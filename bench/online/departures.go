package online

import "github.com/domicile-eu/domicile/placement"

// departure is when a workload leaves.
type departure struct {
	at int64
	id placement.WorkloadID
}

// departures is a heap with the next one in front. It is written out because container/heap would allocate for each.
type departures []departure

func (d departures) less(a, b int) bool {
	return d[a].at < d[b].at || d[a].at == d[b].at && d[a].id < d[b].id
}

func (d *departures) push(x departure) {
	*d = append(*d, x)
	h := *d
	for k := len(h) - 1; k > 0 && h.less(k, (k-1)/2); k = (k - 1) / 2 {
		h[k], h[(k-1)/2] = h[(k-1)/2], h[k]
	}
}

func (d *departures) pop() departure {
	h := *d
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*d = h
	for k := 0; ; {
		least := k
		for _, child := range []int{2*k + 1, 2*k + 2} {
			if child < len(h) && h.less(child, least) {
				least = child
			}
		}
		if least == k {
			return first
		}
		h[k], h[least] = h[least], h[k]
		k = least
	}
}
